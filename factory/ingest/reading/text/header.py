"""Where the rows of a text file begin, and what its columns are called."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from factory.ingest.reading.rows import NoRows
from factory.ingest.reading.text.detecting import COMMENT, declared, usual
from factory.ingest.reading.text.dialect import STRONG, Dialect
from factory.ingest.reading.text.framing import bare, characters_of
from factory.ingest.reading.text.head import Row, first_table, head_rows
from factory.ingest.reading.text.mending import mend, within_quotes
from factory.ingest.reading.text.naming import names_of
from factory.ingest.reading.text.patterns import Columns, is_missing, is_value, is_year, shape
from factory.ingest.reading.text.quoting import unquoted
from factory.ingest.reading.text.rewriting import rewritten
from factory.ingest.reading.text.spacing import is_prose, is_spaced, without_spaces
from factory.spec.model import FormatSpec
from factory.spec.names import folded

_TALLEST = 4  # rows of a header
_TITLED = 3  # rows that are full, below titles that are not
_FEW = 2  # rows from which it is told that numbers are names
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MARKS = "\"'`"
_RULE = re.compile(r":?-+:?|=+")


@dataclass(frozen=True, slots=True)
class Start:
    """The names, how much of the text stands before the first row, and the header as written."""

    names: tuple[str, ...]
    characters: int
    lines: int
    notes: tuple[str, ...]
    header: str = ""


def find_start(
    text: str, dialect: Dialect, asked: FormatSpec, wanted: Sequence[str], *, whole: bool
) -> Start:
    """The start of the rows in `text`, the head of a file (`whole` if it is all of it).

    `wanted` are the names that the contract expects: a first row that has one is a header.
    """
    if dialect.frame is not None:
        inner = "".join(bare(io.StringIO(text, newline=""), dialect))
        start = find_start(inner, replace(dialect, frame=None), asked, wanted, whole=whole)
        return replace(start, characters=characters_of(text, dialect, start.lines))
    rows, width = first_table(head_rows(text, dialect, asked, whole=whole))
    _rewrite(rows, dialect, width, wanted)
    first, notes = _first(rows, width, asked, wanted)
    before = rows[first - 1] if first else Row([], 0, 0)
    rest = [row for row in rows[first:] if row.fields and not row.comment]
    if not rest:
        raise NoRows("the file has no rows and no header")
    named = asked.header
    if named is None:
        named = _is_header(rest, wanted) or _is_group_header(rest, wanted)
    if not named:
        first = _with_damaged(rows, first, width, dialect)
        before = rows[first - 1] if first else Row([], 0, 0)
        notes = (*notes, "no header: columns are named by position")
        return Start(_positions(rest, width, wanted), before.end, before.end_line, notes)
    rule = rest.pop(1) if len(rest) > 1 and _is_rule(rest[1], rest[0]) else None
    rest[0] = _mended(rest[0], rest[1:], width, dialect)
    told = asked.header is not None or _has_wanted(rest[0], wanted)
    tall = 1 if told else _height(rest, width)
    header = [[cell.replace("\0", "") for cell in row.fields] for row in rest[:tall]]
    names, more = names_of(header, [row.fields for row in rest[tall:]])
    last = rest[tall - 1]
    if rule is not None:
        last, more = (
            max(last, rule, key=lambda row: row.end),
            (*more, "a rule under the header left out"),
        )
    written = "".join(rest[0].lines).rstrip("\r\n") if tall == 1 else ""
    return Start(names, last.end, last.end_line, (*notes, *more), written)


def _with_damaged(rows: list[Row], first: int, width: int, dialect: Dialect) -> int:
    """The index of the first row, where damaged ones stand right above those that are in order."""
    columns = Columns([row.fields for row in rows[first:] if len(row.fields) == width])
    while first and columns.typed > 1 and rows[first - 1].lines:
        found = mend(rows[first - 1].lines[:1], dialect, columns)
        if found is None or columns.strangers(found.fields):
            break
        first -= 1
    return first


def _first(
    rows: list[Row], width: int, asked: FormatSpec, wanted: Sequence[str]
) -> tuple[int, tuple[str, ...]]:
    """The index of the first record that counts: after what was asked to skip, or a preamble."""
    if asked.skip_rows is not None:
        past = [i for i, row in enumerate(rows) if row.end_line > asked.skip_rows]
        return (past[0] if past else len(rows)), ()
    first = next((i for i, row in enumerate(rows) if not row.blank and not row.comment), len(rows))
    if first == len(rows):
        return _header_in_comment(rows, width, first), ()
    full = _table_start(rows, first, width, wanted)
    start = _header_in_comment(rows, width, full)
    above = [row for row in rows[:start] if not row.blank]
    if not above:
        return start, ()
    if start == 1 and declared([rows[0].lines[0]]) is not None:
        return start, ("the first line, which names the separator, is no row",)
    lines = rows[start - 1].end_line
    return start, (f"{lines} lines above the header were skipped",)


def _table_start(rows: list[Row], first: int, width: int, wanted: Sequence[str]) -> int:
    """Past what stands above the table: titles, notes, pairs of words, a small table."""
    if width < 2:
        return first
    if declared([rows[first].lines[0]]) is not None:
        first = next((i for i in range(first + 1, len(rows)) if not rows[i].blank), first)
    if len(rows[first].fields) == width:
        return _past_titles(rows, first, width, wanted)
    good = [i for i in range(first, len(rows)) if len(rows[i].fields) == width]
    body = next((i for i in good if _leads(rows, i, width)), first)
    above = [i for i in range(first, body) if not rows[i].blank and not rows[i].comment]
    start = body
    if above and above[-1] == body - 1 and not _apart(rows, above, width):
        start = above[-1]  # a header that is not quite as wide as the rows
    return _past_titles(rows, start, width, wanted)


def _rewrite(rows: list[Row], dialect: Dialect, width: int, wanted: Sequence[str]) -> None:
    """A header with another separator than the rows, or in quotes: the first line of all, or the
    last above the rows."""
    filled = [row for row in rows if not row.blank]
    wide = next((n for n, row in enumerate(filled) if len(row.fields) == width), 0)
    if width < 2 or len(filled) < max(wide + 2, 3) or not 0 < wide <= _TALLEST:
        return
    header = filled[wide - 1]
    if header.comment or (wide > 1 and header.end_line + 1 != filled[wide].end_line):
        return
    below = [row for row in filled[wide:] if len(row.fields) == width]
    line = header.lines[0].rstrip("\r\n")
    inner = within_quotes(line, dialect, Columns([["a"] * width]))
    found = [inner] if inner is not None else rewritten(line, dialect, width)
    names = [each for each in found if not any(_is_no_name(cell, dialect) for cell in each)]
    if len(names) != 1 or not below:
        return
    if not _is_header(below, wanted) or (
        not _has_wanted(below[0], wanted)
        and not Columns([row.fields for row in below]).typed
        and (inner is not None or _is_parted(line, names[0]))
    ):
        header.fields = names[0]
        header.filled = [cell.strip() for cell in names[0] if cell.strip()]


def _is_no_name(cell: str, dialect: Dialect) -> bool:
    return is_value(cell) or dialect.delimiter in cell


def _is_parted(line: str, names: list[str]) -> bool:
    """Whether a separator, with no space after it, stands between the names, as in no title."""
    mark = line.removeprefix(names[0]).partition(names[1])[0]
    spaced = " " in mark or any(name.startswith(" ") for name in names)
    return not spaced and (mark in STRONG or len(mark) > 1) and mark.join(names) == line


def _leads(rows: list[Row], index: int, width: int) -> bool:
    """Whether most of the next rows are as wide as the table."""
    ahead = [row for row in rows[index : index + 12] if not row.blank and not row.comment]
    return sum(len(row.fields) == width for row in ahead) >= 0.6 * len(ahead)


def _apart(rows: list[Row], above: list[int], width: int) -> bool:
    """Whether the lines right above the table are no part of it, judging by their width."""
    last = len(rows[above[-1]].fields)
    alike = [len(rows[i].fields) for i in above[-3:]]
    return 2 * last <= width or (len(above) >= 3 and len(set(alike)) == 1 and last > 1)


def _past_titles(rows: list[Row], start: int, width: int, wanted: Sequence[str]) -> int:
    """Past rows that are padded to the table's width and say next to nothing."""
    at = start
    while at < len(rows) and width > 2 and (rows[at].blank or len(rows[at].filled) * 3 <= width):
        at += 1
    at = max(at, _past_pairs(rows, start, width), _past_prose(rows, start))
    below = [row for row in rows[at:] if row.fields and not row.comment]
    if at == start or at - start > 50 or not below:
        return start
    words = not any(is_value(cell) for row in rows[start:at] for cell in row.filled[:1])
    group = len(rows[at - 1].filled) > 1 and len(set(below[0].filled)) < len(below[0].filled)
    dense = sum(len(row.filled) * 2 > width for row in below[:20]) * 2 > len(below[:20])
    titles = len(below[0].filled) == width and all(len(row.filled) < 2 for row in rows[start:at])
    if words and (dense or titles) and _is_header(below, wanted):
        return at - 1 if group else at
    return start


