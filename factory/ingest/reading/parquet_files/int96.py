"""INT96 of Parquet, as Spark and Impala write moments: a day and the nanoseconds of its time.

DuckDB cuts them to microseconds, unless it is told to give day and time apart.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.lossless import within
from factory.ingest.reading.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INT96: Final = "INT96"  # the kind of such a column, and what stands in the kind of a nested one
APART: Final = 'STRUCT(date DATE, "time" TIME_NS)'  # what DuckDB gives for it
_IN_JSON: Final = r'\{"date":"([-0-9]+(?: \(BC\))?)","time":"([0-9:.]+)"\}'


def columns_of(connection: "DuckDBPyConnection", path: Path) -> tuple[str, list[tuple[str, str]]]:
    """A file as a relation, and the names and kinds of its columns. Raises duckdb.Error."""
    file = literal(str(path))
    relation = f"read_parquet({file}, hive_partitioning = false)"
    columns = _described(connection, relation)
    used = f"SELECT 1 FROM parquet_schema({file}) WHERE type = '{INT96}'"
    if connection.execute(used).fetchone() is None:
        return relation, columns
    relation = f"read_parquet({file}, hive_partitioning = false, int96_as = 'struct')"
    pairs = zip(columns, _described(connection, relation), strict=True)
    return relation, [
        (name, kind if kind == cut else kind.replace(APART, INT96))
        for (_, cut), (name, kind) in pairs
    ]


def moment(x: str) -> str:
    """SQL: the value in microseconds."""
    return f"(struct_extract({x}, 'date') + CAST(struct_extract({x}, 'time') AS TIME))"


def moment_text(x: str) -> str:
    """SQL: the value with all its digits."""
    return f"(struct_extract({x}, 'date') || ' ' || struct_extract({x}, 'time'))"


def moments_within(json: str) -> str:
    """SQL: the same for values within a text of JSON."""
    return f"regexp_replace({json}, {literal(_IN_JSON)}, '\"\\1 \\2\"', 'g')"


def is_misfit(x: str) -> str:
    """SQL: the value has nanoseconds, or is before year 1 or after 9999."""
    day, time = (f"struct_extract({x}, '{part}')" for part in ("date", "time"))
    return f"(NOT {within('DATE', day)} OR CAST(CAST({time} AS TIME) AS TIME_NS) <> {time})"


def _described(connection: "DuckDBPyConnection", relation: str) -> list[tuple[str, str]]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return [(str(name), str(kind)) for name, kind, *_ in rows]
