"""Writes typed rows, verifying every value in the same pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from factory.ingest.reading.choosing import Choice
from factory.ingest.reading.declared import SQL_TYPES
from factory.ingest.reading.sql import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GUARD = "factory: a value is not of its column's type"
_ROW_GROUP = 122_880


class GuardFailed(Exception):
    """A value was met that the type on trial does not take; nothing was written."""


def write(
    connection: "DuckDBPyConnection", query: str, choices: Sequence[Choice], path: Path
) -> int:
    """Write the rows of `query` as the choices stand; the number of rows.

    Raises GuardFailed if some value is not of its type and the choice does not expect it.
    """
    import duckdb

    columns = ", ".join(f"{_value(c)} AS {quoted(c.column.name)}" for c in choices)
    kept = _kept(choices)
    where = f" WHERE {kept}" if kept else ""
    statement = (
        f"COPY (SELECT {columns} FROM ({query}){where}) TO {literal(str(path))}"
        f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )
    try:
        row = connection.execute(statement).fetchone()
    except duckdb.Error as exc:
        if _GUARD in str(exc):
            raise GuardFailed from exc
        raise
    return int(row[0]) if row else 0


def count_dropped(connection: "DuckDBPyConnection", query: str, choices: Sequence[Choice]) -> int:
    """How many rows of `query` are not written because a value is not of its type."""
    kept = _kept(choices)
    if not kept:
        return 0
    row = connection.execute(f"SELECT count(*) FROM ({query}) WHERE NOT ({kept})").fetchone()
    return int(row[0]) if row else 0


def _kept(choices: Sequence[Choice]) -> str:
    """What is true of the rows that are written; empty if all are."""
    parts = (
        f"({c.x} IS NULL OR coalesce({c.candidates[0].holds}, FALSE))"
        for c in choices
        if _drops_rows(c)
    )
    return " AND ".join(parts)


def _value(choice: Choice) -> str:
    kind = SQL_TYPES[choice.type]
    candidate = choice.candidates[0]
    fails = f"error({literal(_GUARD)})"
    if choice.empty:
        return f"CAST(CASE WHEN {choice.x} IS NULL THEN NULL ELSE {fails} END AS {kind})"
    if candidate.holds is None:
        return f"CAST({candidate.value} AS {kind})"
    if choice.bad:
        fails = "NULL"
    return (
        f"CAST(CASE WHEN {candidate.holds} THEN {candidate.value}"
        f" WHEN {choice.x} IS NULL THEN NULL ELSE {fails} END AS {kind})"
    )


def _drops_rows(choice: Choice) -> bool:
    return choice.bad > 0 and choice.rule == "discard_row"
