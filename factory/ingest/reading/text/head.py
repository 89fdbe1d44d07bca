"""The first records of a text file, and which of them are its first table."""

import io
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from factory.ingest.reading.text.describing import is_described
from factory.ingest.reading.text.detecting import goes_beyond, is_comment, usual
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import begin_with_names
from factory.ingest.reading.text.quoting import best_reading
from factory.ingest.reading.text.records import Record, Records
from factory.spec.model import FormatSpec

_LOOKED_AT = 300  # records below the comments at the top
_A_TABLE = 8  # rows that are one, whatever stands below


@dataclass(slots=True)
class Row:
    """A record of the head. `comment`: it begins with the comment mark."""

    fields: list[str]
    end: int  # in characters
    end_line: int
    lines: Sequence[str] = ()
    comment: bool = False
    filled: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.filled = [cell.strip() for cell in self.fields if cell.strip()]

    @property
    def blank(self) -> bool:
        return not self.filled


def first_table(rows: list[Row]) -> tuple[list[Row], int]:
    """The records down to the end of the first table, and its width.

    A table is as wide as most rows, as a first one that is hardly shorter than others, or as
    one at the end that has a description above it.
    """
    gap = next((n for n in range(len(rows) - 1, -1, -1) if _parts(rows, n)), 0)
    above, below = (
        [row.fields for row in some if not row.blank and not row.comment]
        for some in (rows[:gap], rows[gap:])
    )
    if is_described(above, below):
        return rows, len(below[0])
    filled = [n for n, row in enumerate(rows) if not row.blank and not row.comment]
    widths = [len(rows[n].fields) for n in filled]
    width = usual(widths)
    alike = next((n for n, each in enumerate(widths) if each != widths[0]), len(widths))
    first = [[cell.strip() for cell in rows[n].fields] for n in filled[:alike]]
    long = 2 * alike >= widths.count(width) and (alike >= _A_TABLE or begin_with_names(first))
    pairs = widths[:1] == [2] and (alike < _A_TABLE or not begin_with_names(first))
    if alike == len(widths) or not long or pairs or widths[0] in (1, width):
        return rows, width
    return rows[: filled[alike]], widths[0]


def _parts(rows: list[Row], at: int) -> bool:
    """Whether a row is blank and has others below it."""
    return rows[at].blank and at + 1 < len(rows) and not rows[at + 1].blank


def head_rows(text: str, dialect: Dialect, asked: FormatSpec, *, whole: bool) -> list[Row]:
    """The first records; one that the end of the head may have cut is left out."""
    rows, sound = _read(text, dialect, asked, whole=whole, widths=())
    seen = Counter(len(row.fields) for row in rows if not row.comment)
    widths = {width for width, times in seen.items() if 2 * times >= max(seen.values())}
    if not sound and any(len(row.fields) not in widths and len(row.lines) > 1 for row in rows):
        rows, _ = _read(text, dialect, asked, whole=whole, widths=widths)
    return rows


def _read(
    text: str, dialect: Dialect, asked: FormatSpec, *, whole: bool, widths: Collection[int]
) -> tuple[list[Row], bool]:
    """The first records, and whether all are in order and equally wide.

    With `widths`, a record over several lines is believed only if it has one of them.
    """
    records = Records(io.StringIO(text, newline=""), dialect)
    rows: list[Row] = []
    end = counted = 0
    sound = True
    for record in records:
        fields, lines = record.fields, record.lines
        if record.broken and goes_beyond(record, not whole, dialect):
            return rows, sound
        if record.broken or (widths and len(lines) > 1 and len(fields) not in widths):
            sound = False
            fields, lines = _tolerantly(record, dialect, usual([len(r.fields) for r in rows]))
            records.give_back(record.lines[len(lines) :])
        end += sum(map(len, lines))
        rows.append(Row(fields, end, records.line, lines, is_comment(lines[0], asked)))
        counted += counted > 0 or not (rows[-1].comment or rows[-1].blank)
        if counted == _LOOKED_AT:
            break
    rows = rows if whole or len(rows) < 2 else rows[:-1]
    return rows, sound and len({len(row.fields) for row in rows if row.fields}) <= 1


def _tolerantly(record: Record, dialect: Dialect, width: int) -> tuple[list[str], Sequence[str]]:
    return best_reading(record.lines[0].rstrip("\r\n"), dialect, width), record.lines[:1]