def _past_prose(rows: list[Row], start: int) -> int:
    """Past sentences with commas, if a blank row is below them."""
    at = start
    while at < len(rows) and is_prose(rows[at].fields):
        at += 1
    gap = at
    while gap < len(rows) and rows[gap].blank:
        gap += 1
    return gap if gap > at > start else start


def _past_pairs(rows: list[Row], start: int, width: int) -> int:
    """Past rows of a word and what belongs to it, if a blank row is below one of them, or if all
    rows below them are full."""
    at = start
    while at < len(rows) and width > 2 and not any(cell.strip() for cell in rows[at].fields[2:]):
        at += 1
    if any(row.blank for row in rows[start:at]):
        return at
    below = [row for row in rows[at:] if row.fields and not row.comment]
    full = len(below) >= _TITLED and all(len(row.filled) == width for row in below)
    return at if full and width > 3 else start


def _header_in_comment(rows: list[Row], width: int, start: int) -> int:
    """A header may begin with the comment mark (`#id,name`): the last such line, if as wide."""
    last = start - 1
    if last < 0 or not rows[last].comment or len(rows[last].fields) != width or width < 2:
        return start
    others = [row for row in rows[:last] if row.comment and len(row.fields) == width]
    if others or any(is_value(cell) for cell in rows[last].filled):
        return start
    cells = rows[last].fields
    if cells[0].startswith(COMMENT + " ") and _has_names(rows[start:]):
        return start
    rows[last] = Row(
        [cells[0].lstrip(COMMENT + " "), *cells[1:]], rows[last].end, rows[last].end_line
    )
    return last


