"""Excel workbooks as rows: the first sheet that has any. A sheet is held in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.ingest.reading.kinds import Form, KindLog, as_text
from factory.ingest.reading.parquet_rows import copy_whole
from factory.ingest.reading.rows import SourceColumn, SourceRows, Tally
from factory.ingest.reading.sql import literal
from factory.ingest.reading.text_parquet import write_text
from factory.ingest.reading.values import Member, ReadRequest

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_Row = Sequence[object]


def excel_rows(members: Sequence[Member], request: ReadRequest, folder: Path) -> list[SourceRows]:
    """The rows of workbooks."""
    parts = []
    for number, member in enumerate(members):
        book = folder / f"{number}.workbook"
        size = copy_whole(member, request, book)
        parts.append(replace(_rows(member, request, book), name=member.name, tally=Tally(size)))
    return parts


def _rows(member: Member, request: ReadRequest, book: Path) -> SourceRows:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(book))
        sheet, notes = _first_sheet(workbook)
        cells = [_plain(row, request) for row in sheet.to_python(skip_empty_area=True)]
    except CalamineError as exc:
        raise Permanent(f"{member.name} cannot be read as an Excel workbook: {exc}") from exc
    filled = [row for row in cells[request.format.skip_rows or 0 :] if _filled(row)]
    if not filled:
        raise Permanent(f"{member.name} has no rows")
    headed = request.format.header is not False
    names = _names(filled[0], headed=headed)
    rows = _as_source(names, filled[1:] if headed else filled, book)
    return replace(rows, notes=notes)


def _first_sheet(workbook: "CalamineWorkbook") -> tuple["CalamineSheet", tuple[str, ...]]:
    names = workbook.sheet_names
    sheets = [(name, workbook.get_sheet_by_name(name)) for name in names]
    name, sheet = next((pair for pair in sheets if pair[1].total_height), sheets[0])
    return sheet, ((f'sheet "{name}" of {len(names)} was read',) if len(names) > 1 else ())


def _names(row: _Row, *, headed: bool) -> list[str]:
    if not headed:
        return [f"column_{number}" for number in range(1, len(row) + 1)]
    return [(as_text(cell, "plain") or "") for cell in row]


def _as_source(names: Sequence[str], rows: Sequence[_Row], book: Path) -> SourceRows:
    keys = [str(position) for position in range(len(names))]
    log = KindLog()
    log.add(dict.fromkeys(keys))
    for row in rows:
        log.add(dict(zip(keys, row, strict=True)))
    forms = [log.form(key) for key in keys]
    path = book.with_suffix(".text.parquet")
    written = write_text(path, len(keys), _texts(rows, forms))
    columns = tuple(
        SourceColumn(name, log.ladder(key)) for name, key in zip(names, keys, strict=True)
    )
    query = f"SELECT * FROM read_parquet({literal(str(path))})"
    return SourceRows(columns, query, rows=written)


def _texts(rows: Sequence[_Row], forms: Sequence[Form]) -> Iterator[list[str | None]]:
    for row in rows:
        yield [as_text(cell, form) for cell, form in zip(row, forms, strict=True)]


def _plain(row: _Row, request: ReadRequest) -> list[object]:
    """The cells, with None for those that are empty or null by the format."""
    nulls = frozenset(("", *(request.format.null_values or ())))
    return [None if isinstance(cell, str) and cell in nulls else cell for cell in row]


def _filled(row: _Row) -> bool:
    return any(cell is not None for cell in row)
