"""Numbers as other countries write them, turned into what every type knows.

Only types of numbers see the texts after `plain_numbers`; a column that turns out to be text
keeps them as they were written.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factory.ports import ColumnType
from factory.spec.model import FormatSpec

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERS: frozenset[ColumnType] = frozenset({"INT64", "FLOAT64", "NUMERIC"})
_SPACES = " \u00a0\u202f"  # programs write one for the other
_NO_NUMBER = "?"  # behind a text, keeps every type of numbers off it


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The marks before the decimals and, if there is one, between thousands."""

    decimal: str
    thousands: str | None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Sign, whole part in its groups, decimals, exponent."""
        groups = ""
        if self.thousands is not None:
            marks = _SPACES if self.thousands in _SPACES else self.thousands
            groups = rf"\d{{1,3}}(?:[{re.escape(marks)}]\d{{3}})+|"
        return re.compile(
            rf"([-+]?)({groups}\d+)?(?:{re.escape(self.decimal)}(\d+))?([eE][-+]?\d+)?"
        )


def style(form: FormatSpec) -> NumberStyle | None:
    """The style that the spec asks for; None for the plain one."""
    plain = form.decimal == "." and form.thousands is None
    return None if plain else NumberStyle(form.decimal, form.thousands)


def plain_number(text: str, written: NumberStyle) -> str:
    """`1.234,5` as `1234.5`, without spaces around; what is no number so becomes none in any."""
    found = written.pattern.fullmatch(text.strip(" "))
    if found is None or not (found[2] or found[3]):
        return text + _NO_NUMBER
    whole = re.sub(r"\D", "", found[2] or "")
    decimals = f".{found[3]}" if found[3] else ""
    return f"{found[1]}{whole}{decimals}{found[4] or ''}"


def plain_numbers(texts: "pa.Array", written: NumberStyle) -> "pa.Array":
    """The same for an array; each distinct text is looked at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    distinct = texts.unique()
    plain = [None if t is None else plain_number(t, written) for t in distinct.to_pylist()]
    return pa.array(plain, pa.string()).take(pc.index_in(texts, distinct))