def _has_names(rows: Sequence[Row]) -> bool:
    """Whether the first of the rows has words above values: it needs no names above it."""
    rest = [row for row in rows if row.fields and not row.comment]
    cells = rest[0].fields if rest else []
    return any(_names_values(column, cell.strip(), rest[1:]) for column, cell in enumerate(cells))


def _is_header(rest: list[Row], wanted: Sequence[str]) -> bool:
    if _has_wanted(rest[0], wanted):
        return True
    cells = [cell.strip() for cell in rest[0].fields]
    if _is_damaged(cells, rest[1:]):
        return False
    if any(_names_values(column, cell, rest[1:]) for column, cell in enumerate(cells)):
        return True
    if _counts_columns(cells, [row.fields for row in rest[1:] if len(row.fields) == len(cells)]):
        return True
    filled = [cell for cell in cells if cell]
    values = [cell for cell in filled if is_value(cell.strip(_MARKS))]
    if len(values) == len(filled) or (len(set(filled)) < len(filled) and len(rest) > 1):
        return False
    return all(is_year(cell) for cell in values)


def _is_damaged(cells: list[str], rows: Sequence[Row]) -> bool:
    """Whether it has numbers and days as a row, but more or fewer values than most rows."""
    values = [cell for cell in cells if is_value(cell.strip(_MARKS)) and not is_year(cell)]
    return len(values) > 1 and len(cells) != usual([len(row.fields) for row in rows if row.filled])


def _counts_columns(cells: list[str], rows: list[list[str]]) -> bool:
    """Whether numbers, years or days go up beside an empty cell above names of rows, which are
    never empty; or days beside words, above numbers."""
    at = next((n for n, cell in enumerate(cells) if is_value(cell)), 0)
    if at == 0 or len(rows) < _FEW or not _go_up(cells[at:]):
        return False
    if any(cells[:at]):
        strange = Columns(rows).strange
        days = [strange(n, cell) for n, cell in enumerate(cells) if shape(cell) == "date"]
        return not any(map(is_missing, cells[:at])) and 2 * sum(days) > len(cells) - at > 1
    return at == 1 and all(row[0].strip() for row in rows) and not _mostly_go_up(rows)


def _mostly_go_up(rows: list[list[str]]) -> bool:
    """Whether numbers that go up are nothing special in these rows, as in `id,from,to`."""
    return 2 * sum(_go_up(row[1:]) for row in rows) > len(rows)


