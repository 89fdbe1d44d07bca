"""Values that come with a kind of their own (JSON, Excel): what types they allow, as which text.

A text stays a text, even if it looks like a number: the publisher has said so. Texts that are
dates throughout become dates.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Literal, cast

from factory.ingest.reading.rows import TEXT_LADDER
from factory.ports import ColumnType

Kind = Literal["bool", "number", "text", "nested", "date", "datetime", "time"]
Form = Literal["plain", "json", "moment"]
Record = dict[str, object]
_LONGEST_WHOLE = 20  # characters of a number of INT64 or UINT64
_NO_DIGIT = re.compile(r"[eE].*|[-+.]")
_LADDERS: dict[frozenset[Kind], tuple[ColumnType, ...]] = {
    frozenset(): (*TEXT_LADDER[:-1], "JSON", "STRING"),  # whatever other files have there
    frozenset({"bool"}): ("BOOL", "STRING"),
    frozenset({"number"}): ("INT64", "FLOAT64", "NUMERIC", "STRING"),
    frozenset({"text"}): ("DATE", "DATETIME", "TIMESTAMP", "STRING"),
    frozenset({"date"}): ("DATE", "STRING"),
    frozenset({"datetime"}): ("DATETIME", "STRING"),
    frozenset({"date", "datetime"}): ("DATETIME", "STRING"),
}


class Number(str):
    """A number as it was written, so that no digit is lost."""

    __slots__ = ()


_Part = str | dict[str, object] | list[object]  # of JSON: a text of it, or an object or list
_quoted = json.JSONEncoder(ensure_ascii=False).encode
_KINDS: tuple[tuple[type, Kind], ...] = (  # the first that holds: a bool is an int, too
    (bool, "bool"), (Number, "number"), (int, "number"), (float, "number"), (dict, "nested"),
    (list, "nested"), (datetime, "datetime"), (date, "date"), (time, "time"),
    (timedelta, "time"), (object, "text"),
)  # fmt: skip


class KindLog:
    """The names in the order in which they appear, and the kinds of value seen under each."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[Kind]] = {}

    def add(self, name: str, values: Sequence[object]) -> None:
        """Note the kinds of some values of a column."""
        kinds = self._kinds.setdefault(name, set())
        kinds.update(_kind(each) for each in set(map(type, values)) - {type(None)})

    def seen(self, name: str) -> bool:
        """Whether the column has any value so far."""
        return bool(self._kinds[name])

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that was added."""
        return tuple(self._kinds)

    def ladder(self, name: str) -> tuple[ColumnType, ...]:
        """The types that the column may have."""
        kinds = frozenset(self._kinds[name])
        return ("JSON",) if "nested" in kinds else _LADDERS.get(kinds, ("STRING",))

    def form(self, name: str) -> Form:
        """How the column's values are to be written."""
        kinds = self._kinds[name]
        if "nested" in kinds:
            return "json"
        return "moment" if {"date", "datetime"} <= kinds else "plain"


def as_texts(values: Sequence[object], form: Form) -> Sequence[str | None]:
    """`values` as texts that their type can be read from again."""
    if form != "json" and set(map(type, values)) <= {str, Number, type(None)}:
        return cast(Sequence[str | None], values)
    return [as_text(value, form) for value in values]


def as_text(value: object, form: Form) -> str | None:
    """`value` as text that its type can be read from again."""
    if value is None:
        return None
    if form == "json" or isinstance(value, dict | list):
        return dump(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00" if form == "moment" else value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return _clock(value) if isinstance(value, timedelta) else str(value)


def dump(value: object) -> str:
    """`value`, however deep, as JSON: numbers as written, as texts if no warehouse holds them."""
    written: list[str] = []
    waiting = _parts("", value)[::-1]  # texts, and between them what is still to be written
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            written.append(part)
        elif isinstance(part, dict):
            leads = (f"{_quoted(key)}: " for key in part)
            waiting += _listed("{", zip(leads, part.values(), strict=True), "}")
        else:
            waiting += _listed("[", (("", item) for item in part), "]")
    return "".join(written)


def _listed(opening: str, items: Iterable[tuple[str, object]], closing: str) -> list[_Part]:
    """What is to be written of an object or a list, the last part of it first."""
    parts: list[_Part] = [opening]
    comma = ""
    for lead, item in items:
        parts += _parts(comma + lead, item)
        comma = ", "
    parts.append(closing)
    parts.reverse()
    return parts


def _parts(lead: str, value: object) -> list[_Part]:
    """`value` behind `lead`: one text, unless it is an object or a list."""
    if isinstance(value, dict | list):
        return [lead, value]
    if isinstance(value, Number) or (isinstance(value, int) and not isinstance(value, bool)):
        return [f"{lead}{value}" if _is_held(str(value)) else f'{lead}"{value}"']
    return [lead + _quoted(value)]


def _is_held(number: str) -> bool:
    """Whether it is of INT64, of UINT64, or a double that has all its digits. JSON has no NaN."""
    if not number[-1].isdigit():
        return False
    if len(number) <= _LONGEST_WHOLE and number.lstrip("-").isdecimal():
        return -(2**63) <= int(number) < 2**64
    double = float(number)
    return isfinite(double) and _digits(repr(double)) == _digits(number)


def _digits(number: str) -> str:
    """The significant ones."""
    return _NO_DIGIT.sub("", number).strip("0")


def _clock(span: timedelta) -> str:
    """Hours may be more than a day has: 26:30:00."""
    seconds, rest = divmod(abs(span), timedelta(seconds=1))
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction = f".{rest.microseconds:06}" if rest else ""
    return f"{'-' if span < timedelta() else ''}{text}{fraction}"


def _kind(of: type) -> Kind:
    return next(kind for known, kind in _KINDS if issubclass(of, known))
