"""Is the table what the file says? Asked of the DuckDB file that a peer has left."""

import math
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.data.shapes import Fact, Value

_TABLES = """
SELECT schema_name, table_name FROM duckdb_tables()
WHERE NOT internal AND lower(table_name) = 'rows'
"""


def wrong(database: Path, facts: Sequence[Fact]) -> list[str]:
    """What of the facts does not hold in the table `rows`; empty if all is right."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(_TABLES).fetchall()
        if len(tables) != 1:
            return [f"{len(tables)} tables"]
        [(schema, table)] = tables
        found = []
        for fact in facts:
            value = _asked(connection, f'SELECT {fact.sql} FROM "{schema}"."{table}"')
            if not _same(value, fact.value):
                found.append(fact.about)
        return found


def typed(database: Path) -> bool:
    """Whether any column of the table `rows` is of another type than text."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT DISTINCT data_type FROM duckdb_columns() WHERE lower(table_name) = 'rows'"
            " AND column_name NOT LIKE '\\_%' ESCAPE '\\'"
        ).fetchall()
    return found != [("VARCHAR",)]


def _asked(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    try:
        return connection.execute(sql).fetchall()[0][0]
    except duckdb.Error:
        return None  # such a column is not there, or of a type that cannot be asked


def _same(found: object, expected: Value) -> bool:
    if found is None:
        return False
    return math.isclose(float(str(found)), expected, rel_tol=1e-9)