def _go_up(cells: list[str]) -> bool:
    """Whether they are numbers from 0 or 1 without a gap, or years or days one after the other."""
    if cells in ([str(n + first) for n in range(len(cells))] for first in (0, 1)):
        return len(cells) > 1 or cells == ["0"]
    counted = all(map(is_year, cells)) or all(map(_DAY.fullmatch, cells))
    return counted and len(cells) > 1 and cells == sorted(set(cells))


def _is_rule(row: Row, header: Row) -> bool:
    """Whether a row is a line drawn under each name of the header."""
    width = len(header.fields)
    cells = row.filled[0].split("+") if len(row.filled) == 1 else row.filled
    if width < 2 or len(cells) != width or len(row.filled) not in (1, width):
        return False
    least = [min(len(name.strip()), 3) for name in header.fields]
    if min(map(len, cells)) < 2 and max(map(len, cells)) < 3:
        return False  # a dash may stand for a value that is missing
    drawn = all(_RULE.fullmatch(cell.strip()) for cell in cells)
    return drawn and all(len(cell) >= size for cell, size in zip(cells, least, strict=True))


def _has_wanted(row: Row, wanted: Sequence[str]) -> bool:
    """Whether the row has a name that the contract expects."""
    return not set(map(folded, row.fields)).isdisjoint(map(folded, wanted))


def _is_group_header(rest: list[Row], wanted: Sequence[str]) -> bool:
    """Names of groups, such as years, above a header that repeats its names. One of both has
    gaps: above what is in no group, or below it."""
    if len(rest) < 3 or not rest[0].filled or not any(map(_has_gaps, rest[:2])):
        return False
    return len(set(rest[1].filled)) < len(rest[1].filled) and _is_header(rest[1:], wanted)


def _has_gaps(row: Row) -> bool:
    return len(row.filled) < len(row.fields)


def _names_values(column: int, cell: str, rows: Sequence[Row]) -> bool:
    """A word stands above nothing but values."""
    if is_missing(cell) or is_value(cell.strip(_MARKS)):
        return False
    below = [row.fields[column] for row in rows if column < len(row.fields)]
    filled = [value.strip() for value in below if not is_missing(value)]
    return bool(filled) and sum(map(is_value, filled)) >= 0.9 * len(filled)


def _mended(row: Row, rest: list[Row], width: int, dialect: Dialect) -> Row:
    """A header as wide as the rows, where its line can only have been meant so."""
    if is_spaced(row.fields) and len(row.fields) == width > 2 and row.lines:
        names = without_spaces("".join(row.lines).rstrip("\r\n"), dialect, width)
        return row if names is None else Row(names, row.end, row.end_line, row.lines)
    bare = unquoted(row.fields) if dialect.quote else None
    if bare is not None and not any(unquoted(each.fields) for each in rest):
        return Row(bare, row.end, row.end_line, row.lines)
    if not row.lines or len(row.fields) == width or len(rest) < 2:
        return row
    found = mend(row.lines[:1], dialect, Columns([["a"] * width]))
    if found is None or found.how not in {
        "stray quotes",
        "another separator",
        "a missing separator",
    }:
        return row
    return Row(found.fields, row.end, row.end_line, row.lines)


def _height(rest: list[Row], width: int) -> int:
    """How many rows the header has: further ones are words above columns of values."""
    tall = 1
    while tall < min(_TALLEST, len(rest) - 2) and _goes_on(rest[tall], rest[tall + 1 :], width):
        tall += 1
    return tall


def _goes_on(row: Row, below: list[Row], width: int) -> bool:
    if len(row.fields) != width or any(is_value(cell.strip(_MARKS)) for cell in row.filled):
        return False
    if unquoted(row.fields) or any(cell.count('"') > 1 for cell in row.fields):
        return False
    rows = [each for each in below if len(each.fields) == width]
    above = [
        column
        for column, cell in enumerate(row.fields)
        if not is_missing(cell)
        and _mostly_filled(column, rows)
        and _names_values(column, cell, rows)
    ]
    return len(rows) > 1 and len(above) > 1


def _mostly_filled(column: int, rows: Sequence[Row]) -> bool:
    """So few values say nothing of a word above them."""
    return 2 * sum(not is_missing(row.fields[column]) for row in rows) > len(rows)


def _positions(rest: list[Row], width: int, wanted: Sequence[str]) -> tuple[str, ...]:
    """The contract names the columns if it has as many."""
    count = width or len(rest[0].fields)
    if len(wanted) == count:
        return tuple(wanted)
    return tuple(f"column_{number}" for number in range(1, count + 1))
