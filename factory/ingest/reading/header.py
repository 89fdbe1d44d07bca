"""Where the rows of a text file begin, and what its columns are called."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from factory.errors import Permanent
from factory.ingest.reading.dialect import Dialect, Record, read_records, usual
from factory.spec.model import FormatSpec

_LOOKED_AT = 200  # records
_VALUE = re.compile(
    r"[-+]?[0-9.,]*[0-9][0-9.,]*%?([eE][-+]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"
)
_YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d")


@dataclass(frozen=True, slots=True)
class Start:
    """The names, and how much of the text stands before the first row."""

    names: tuple[str, ...]
    characters: int
    lines: int
    notes: tuple[str, ...]


def find_start(
    text: str, dialect: Dialect, asked: FormatSpec, wanted: Sequence[str], *, whole: bool
) -> Start:
    """The start of the rows in `text`, the head of a file (`whole` if it is all of it).

    `wanted` are the names that the contract expects: a first row that has one is a header.
    """
    records = _records(text, dialect, whole=whole)
    first, notes = _first(records, asked)
    before = records[first - 1] if first else Record([], 0, 0)
    rest = [record for record in records[first:] if record.fields]
    if not rest:
        raise Permanent("the file has no rows and no header")
    named = asked.header if asked.header is not None else _is_header(rest, wanted)
    if not named:
        notes = (*notes, "no header: columns are named by position")
        return Start(_positions(rest[0], wanted), before.end, before.end_line, notes)
    header = rest[0]
    names, more = _names(header.fields, rest[1].fields if len(rest) > 1 else header.fields)
    return Start(names, header.end, header.end_line, (*notes, *more))


def _records(text: str, dialect: Dialect, *, whole: bool) -> list[Record]:
    """The first records; one that the end of the head may have cut is left out."""
    records: list[Record] = []
    try:
        for record in read_records(text, dialect):
            records.append(record)
            if len(records) > _LOOKED_AT:
                return records
    except csv.Error as exc:
        if not records:
            raise Permanent(f"the file cannot be read as text with {dialect}: {exc}") from exc
    return records if whole or len(records) < 2 else records[:-1]


def _first(records: list[Record], asked: FormatSpec) -> tuple[int, tuple[str, ...]]:
    """The index of the first record that counts: after what was asked to skip, or a preamble."""
    if asked.skip_rows is not None:
        past = [i for i, record in enumerate(records) if record.end_line > asked.skip_rows]
        return (past[0] if past else len(records)), ()
    filled = [i for i, record in enumerate(records) if record.fields]
    width = usual([len(records[i].fields) for i in filled])
    full = next((i for i in filled if len(records[i].fields) >= width), 0)
    narrow = [i for i in filled if i < full and 2 * len(records[i].fields) > width]
    if not full or width < 3 or narrow:
        return (filled[0] if filled else 0), ()
    lines = records[full - 1].end_line
    return full, (f"{lines} lines above the header were skipped",) if lines else ()


def _is_header(rest: list[Record], wanted: Sequence[str]) -> bool:
    cells = [cell.strip() for cell in rest[0].fields]
    if {cell.lower() for cell in cells} & {name.strip().lower() for name in wanted}:
        return True
    if any(_names_values(column, cell, rest[1:]) for column, cell in enumerate(cells)):
        return True
    filled = [cell for cell in cells if cell]
    values = [cell for cell in filled if _VALUE.fullmatch(cell)]
    if len(values) == len(filled) or len(set(filled)) < len(filled):
        return False
    return all(_YEAR.fullmatch(cell) for cell in values)


def _names_values(column: int, cell: str, rows: list[Record]) -> bool:
    """A word stands above nothing but values."""
    if not cell or _VALUE.fullmatch(cell):
        return False
    below = [row.fields[column] for row in rows if column < len(row.fields)]
    filled = [value.strip() for value in below if value.strip()]
    return bool(filled) and all(_VALUE.fullmatch(value) for value in filled)


def _positions(row: Record, wanted: Sequence[str]) -> tuple[str, ...]:
    """The contract names the columns if it has as many."""
    if len(wanted) == len(row.fields):
        return tuple(wanted)
    return tuple(f"column_{number}" for number in range(1, len(row.fields) + 1))


def _names(header: list[str], row: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Three habits of real files, each by a rule that every row must then obey."""
    if len(header) > 1 and header[-1] == "" and len(row) == len(header) - 1:
        return tuple(header[:-1]), ("the separator at the end of the header was dropped",)
    if len(row) == len(header) + 1 and row[-1] == "":
        return tuple(header), ("the separator at the end of each row was dropped",)
    if len(row) == len(header) + 1:
        return ("row_name", *header), ("the first column has no name in the header: row_name",)
    return tuple(header), ()
