"""bad-duration, bad-size, bad-share, bad-name, bad-owner, bad-tag: text of another form."""

import re
from collections.abc import Iterator

from factory.spec.nodes import MapNode, ScalarNode
from factory.spec.problems import Problem
from factory.spec.rules.wrong_type import EXAMPLES, FORMS
from factory.spec.spelling import spell
from factory.spec.syntax import quoted
from factory.spec.validation import Misfit

_UNITS = {
    "seconds": "s", "second": "s", "secs": "s", "sec": "s", "s": "s", "minutes": "m",
    "minute": "m", "mins": "m", "min": "m", "hours": "h", "hour": "h", "hrs": "h", "hr": "h",
    "h": "h", "days": "d", "day": "d", "d": "d", "weeks": "w", "week": "w", "w": "w",
    "bytes": "B", "b": "B", "k": "KB", "kb": "KB", "m": "MB", "mb": "MB", "megabytes": "MB",
    "g": "GB", "gb": "GB", "gigabytes": "GB", "t": "TB", "tb": "TB",
}  # fmt: skip
_CHARACTERS = {
    "tab": '"\\t"', "\\t": '"\\t"', "comma": '","', "semicolon": '";"', "pipe": '"|"',
    "space": '" "', "colon": '":"', "double": "'\"'", "single": '"\'"',
}  # fmt: skip
LONGEST = 1024  # characters of the longest name that anything may have
_NUMBER = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([A-Za-z]*)")


def problems(misfit: Misfit) -> Iterator[Problem]:
    """The problem, with a text of the right form where one can be guessed."""
    code = str(misfit.part.get("x-code", "bad-value"))
    if isinstance(misfit.node, MapNode):
        yield from _bad_keys(misfit.node, misfit, code)
        return
    value = misfit.node.value if isinstance(misfit.node, ScalarNode) else None
    if not isinstance(value, str) or "${" in value:
        return
    fixed = _fixed(code, value)
    message = f'{misfit.section} must be {FORMS.get(code, "of another form")}, got "{value}"'
    lead = f"{misfit.section}: " if isinstance(misfit.path[-1], str) else ""
    help_text = f"write {lead}{fixed}" if fixed else None
    if help_text is None and code in EXAMPLES:
        help_text = f"for example {lead}{EXAMPLES[code]}"
    yield Problem(code, message, misfit.node.mark, "", help=help_text)


def legal_name(text: str) -> str:
    """`text` as a name of letters, digits and _; the beginning of one that is too long for any."""
    return re.sub(r"[^A-Za-z0-9]+", "_", spell(text[:LONGEST])).strip("_")


def _bad_keys(node: MapNode, misfit: Misfit, code: str) -> Iterator[Problem]:
    """Keys of a free mapping (tags, targets) that are not of the form that keys have there."""
    for entry in node.entries:
        if not re.search(misfit.wanted, entry.name):
            message = f'a key of {misfit.section} must be {FORMS[code]}, got "{entry.name}"'
            fixed = _fixed(code, entry.name)
            help_text = f"write {fixed}" if fixed and node.entry(fixed) is None else None
            yield Problem(code, message, entry.key.mark, help=help_text)


def _owner(value: str) -> str | None:
    """A name alone is that of a team, also behind the sign of a mention."""
    bare = value.removeprefix("@")
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", bare.removeprefix("team") or bare).strip("-_.")
    return f"team:{name}" if name and "@" not in bare else None


def _fixed(code: str, value: str) -> str | None:
    if code == "bad-name":
        return legal_name(value) or None
    if code == "bad-tag":
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", value).strip("-")[:63] or None
    if code == "bad-owner":
        return _owner(value)
    if code == "bad-delimiter":
        return _CHARACTERS.get(value.strip().lower()) or quoted(value[:1] or ",")
    match = _NUMBER.fullmatch(value.strip())
    if match is None:
        return None
    number, unit = match[1], _UNITS.get(match[2].lower(), "")
    if code == "bad-share":
        return f"{float(number) * 100:g}%" if float(number) <= 1 else f"{number}%"
    if unit == "w":
        number, unit = f"{float(number) * 7:g}", "d"
    fits = {"bad-duration": unit in {"s", "m", "h", "d"}, "bad-size": unit.endswith("B")}
    return f"{number}{unit}" if fits.get(code) else None
