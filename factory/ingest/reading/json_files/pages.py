"""JSON files of one object each, of which some hold an empty list where others hold the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from factory.errors import Permanent
from factory.ingest.reading.rows import NoRows, Page, SourceRows

_JSON = ("JSON",)


def without_empty_pages(parts: Sequence[SourceRows]) -> list[SourceRows]:
    """The parts; a page is one without rows if its list is empty where others have their rows.

    Raises Permanent if the list with rows of one page is empty in another, which has its rows
    elsewhere.
    """
    keys = {page.under: part.name for part in parts if (page := part.tally.page) and page.under}
    return [_settled(part, part.tally.page, keys) for part in parts]


def refuse_empty_page(parts: Sequence[SourceRows]) -> None:
    """Raise NoRows if all that a table has is one object whose only list is empty."""
    filled = [part for part in parts if part.columns]
    page = filled[0].tally.page if len(filled) == 1 else None
    if page is None or page.under is not None:
        return
    nested = sum(column.ladder == _JSON for column in filled[0].columns)
    if len(page.lists) == nested == 1:
        key = page.lists[0]
        raise NoRows(
            f'{filled[0].name} has no rows: its list "{key}" is empty',
            hint=f"to say that the rows are there: format: {{records: {key}}}; if the object"
            " itself is a row: format: {type: ndjson}",
        )


def _settled(part: SourceRows, page: Page | None, keys: Mapping[str, str]) -> SourceRows:
    if page is None:
        return part
    if page.under is None:
        missing = [key for key in (*page.lists, *page.nulls) if key in keys]
        return _without_rows(part, page, missing[0]) if missing else part
    others = [key for key in page.lists if key in keys]
    if others:
        raise Permanent(
            f'{part.name} has its rows under "{page.under}", {keys[others[0]]} under "{others[0]}"',
            hint=f"say which are the rows: format: {{records: {others[0]}}}",
        )
    return part


def _without_rows(part: SourceRows, page: Page, key: str) -> SourceRows:
    what = "an empty list" if key in page.lists else "null"
    note = f'{part.name} has no rows: its "{key}" is {what}'
    return replace(part, columns=(), rows=0, pieces=lambda: iter(()), notes=(note,))
