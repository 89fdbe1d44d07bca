"""bad-duration, bad-size, bad-share, bad-name, bad-owner, bad-tag: text of another form."""

import re
from collections.abc import Iterator

from factory.spec.nodes import MapNode, ScalarNode
from factory.spec.problems import Problem
from factory.spec.rules.wrong_type import FORMS
from factory.spec.validation import Misfit

_UNITS = {
    "seconds": "s", "second": "s", "secs": "s", "sec": "s", "minutes": "m", "minute": "m",
    "mins": "m", "min": "m", "hours": "h", "hour": "h", "hrs": "h", "hr": "h", "days": "d",
    "day": "d", "k": "KB", "m": "MB", "g": "GB", "t": "TB", "kb": "KB", "mb": "MB", "gb": "GB",
    "tb": "TB", "": "",
}  # fmt: skip
_NUMBER = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([A-Za-z]*)")


def problems(misfit: Misfit) -> Iterator[Problem]:
    """The problem, with a text of the right form where one can be guessed."""
    code = str(misfit.part.get("x-code", "bad-value"))
    if isinstance(misfit.node, MapNode):
        return
    value = misfit.node.value if isinstance(misfit.node, ScalarNode) else None
    if not isinstance(value, str) or "${" in value:
        return
    fixed = _fixed(code, value)
    message = f'{misfit.section} must be {FORMS.get(code, "of another form")}, got "{value}"'
    help_text = f"write {misfit.section}: {fixed}" if fixed else None
    yield Problem(code, message, misfit.node.mark, "", help=help_text)


def bad_keys(misfit: Misfit) -> Iterator[Problem]:
    """Keys of a free mapping (tags, targets) that are not of the form that keys have there."""
    pattern = re.compile(misfit.wanted["pattern"])
    code = str(misfit.wanted["x-code"])
    for entry in misfit.node.entries if isinstance(misfit.node, MapNode) else ():
        if not pattern.search(entry.name):
            message = f'a key of {misfit.section} must be {FORMS[code]}, got "{entry.name}"'
            yield Problem(code, message, entry.key.mark)


def legal_name(text: str) -> str:
    """`text` as a name of letters, digits and _."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")


def _fixed(code: str, value: str) -> str | None:
    if code == "bad-name":
        return legal_name(value) or None
    match = _NUMBER.fullmatch(value.strip())
    if match is None or code not in {"bad-duration", "bad-size", "bad-share"}:
        return None
    if code == "bad-share":
        return f"{match[1]}%"
    unit = _UNITS.get(match[2].lower(), "")
    is_size = unit.endswith("B")
    return f"{match[1]}{unit}" if unit and is_size == (code == "bad-size") else None
