"""Filling a staging table from landed Parquet: in one go or, where rows are heavy, in parts.

DuckDB holds 2,048 of the rows that a transaction adds, however long their texts are. A row group
of the landed files ends with 16 MB of such rows, so each is added by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Final

from factory.errors import Permanent
from factory.ports import TableShape
from factory.warehouses import duckdb_sql
from factory.warehouses.duckdb_answers import named, number

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow import parquet

_COUNTED: Final = {"file_index", "file_row_number"}  # by DuckDB, where no column has the name


def weight_of_rows(files: Sequence[str]) -> int:
    """Bytes of a row in the row group whose rows have most, as they are encoded."""
    groups = chain.from_iterable(map(_row_groups, files))
    return max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)


def fill(
    connection: "DuckDBPyConnection",
    shape: TableShape,
    staging: str,
    files: Sequence[str],
    *,
    in_parts: bool,
) -> int:
    """Add the rows of the files to the staging table, named as quoted; how many.

    In parts, each is committed, and an error drops the table.
    """
    if not in_parts or _COUNTED & {column.name.lower() for column in shape.columns}:
        return number(connection, duckdb_sql.insert_staging(shape, staging, files))
    rows = 0
    with _dropped_on_error(connection, staging):
        for part in _parts(files):
            rows += number(connection, duckdb_sql.insert_staging(shape, staging, files, part))
            connection.execute("COMMIT")
            connection.execute("BEGIN TRANSACTION")
    return rows


def check_files(connection: "DuckDBPyConnection", shape: TableShape, files: Sequence[str]) -> None:
    """Raise Permanent if the files have not the columns of the shape."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {duckdb_sql.parquet(files)}").fetchall()
    found = {name.lower(): kind for name, kind, *_ in rows}
    for column in shape.columns:
        kind = found.get(column.name.lower())
        if kind is None:
            raise Permanent(f"the landed objects of {shape.id} have no column {column.name}")
        if not duckdb_sql.fits(kind, column.type):
            raise Permanent(
                f"column {column.name} of {shape.id} is to be {column.type}, "
                f"the landed objects have {kind}"
            )


def first_rows(
    connection: "DuckDBPyConnection", shape: TableShape, files: Sequence[str], rows: int
) -> Sequence[Mapping[str, object]]:
    """As they are in the staging table, but read from the files: it would be read by 2,048 rows,
    however heavy, and in any order."""
    if not rows:
        return ()
    connection.execute("SET preserve_insertion_order = true")
    return named(connection.execute(f"{duckdb_sql.select(shape, files)} LIMIT {rows:d}"))


def _parts(files: Sequence[str]) -> Iterator[duckdb_sql.Part]:
    """The row groups in order."""
    for place, file in enumerate(files):
        first = 0
        for group in _row_groups(file):
            yield duckdb_sql.Part(place, first, first + group.num_rows)
            first += group.num_rows


def _row_groups(file: str) -> "Iterator[parquet.RowGroupMetaData]":
    from pyarrow import parquet

    metadata = parquet.read_metadata(file)
    return map(metadata.row_group, range(metadata.num_row_groups))


@contextmanager
def _dropped_on_error(connection: "DuckDBPyConnection", staging: str) -> Iterator[None]:
    import duckdb

    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # where it was the commit that failed, there is none
            connection.execute("ROLLBACK")
        with suppress(duckdb.Error):  # a full disk may refuse that, too; later loads drop it
            connection.execute(f"DROP TABLE {staging}")
        raise
