"""A row that goes on in the next lines, though its quotes do not say so.

A record whose quotes are in order is one by itself. Where a quote within a value, or one of
another kind, opens a value over several lines, the first of them may even be as wide as a row.
"""

from collections.abc import Sequence
from dataclasses import replace

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.mending import Mended, can_be_row, mend
from factory.ingest.reading.text.patterns import Columns
from factory.ingest.reading.text.quoting import OTHER_QUOTES, leftover, other_quotes

# With others, what is beyond the line end would only be hung on the last value
_HOW = {"stray quotes", "another quote", "another separator", "a missing separator"}


def continued(lines: Sequence[str], dialect: Dialect, columns: Columns) -> Mended | None:
    """The row that the first of the lines and some after it are, if all of it is as it must be."""
    for mark in (dialect.quote or "", *other_quotes(dialect)):
        count = _closing(lines, mark) if mark and lines[0].count(mark) % 2 else None
        if count is None or any(can_be_row(each, dialect, columns) for each in lines[1:count]):
            continue
        found = mend(lines[:count], dialect, columns, whole=True)
        if found is not None and _is_clean(found, count, dialect, columns):
            return replace(found, how="another quote") if mark in OTHER_QUOTES else found
    return None


def _closing(lines: Sequence[str], mark: str) -> int | None:
    """Of how many lines the quotes come in pairs."""
    quotes = 0
    for count, line in enumerate(lines, 1):
        quotes += line.count(mark)
        if quotes % 2 == 0:
            return count
    return None


def _is_clean(found: Mended, count: int, dialect: Dialect, columns: Columns) -> bool:
    if found.lines != count or found.how not in _HOW:
        return False
    return not columns.oddness(found.fields) and not leftover(found.fields, dialect)
