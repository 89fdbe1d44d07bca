"""Values that come with a kind of their own (JSON, Excel): what types they allow, as which text.

A text stays a text, even if it looks like a number: the publisher has said so. Texts that are
dates throughout become dates.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from factory.ports import ColumnType

Kind = Literal["bool", "number", "text", "nested", "date", "datetime", "time"]
Form = Literal["plain", "json", "moment"]
_LADDERS: dict[frozenset[Kind], tuple[ColumnType, ...]] = {
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


class KindLog:
    """The names in the order in which they appear, and the kinds of value seen under each."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[Kind]] = {}

    def add(self, record: Mapping[str, object]) -> None:
        """Note the kinds of a record's values."""
        for name, value in record.items():
            kinds = self._kinds.setdefault(name, set())
            if value is not None:
                kinds.add(_kind(value))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that any record has."""
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


def as_text(value: object, form: Form) -> str | None:
    """`value` as text that its type can be read from again."""
    if value is None:
        return None
    if form == "json":
        return dump(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00" if form == "moment" else value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def dump(value: object) -> str:
    """`value` as JSON, its numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _kind(value: object) -> Kind:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Number | int | float):
        return "number"
    if isinstance(value, dict | list):
        return "nested"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, date):
        return "date"
    return "time" if isinstance(value, time | timedelta) else "text"
