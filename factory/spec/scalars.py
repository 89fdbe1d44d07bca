"""How a plain YAML scalar is read, and whether readers of YAML 1.1 and 1.2 agree on it."""

import re
from functools import lru_cache

from factory.spec.nodes import Value

_LONGEST_NUMBER = 40  # digits; longer ones are text, int() of thousands of digits is slow
_BEGINS_NUMBER = frozenset("0123456789+-.")

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"([-+]?\.(inf|Inf|INF))|\.(nan|NaN|NAN)")
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}

# YAML 1.1 has y and n, too, but no reader in use takes them so.
_OLD_BOOL = re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
_OLD_INT = re.compile(r"[-+]?(0b[01_]+|0[0-7_]+|(0|[1-9][0-9_]*)|0x[0-9a-fA-F_]+)")
_OLD_FLOAT = re.compile(
    r"[-+]?([0-9][0-9_]*)\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?"
)
_OLD_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_OLD_TIME = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?"
    r"([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)?"
)


def read_plain(text: str) -> tuple[Value, str | None]:
    """The reading by YAML 1.2, and in words that by YAML 1.1 (None: the two agree)."""
    if len(text) > _LONGEST_NUMBER:
        return text, None
    return _read_short(text)


@lru_cache(maxsize=10_000)  # the files of a project say the same few words
def _read_short(text: str) -> tuple[Value, str | None]:
    value = _core(text)
    return value, _difference(text, value)


def _core(text: str) -> Value:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] not in _BEGINS_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.lower().replace(".", "", 1))
    return text


def _difference(text: str, value: Value) -> str | None:
    """What a reader of YAML 1.1 makes of `text`, where it is not `value`."""
    if _OLD_BOOL.fullmatch(text):
        return "true" if text.lower() in {"yes", "on"} else "false"
    if text in {"=", "<<"}:
        return "a special key"
    if text[:1] not in _BEGINS_NUMBER:
        return None
    if _OLD_SEXAGESIMAL.fullmatch(text):
        return f"the number {_base_60(text)}"
    if _OLD_TIME.fullmatch(text):
        return "a date"
    return _number_difference(text, value)


def _number_difference(text: str, value: Value) -> str | None:
    if _OLD_INT.fullmatch(text):
        old = _old_int(text)
        return None if old == value else f"the number {old}"
    if _OLD_FLOAT.fullmatch(text):
        return None if isinstance(value, float) else f"the number {text.replace('_', '')}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if _SPECIAL_FLOAT.fullmatch(text) else "text"
    return None


def _old_int(text: str) -> int:
    digits = text.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits.startswith(("0b", "0x")):
        return sign * int(digits, 0) if len(digits) > 2 else 0
    return sign * int(digits, 8 if digits.startswith("0") else 10)


def _base_60(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    total = 0.0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        total = total * 60 + float(part or 0)
    return f"{sign}{total:g}" if total % 1 else f"{sign}{int(total)}"
