"""Tables as lines of text."""

from collections.abc import Sequence
from typing import Any

from tests.ingest.reading.pollution.tables import Table


def cell(value: str, **how: Any) -> str:
    """A value with its quotes, if it needs some."""
    delimiter, quote = how.get("delimiter", ","), how.get("quote", '"')
    escape = how.get("escape")
    needs = how.get("every") or any(mark in value for mark in (delimiter, quote, "\n", "\r"))
    if not needs:
        return value
    inner = value.replace(quote, (escape or quote) + quote)
    return f"{quote}{inner}{quote}"


def line(row: Sequence[str], **how: Any) -> str:
    """A row without its line end."""
    return str(how.get("delimiter", ",")).join(cell(value, **how) for value in row)


def lines(table: Table, **how: Any) -> list[str]:
    """The header's line and one a row, without line ends."""
    return [line(row, **how) for row in table.lines]


def text(made: Sequence[str], end: str = "\n") -> bytes:
    """The lines with their ends."""
    return (end.join(made) + end).encode()
