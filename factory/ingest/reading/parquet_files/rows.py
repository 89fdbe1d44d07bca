"""Parquet files as rows: types are there already and are mapped without loss."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.errors import Permanent
from factory.ingest.reading.own_files import lay_out
from factory.ingest.reading.parquet_files.int96 import columns_of
from factory.ingest.reading.parquet_files.types import mapped, unfit
from factory.ingest.reading.row_groups import at_once
from factory.ingest.reading.rows import SourceColumn, SourceRows, Tally
from factory.ingest.reading.sql import literal, quoted, reason_of
from factory.ingest.reading.values import Member, ReadRequest

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_MOST_DIGITS: Final = 38  # of a decimal


def parquet_rows(
    member: Member, request: ReadRequest, folder: Path, connection: "DuckDBPyConnection"
) -> SourceRows:
    """The rows of a Parquet file."""
    path = folder / "copy.parquet"
    size = lay_out(member, request, path)
    nulls = request.format.null_values or ()
    return replace(_rows(member, path, nulls, connection), tally=Tally(size))


def _rows(
    member: Member, path: Path, nulls: Sequence[str], connection: "DuckDBPyConnection"
) -> SourceRows:
    import duckdb

    schema = _schema(member, path)
    try:
        relation, described = columns_of(connection, path)
        counted = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
        misfits = unfit(connection, relation, described)
    except duckdb.Error as exc:
        raise _unreadable(member, reason_of(exc, member.name)) from exc
    if len(described) != len(schema.names):
        counts = f"{len(described)} columns by one reader, {len(schema.names)} by another"
        raise _unreadable(member, counts)
    columns = []
    items = []
    for index, ((known, kind), name) in enumerate(zip(described, schema.names, strict=True)):
        found, value = mapped(kind, quoted(known), fits=known not in misfits)
        columns.append(SourceColumn(name, (found,), native=found != "STRING"))
        if nulls and found == "STRING":
            value = f"CASE WHEN {value} NOT IN ({', '.join(map(literal, nulls))}) THEN {value} END"
        items.append(f"{value} AS c{index}")
    return SourceRows(
        sql=f"SELECT {', '.join(items)} FROM {relation}",
        columns=tuple(columns),
        rows=int(counted[0]) if counted else None,
        name=member.name,
        at_once=at_once(path),
    )


def _schema(member: Member, path: Path) -> "pa.Schema":
    """The names as they are, where DuckDB's are changed if some differ by case alone, and no
    decimals of more than 38 digits, of which DuckDB makes doubles without a word."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowException, OSError) as exc:
        raise _unreadable(member, str(exc).splitlines()[0]) from exc
    for field in schema:
        digits = _digits(field.type)
        if digits > _MOST_DIGITS:
            raise Permanent(
                f'{member.name}: column "{field.name}" has decimals of {digits} digits',
                hint=f"{_MOST_DIGITS} are read; publish it as text",
            )
    return schema


def _digits(kind: "pa.DataType") -> int:
    """The most digits that a decimal has in a type, however deep in it."""
    import pyarrow as pa

    inner = [kind.field(n).type for n in range(kind.num_fields)]
    return max([kind.precision if pa.types.is_decimal(kind) else 0, *map(_digits, inner)])


def _unreadable(member: Member, reason: str) -> Permanent:
    return Permanent(f"{member.name} cannot be read as Parquet: {reason}")
