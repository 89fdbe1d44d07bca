"""Rows that somebody wrote with a space behind every separator, among others without."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.quoting import in_order, readings, spans

if TYPE_CHECKING:
    import pyarrow as pa

_LEAST = 3  # columns: one space alone may belong to a text
_FEW = 10  # one in so many


def is_spaced(fields: Sequence[str]) -> bool:
    """Whether all values but the first begin with a space."""
    return len(fields) > 1 and all(field.startswith(" ") for field in fields[1:])


def are_telling(rows: Sequence[Sequence[str]], dialect: Dialect) -> bool:
    """Whether such spaces are no part of the values, as hardly any of the rows has them."""
    if dialect.trim or not dialect.delimiter.strip() or len(rows[0]) < _LEAST:
        return False
    spaced = sum(map(is_spaced, rows))
    return _FEW * spaced < len(rows) or spaced == 1 < len(rows) - 1


def without_spaces(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """The values of such a row, if it has `width` of them once the spaces are away."""
    if f"{dialect.delimiter} " not in text:
        return None
    trimmed = replace(dialect, trim=True)
    if dialect.trim or not in_order(text, trimmed):
        return None
    fields = next(readings(text, trimmed))
    places = [(start, end) for _, start, end in spans(text, trimmed)]
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(places)]
    spaced = all(gap.endswith(" ") for gap in gaps)
    return fields if spaced and len(fields) == width else None


def has_spaced_row(columns: "Sequence[pa.Array]") -> bool:
    """Whether there is such a row in some columns of a block."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if len(columns) < _LEAST or not all(pa.types.is_string(each.type) for each in columns[1:]):
        return False
    spaced = None
    for column in columns[1:]:
        found = pc.starts_with(column, " ")
        spaced = found if spaced is None else pc.and_(spaced, found)
        if not pc.any(spaced).as_py():
            return False
    return bool(len(columns[0]))
