"""Which type of a table each type of Parquet becomes, and which columns do not fit theirs."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.json_strict import held, strict, without_nan
from factory.ingest.reading.lossless import within
from factory.ingest.reading.parquet_files.int96 import (
    APART,
    INT96,
    is_misfit,
    moment,
    moment_text,
    moments_within,
)
from factory.ingest.reading.sql import quoted
from factory.ports import ColumnType

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DIRECT: Final[dict[str, tuple[ColumnType, str]]] = {
    "TINYINT": ("INT64", "BIGINT"), "SMALLINT": ("INT64", "BIGINT"),
    "INTEGER": ("INT64", "BIGINT"), "BIGINT": ("INT64", "BIGINT"),
    "UTINYINT": ("INT64", "BIGINT"), "USMALLINT": ("INT64", "BIGINT"),
    "UINTEGER": ("INT64", "BIGINT"), "UBIGINT": ("NUMERIC", "DECIMAL(38, 9)"),
    "FLOAT": ("FLOAT64", "DOUBLE"), "DOUBLE": ("FLOAT64", "DOUBLE"),
    "BOOLEAN": ("BOOL", "BOOLEAN"), "DATE": ("DATE", "DATE"),
    "TIMESTAMP": ("DATETIME", "TIMESTAMP"), "TIMESTAMP_S": ("DATETIME", "TIMESTAMP"),
    "TIMESTAMP_MS": ("DATETIME", "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": ("TIMESTAMP", "TIMESTAMPTZ"), "TIME": ("TIME", "TIME"),
    "BLOB": ("BYTES", "BLOB"),
}  # fmt: skip
_NANOS: Final = {  # the type in microseconds, and the one that comes back from it
    "TIMESTAMP_NS": ("TIMESTAMP", "TIMESTAMP_NS"),
    "TIMESTAMPTZ_NS": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"),
    "TIME_NS": ("TIME", "TIME_NS"),
}
_TIMED: Final[frozenset[ColumnType]] = frozenset({"DATE", "DATETIME", "TIMESTAMP", "TIME"})
_NESTED: Final = re.compile(r".*\[\d*\]$|(STRUCT|MAP|UNION|VARIANT)\b.*", re.S)
_SAFE_DIGITS: Final = 15  # so many survive a double and back
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def mapped(kind: str, x: str, *, fits: bool) -> tuple[ColumnType, str]:
    """The type in BigQuery's names and the value in it. What has no equal becomes text."""
    kind = _NANOS[kind][0] if fits and kind in _NANOS else kind
    if fits and kind == "JSON":
        return "JSON", held(f"CAST({x} AS VARCHAR)")
    if fits and kind in _DIRECT:
        found, sql = _DIRECT[kind]
        return found, f"CAST({x} AS {sql})"
    if kind == INT96:
        return ("DATETIME", moment(x)) if fits else ("STRING", moment_text(x))
    if _NESTED.fullmatch(kind):
        json = without_nan(f"CAST(to_json({_exact(kind, x)}) AS VARCHAR)")
        return "JSON", moments_within(json) if INT96 in kind else json
    decimal = _DECIMAL.fullmatch(kind)
    if decimal and int(decimal[2]) <= 9 and int(decimal[1]) - int(decimal[2]) <= 29:
        return "NUMERIC", f"CAST({x} AS DECIMAL(38, 9))"
    return "STRING", f"CAST({x} AS VARCHAR)"


def unfit(
    connection: "DuckDBPyConnection", relation: str, columns: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """Those of the columns, by name and kind, with a value beyond the calendar of a table, one that
    loses something in microseconds (the nanoseconds of pandas rarely do), or no strict JSON.

    Raises duckdb.Error for a value that cannot be read at all, with its column.
    """
    import duckdb

    tests = {name: test for name, kind in columns if (test := _misfit(kind, quoted(name)))}
    try:
        found = _any(connection, relation, tuple(tests.values()))
    except duckdb.Error:
        for name, test in tests.items():
            _ask_alone(connection, relation, name, test)
        raise
    return frozenset(name for name, misfit in zip(tests, found, strict=True) if misfit)


def _any(
    connection: "DuckDBPyConnection", relation: str, tests: Sequence[str]
) -> Sequence[bool | None]:
    if not tests:
        return ()
    items = ", ".join(f"bool_or({test})" for test in tests)
    return connection.execute(f"SELECT {items} FROM {relation}").fetchone() or ()


def _ask_alone(connection: "DuckDBPyConnection", relation: str, name: str, test: str) -> None:
    import duckdb

    try:
        _any(connection, relation, [test])
    except duckdb.Error as exc:
        raise type(exc)(f'column "{name}": {exc}') from exc


def _misfit(kind: str, x: str) -> str | None:
    """SQL: the value does not fit; None for a kind whose values all do."""
    if kind == "JSON":
        return f"NOT {strict(f'CAST({x} AS VARCHAR)')}"
    if kind == INT96:
        return is_misfit(x)
    coarse, back = _NANOS.get(kind, (kind, ""))
    found, _ = _DIRECT.get(coarse, (None, ""))
    if found not in _TIMED:
        return None
    micros = f"CAST({x} AS {coarse})" if back else x
    outside = f"NOT {within(found, micros)}"
    return f"({outside} OR CAST({micros} AS {back}) <> {x})" if back else outside


def _exact(kind: str, x: str) -> str:
    """The nested value with long decimals as texts: as numbers of JSON they would be doubles."""
    texts = _DECIMAL.sub(lambda m: m[0] if int(m[1]) <= _SAFE_DIGITS else "VARCHAR", kind)
    return x if texts == kind else f"CAST({x} AS {texts.replace(INT96, APART)})"
