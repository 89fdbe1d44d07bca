"""Asking a DuckDB connection, and what it answers as Python has it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run(connection: "DuckDBPyConnection", statements: Iterable[str]) -> None:
    """Each statement, in order."""
    for statement in statements:
        connection.execute(statement)


def number(connection: "DuckDBPyConnection", statement: str) -> int:
    """The first value of the first row, 0 if there is none; of a change, the rows that it made."""
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def named(cursor: "DuckDBPyConnection") -> list[dict[str, Any]]:
    """The rows of an answer by the names of their columns."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
