"""The first rows of a text file, from which is learned what its columns look like."""

from collections.abc import Sequence
from typing import Final

from factory.ingest.reading.text.detecting import fields_of
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import are_names, begin_with_names
from factory.ingest.reading.text.quoting import readings

HEAD: Final = 400  # lines
_A_TABLE: Final = 8  # rows
_LEAST: Final = 2  # of them, above names that stand above values
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
    for at in range(_LEAST, len(lines) - 1):
        if not lines[at].strip() and lines[at + 1].strip():
            ahead = lines[at + 1 : at + 1 + _A_TABLE]
            below = [next(readings(line.rstrip("\r\n"), dialect)) for line in ahead]
            rows = [row for row in below if len(row) == width]
            if (
                rows[:1] == below[:1]
                and are_names(rows[0])
                and (at >= _A_TABLE or begin_with_names(rows))
            ):
                return lines[:at]
    return lines


def without_end(fields: list[str], width: int) -> list[str]:
    """The values of a row, at whose end a separator may stand."""
    return fields[:width] if len(fields) == width + 1 and not fields[-1] else fields
