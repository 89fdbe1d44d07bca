"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) as rows of one sheet. A sheet is held in memory.

Cells are what the file stores, not what is shown: 25 % is 0.25. Errors (#N/A) are NULL, and of
merged cells the first has the value.
"""

import csv
import io
import zipfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent, Refused
from factory.ingest.reading.excel_files.below import Numbered, notes_on, rows_of
from factory.ingest.reading.excel_files.durations import with_durations
from factory.ingest.reading.excel_files.formulas import without_value
from factory.ingest.reading.excel_files.room import refuse_if_too_large
from factory.ingest.reading.kinds import as_text
from factory.ingest.reading.own_files import lay_out
from factory.ingest.reading.rows import NoRows, Places, SourceColumn, SourceRows, Tally
from factory.ingest.reading.spool import Batch, Spool
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.header import Start, find_start
from factory.ingest.reading.values import Member, ReadRequest
from factory.spec.names import folded

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_LOOKED_AT = 250  # rows that the header is looked for in
_BATCH = 100_000  # cells
_LARGEST = 4 << 30  # bytes of a workbook's parts, unpacked
_ENOUGH = 2  # rows of two cells make a table
_Row = Sequence[object]


def excel_rows(member: Member, request: ReadRequest, folder: Path) -> SourceRows:
    """The rows of one sheet of a workbook."""
    book = folder / "copy.workbook"
    size = lay_out(member, request, book)
    with _translated(member):
        _refuse_huge(member, book)
        refuse_if_too_large(member.name, book)
        rows = _rows(member, request, book)
    return replace(rows, tally=Tally(size))


@contextmanager
def _translated(member: Member) -> Iterator[None]:
    """The reader's errors in our words; a damaged file may even make it panic."""
    import python_calamine

    try:
        yield
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError) as exc:
        raise _unreadable(member, exc) from exc
    except BaseException as exc:
        if type(exc).__name__ != "PanicException":  # which is no Exception, and has no public name
            raise
        raise _unreadable(member, exc) from exc


def _unreadable(member: Member, exc: BaseException) -> Permanent:
    return Permanent(f"{member.name} cannot be read as an Excel workbook: {exc}")


def _refuse_huge(member: Member, book: Path) -> None:
    """The reader of workbooks unpacks whatever there is: so it is looked at before."""
    if not zipfile.is_zipfile(book):
        return
    with zipfile.ZipFile(book) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > _LARGEST:
        raise Refused(
            f"{member.name} unpacks to {size:,} bytes, more than {_LARGEST:,} for a workbook",
            hint="publish it as CSV or Parquet",
        )


def _rows(member: Member, request: ReadRequest, book: Path) -> SourceRows:
    import python_calamine

    workbook = python_calamine.load_workbook(str(book))
    sheet, notes = _sheet(workbook, member, request.format.sheet)
    all_rows = with_durations(sheet.iter_rows, book)
    head = list(islice(all_rows(), _LOOKED_AT))
    named = _with_groups(head, sheet)
    start = _start(member, request, named, whole=len(head) < _LOOKED_AT)
    spool = Spool(book.parent, book.stem, frozenset(("", *(request.format.null_values or ()))))
    places = array("L")  # the row of the sheet that each row of the table is
    below: list[str] = []
    spool.write(lambda: _batches(all_rows, sheet.width, start.lines, places, below))
    rows = _as_source(start.names, spool, places, member)
    told = (*_told(book, sheet), *notes_on(below))
    return replace(rows, notes=(*notes, *start.notes, *told))


def _told(book: Path, sheet: "CalamineSheet") -> Iterator[str]:
    """What there is in the sheet that has no value in the table."""
    merged = sheet.merged_cell_ranges or ()
    if merged:
        yield f"{len(merged):,} merged cells: the first has the value"
    empty = without_value(book, sheet.name)
    if empty:
        formulas = "1 formula has" if empty == 1 else f"{empty:,} formulas have"
        yield (
            f"{formulas} no value in the file and became NULL: open it in a program that"
            " calculates, and save it"
        )


def _with_groups(head: Sequence[_Row], sheet: "CalamineSheet") -> list[_Row]:
    """The first rows, in which a cell that is merged to the right beside others, as the name of a
    group of columns is, stands in each of its columns."""
    rows = list(map(list, head))
    left = (sheet.start or (0, 0))[1]
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        inside = top == bottom < len(rows) and first - left >= 0
        if inside and sum(map(_is_filled, head[top])) > 1:
            for column in range(first - left, min(last - left + 1, len(rows[top]))):
                rows[top][column] = head[top][first - left]
    return list(rows)


