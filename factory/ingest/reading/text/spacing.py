"""Rows that somebody wrote with a space behind every separator, among others without."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import shape
from factory.ingest.reading.text.quoting import in_order, readings, spans

if TYPE_CHECKING:
    import pyarrow as pa

SEVERAL_WORDS = re.compile(r"[^\W\d_]{2,}.*\s.*[^\W\d_]{2,}")
_LEAST = 3  # columns: one space alone may belong to a text
_FEW = 10  # one in so many


def is_spaced(fields: Sequence[str]) -> bool:
    """Whether all values but the first begin with a space."""
    return len(fields) > 1 and all(field.startswith(" ") for field in fields[1:])


def is_prose(fields: Sequence[str]) -> bool:
    """Whether they are a sentence with commas: several words, and a space behind each of these."""
    return (
        is_spaced(fields)
        and shape(fields[0]) == "text"
        and SEVERAL_WORDS.search(fields[0]) is not None
    )


def are_telling(rows: Sequence[Sequence[str]], dialect: Dialect) -> bool:
    """Whether such spaces are no part of the values, as hardly any of the rows has them."""
    if dialect.trim or not dialect.delimiter.strip() or len(rows[0]) < _LEAST:
        return False
    spaced = sum(map(is_spaced, rows))
    return _FEW * spaced < len(rows) or spaced == 1 < len(rows) - 1


def without_spaces(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """The values of such a row, if it has `width` of them once the spaces are away."""
    separator = f"{dialect.delimiter} "
    if separator not in text or dialect.trim:
        return None
    if _are_bare(text, dialect) and text.count(separator) == width - 1:
        return text.split(separator)
    trimmed = replace(dialect, trim=True)
    if not in_order(text, trimmed):
        return None
    fields = next(readings(text, trimmed))
    places = [(start, end) for _, start, end in spans(text, trimmed)]
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(places)]
    spaced = all(gap.endswith(" ") for gap in gaps)
    return fields if spaced and len(fields) == width else None


def _are_bare(text: str, dialect: Dialect) -> bool:
    """Whether nothing is quoted, and separators without a space stand within numbers alone."""
    mark = re.escape(dialect.delimiter)
    tight = re.search(rf"(?<!\d){mark}(?! )|{mark}(?![ \d])", text)
    return tight is None and (dialect.quote or "\0") not in text


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
