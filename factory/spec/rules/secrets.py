"""plain-secret: something in the file that looks like a secret.

The problem points at just the secret, so that the report can mask it wherever it is shown.
"""

import re
from collections.abc import Iterator
from itertools import islice

from factory.spec.document import Document
from factory.spec.nodes import ScalarNode, items_at, scalars, text_at
from factory.spec.problems import Problem

_PATTERNS = (
    ("a password in an address", re.compile(r"://[^\s/@:]*:(?P<secret>[^\s/@]+)@")),
    (
        "a key in an address",
        re.compile(
            r"[?&;](?:[\w.-]*(?:token|key|secret|password|passwd|signature|sig|credential))="
            r"(?P<secret>[^\s&;#]{8,})",
            re.I,
        ),
    ),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*)", re.S)),
    ("a Kaggle token", re.compile(r"(?P<secret>KGAT_[A-Za-z0-9]{8,})")),
    ("a Kaggle key", re.compile(r"(?:^|[\s\"':=])(?P<secret>[0-9a-f]{32})(?=$|[\s\"',}])")),
    ("a GitHub token", re.compile(r"(?P<secret>gh[pousr]_[A-Za-z0-9]{20,})")),
    ("an AWS key", re.compile(r"(?P<secret>(?:AKIA|ASIA)[A-Z0-9]{16})")),
    ("a Google key", re.compile(r"(?P<secret>AIza[A-Za-z0-9_-]{30,}|ya29\.[\w-]{20,})")),
    ("a Slack token", re.compile(r"(?P<secret>xox[abprs]-[A-Za-z0-9-]{10,})")),
    (
        "a Slack webhook",
        re.compile(r"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9]+/[A-Za-z0-9]+/\w+)"),
    ),
    (
        "a web token",
        re.compile(r"(?<![\w-])(?P<secret>eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,})"),
    ),
)  # fmt: skip
_MOST = 20  # problems of one value; what shows it masks the others by their pattern
_TOKEN_IN_ALERT = re.compile(r"(?<=[/:@])(?P<secret>(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{12,})")


def problems(document: Document) -> Iterator[Problem]:
    """One problem for each secret; a variable in its place is none."""
    values = scalars(document.typed)
    if holds_secret("\n".join(str(node.value) for node in values)):
        for node in values:
            yield from _in_text(node)
    for alert in items_at(document.typed, "alerts"):
        to = text_at(alert, "to")
        if to is not None and not list(_in_text(to)):
            match = _TOKEN_IN_ALERT.search(str(to.value))
            if match and "://" in str(to.value) and "${" not in str(to.value):
                yield _problem(to, match, "a token in an address")


def secret_in(text: str) -> tuple[int, int] | None:
    """Where in `text` a secret begins and ends; None if there is none to see."""
    for _, pattern in _PATTERNS:
        match = pattern.search(text)
        if match and "${" not in match["secret"]:
            return match.span("secret")
    return None


def holds_secret(lines: str) -> bool:
    """Whether one of many texts, one a line, may hold a secret: as a rule none does, and that is
    soon seen of all in a row. What a pattern finds in one of them, it finds in the row."""
    return any(pattern.search(lines) for _, pattern in _PATTERNS)


def _in_text(node: ScalarNode) -> Iterator[Problem]:
    text = node.value
    if not isinstance(text, str) or len(text) < 8:
        return
    for what, pattern in _PATTERNS:
        found = (m for m in pattern.finditer(text) if "${" not in m["secret"])
        matches = list(islice(found, _MOST))
        for match in matches:
            yield _problem(node, match, what)
        if matches:
            return


def mask_patterns(text: str) -> str:
    """`text` with `***` in the place of all that looks like a secret."""
    for _, pattern in _PATTERNS:
        text = pattern.sub(_masked, text)
    return text


def _masked(match: re.Match[str]) -> str:
    if "${" in match["secret"]:
        return match[0]
    start, end = match.span("secret")
    return f"{match[0][: start - match.start()]}***{match[0][end - match.start() :]}"


def _problem(node: ScalarNode, match: re.Match[str], what: str) -> Problem:
    return Problem(
        "plain-secret",
        f"this looks like {what}",
        node.part(match.start("secret"), match.end("secret")),
        "a secret does not belong in a file",
        notes=("put it into an environment variable, and name that here: ${MY_SECRET}",),
    )