def _sheet(
    workbook: "CalamineWorkbook", member: Member, asked: str | None
) -> tuple["CalamineSheet", tuple[str, ...]]:
    from python_calamine import SheetVisibleEnum

    names = workbook.sheet_names
    if asked is not None:
        return workbook.get_sheet_by_name(_asked(names, member, asked)), ()
    seen = SheetVisibleEnum.Visible
    shown = [each.name for each in workbook.sheets_metadata if each.visible == seen] or names
    if not shown:
        raise Permanent(f"{member.name} has no sheets")
    name = _first_table(workbook, shown)
    others = ", ".join(f'"{other}"' for other in names if other != name)
    notes = (f'sheet "{name}" was read, not {others}',) if others else ()
    return workbook.get_sheet_by_name(name), notes


def _asked(names: Sequence[str], member: Member, asked: str) -> str:
    """A sheet of that name, or of that number."""
    alike = [name for name in names if folded(name) == folded(asked)]
    if asked in names or alike:
        return asked if asked in names else alike[0]
    if asked.isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    near = get_close_matches(asked, names, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    there = ", ".join(f'"{name}"' for name in names)
    raise Permanent(f'{member.name} has no sheet "{asked}"', hint=f"{hint}there is {there}")


def _first_table(workbook: "CalamineWorkbook", names: Sequence[str]) -> str:
    """The first sheet with rows of several cells; else one with any cell; else the first."""
    filled = None
    for name in names:
        rows = workbook.get_sheet_by_name(name).iter_rows
        wide = (row for row in rows() if sum(map(_is_filled, row)) > 1)
        if len(list(islice(wide, _ENOUGH))) == _ENOUGH:
            return name
        filled = filled or (name if any(map(_filled, rows())) else None)
    return filled or names[0]


def _start(member: Member, request: ReadRequest, head: Sequence[_Row], *, whole: bool) -> Start:
    """Where the rows begin, by the rules for text: every row is a line there."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    several = next((at for at, row in enumerate(head) if sum(map(_is_filled, row)) > 1), 0)
    for at, row in enumerate(head):
        if _filled(row):
            entire = _is_wide(row) or (at >= several and _is_wide(head[several]))
            writer.writerow(_as_line(row)[: None if entire else _reach(row)])
        else:
            out.write("\n")
    wanted = [column.name for column in request.table.columns]
    try:
        return find_start(out.getvalue(), Dialect(","), request.format, wanted, whole=whole)
    except NoRows as exc:
        raise NoRows(f"{member.name} has no rows") from exc


def _as_line(row: _Row) -> list[str]:
    """The cells as texts of one line."""
    return [" ".join((as_text(cell, "plain") or "").split()) for cell in row]


def _is_wide(row: _Row) -> bool:
    """Whether it reaches half way across the sheet, as titles do not, and no row of a table beside
    which something stands."""
    return _filled(row) and 2 * _reach(row) > len(row)


def _reach(row: _Row) -> int:
    """How many cells there are up to the last that is filled."""
    return max(place for place, cell in enumerate(row, start=1) if _is_filled(cell))


def _batches(
    rows: Callable[[], Iterator[_Row]],
    width: int,
    skipped: int,
    places: "array[int]",
    below: list[str],
) -> Iterator[Batch]:
    """The rows past the header that have any cell; `places` is filled with their numbers, `below`
    with the lines below them."""
    del places[:]
    yield Batch(0, {str(column): () for column in range(width)})

    def all_filled() -> Iterator[Numbered]:
        numbered = enumerate(rows(), start=1)
        return ((n, row) for n, row in numbered if n > skipped and _filled(row))

    filled = rows_of(all_filled, below)
    while part := list(islice(filled, max(_BATCH // max(width, 1), 1))):
        places.extend(number for number, _ in part)
        columns = zip(*(row for _, row in part), strict=True)
        yield Batch(len(part), {str(i): _values(cells) for i, cells in enumerate(columns)})


def _values(cells: Sequence[object]) -> Sequence[object]:
    return [None if cell == "" else cell for cell in cells]


def _filled(row: _Row) -> bool:
    return any(map(_is_filled, row))


def _is_filled(cell: object) -> bool:
    return cell != ""


def _as_source(
    names: Sequence[str], spool: Spool, places: "array[int]", member: Member
) -> SourceRows:
    """Columns that have neither a name nor a value are none."""
    padded = (*names, *("" for _ in range(len(names), len(spool.names))))
    kept = [i for i, name in enumerate(padded) if name or spool.seen(str(i))]
    columns = tuple(SourceColumn(padded[i], spool.ladder(str(i))) for i in kept)
    items = ", ".join(f"c{index} AS c{place}" for place, index in enumerate(kept))
    return SourceRows(
        f"SELECT {items} FROM ({spool.sql})",
        columns,
        spool.rows,
        name=member.name,
        at_once=spool.at_once,
        places=Places("row", lambda rows: [places[row - 1] for row in rows]),
    )
