"""Parquet files as rows: types are there already and are mapped without loss."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.ingest.reading.rows import SourceColumn, SourceRows, Tally
from factory.ingest.reading.sql import literal, quoted
from factory.ingest.reading.values import Member, ReadRequest
from factory.ports import ColumnType

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CHUNK = 1 << 20
_DIRECT: dict[str, tuple[ColumnType, str]] = {
    "TINYINT": ("INT64", "BIGINT"), "SMALLINT": ("INT64", "BIGINT"),
    "INTEGER": ("INT64", "BIGINT"), "BIGINT": ("INT64", "BIGINT"),
    "UTINYINT": ("INT64", "BIGINT"), "USMALLINT": ("INT64", "BIGINT"),
    "UINTEGER": ("INT64", "BIGINT"), "UBIGINT": ("NUMERIC", "DECIMAL(38, 9)"),
    "FLOAT": ("FLOAT64", "DOUBLE"), "DOUBLE": ("FLOAT64", "DOUBLE"),
    "BOOLEAN": ("BOOL", "BOOLEAN"), "DATE": ("DATE", "DATE"),
    "TIMESTAMP": ("DATETIME", "TIMESTAMP"), "TIMESTAMP_S": ("DATETIME", "TIMESTAMP"),
    "TIMESTAMP_MS": ("DATETIME", "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": ("TIMESTAMP", "TIMESTAMPTZ"), "TIME": ("TIME", "TIME"),
    "BLOB": ("BYTES", "BLOB"), "JSON": ("JSON", "VARCHAR"),
}  # fmt: skip
_NANOS = {  # the type in microseconds, and the one that comes back from it
    "TIMESTAMP_NS": ("TIMESTAMP", "TIMESTAMP_NS"),
    "TIMESTAMPTZ_NS": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"),
    "TIME_NS": ("TIME", "TIME_NS"),
}
_NESTED = re.compile(r".*\[\d*\]$|(STRUCT|MAP|UNION|VARIANT)\b.*", re.S)
_SAFE_DIGITS = 15  # so many survive a double and back
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def parquet_rows(
    member: Member, request: ReadRequest, folder: Path, connection: "DuckDBPyConnection"
) -> SourceRows:
    """The rows of a Parquet file."""
    path = folder / "copy.parquet"
    size = copy_whole(member, request, path)
    return replace(_rows(member, path, connection), tally=Tally(size))


def copy_whole(member: Member, request: ReadRequest, path: Path) -> int:
    """Copy `member` to `path`; the bytes."""
    with member.open() as stream, path.open("wb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)
        size = out.tell()
    request.progress("read", member.name, size, member.size, "bytes")
    return size


def _rows(member: Member, path: Path, connection: "DuckDBPyConnection") -> SourceRows:
    import duckdb

    relation = f"read_parquet({literal(str(path))})"
    _refuse_long_decimals(member, path)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        counted = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    except duckdb.Error as exc:
        raise Permanent(f"{member.name} cannot be read as Parquet: {exc}") from exc
    columns = []
    items = []
    fine = _finer_than_micros(connection, relation, [(str(n), str(k)) for n, k, *_ in described])
    for index, (name, kind, *_) in enumerate(described):
        mapped, value = _map(str(kind), quoted(name), nanos=name in fine)
        columns.append(SourceColumn(str(name), (mapped,), native=mapped != "STRING"))
        items.append(f"{value} AS c{index}")
    return SourceRows(
        sql=f"SELECT {', '.join(items)} FROM {relation}",
        columns=tuple(columns),
        rows=int(counted[0]) if counted else None,
        name=member.name,
    )


def _refuse_long_decimals(member: Member, path: Path) -> None:
    """DuckDB makes doubles of decimals with more than 38 digits, without a word."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        fields = parquet.read_schema(path)
    except (pa.ArrowException, OSError) as exc:
        raise Permanent(f"{member.name} cannot be read as Parquet: {exc}") from exc
    for field in fields:
        if pa.types.is_decimal256(field.type):
            digits = field.type.precision
            raise Permanent(
                f'{member.name}: column "{field.name}" has decimals of {digits} digits',
                hint="38 are read; publish it as text",
            )


def _finer_than_micros(
    connection: "DuckDBPyConnection", relation: str, columns: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """The columns in nanoseconds that lose something in microseconds; those of pandas rarely do."""
    timed = [(name, quoted(name), _NANOS[kind]) for name, kind in columns if kind in _NANOS]
    if not timed:
        return frozenset()
    items = ", ".join(
        f"bool_or(CAST(CAST({x} AS {coarse}) AS {kind}) <> {x})" for (_, x, (coarse, kind)) in timed
    )
    found = connection.execute(f"SELECT {items} FROM {relation}").fetchone() or ()
    return frozenset(name for (name, _, _), lossy in zip(timed, found, strict=True) if lossy)


def _map(kind: str, x: str, *, nanos: bool) -> tuple[ColumnType, str]:
    """The type in BigQuery's names and the value in it. What has no equal becomes text."""
    if kind in _NANOS and not nanos:
        kind = _NANOS[kind][0]
    if kind in _DIRECT:
        mapped, sql = _DIRECT[kind]
        return mapped, f"CAST({x} AS {sql})"
    if _NESTED.fullmatch(kind):
        return "JSON", f"CAST(to_json({_exact(kind, x)}) AS VARCHAR)"
    decimal = _DECIMAL.fullmatch(kind)
    if decimal and int(decimal[2]) <= 9 and int(decimal[1]) - int(decimal[2]) <= 29:
        return "NUMERIC", f"CAST({x} AS DECIMAL(38, 9))"
    return "STRING", f"CAST({x} AS VARCHAR)"


def _exact(kind: str, x: str) -> str:
    """The nested value with long decimals as texts: as numbers of JSON they would be doubles."""
    texts = _DECIMAL.sub(lambda m: m[0] if int(m[1]) <= _SAFE_DIGITS else "VARCHAR", kind)
    return x if texts == kind else f"CAST({x} AS {texts})"
