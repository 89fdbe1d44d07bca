"""The first rows of a text file, from which is learned what its columns look like."""

from collections.abc import Sequence
from typing import Final

from factory.ingest.reading.text.detecting import fields_of
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import are_names
from factory.ingest.reading.text.quoting import readings

HEAD: Final = 400  # lines
_A_TABLE: Final = 8  # rows
_MOST: Final = 0.9  # of the rows


def regular_rows(
    lines: Sequence[str], dialect: Dialect, width: int
) -> tuple[list[list[str]], bool]:
    """The rows that have `width` values, and whether nearly all end in a separator."""
    found = list(fields_of(_first_table(lines, dialect, width), dialect))
    ended = sum(len(row) == width + 1 and not row[-1] for row in found) > _MOST * len(found)
    rows = [without_end(row, width) for row in found] if ended else found
    return [row for row in rows if len(row) == width] or [[""] * width], ended


def _first_table(lines: Sequence[str], dialect: Dialect, width: int) -> Sequence[str]:
    """The lines down to a blank one below which words stand, as the names of other columns do."""
    for at in range(_A_TABLE, len(lines) - 1):
        if not lines[at].strip() and lines[at + 1].strip():
            below = next(readings(lines[at + 1].rstrip("\r\n"), dialect))
            if len(below) == width and are_names(below):
                return lines[:at]
    return lines


def without_end(fields: list[str], width: int) -> list[str]:
    """The values of a row, at whose end a separator may stand."""
    return fields[:width] if len(fields) == width + 1 and not fields[-1] else fields
