"""The SQL that the DuckDB warehouse runs. Pure text; every name is quoted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from factory.ports import Column, ColumnType, TableId, TableShape
from factory.warehouses import ledger
from factory.warehouses.evolution import Evolution
from factory.warehouses.remarks import remark

TYPES: dict[ColumnType, str] = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "TIME": "TIME",
    "BYTES": "BLOB",
    "JSON": "JSON",
}
_WHOLE = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "", "BIG")} | {
    "INTEGER",
    "UINTEGER",
    "HUGEINT",
}
_TIMES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", TYPES["TIMESTAMP"]}
_TAKES: dict[ColumnType, set[str]] = {  # types in Parquet whose values stay what they are
    "STRING": {"VARCHAR", "JSON"},
    "INT64": _WHOLE,
    "FLOAT64": _WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"},
    "NUMERIC": _WHOLE | {"DECIMAL"},
    "DATETIME": {"DATE"} | _TIMES,
    "TIMESTAMP": _TIMES,
    "TIME": {"TIME", "TIME_NS"},
    "JSON": {"VARCHAR", "JSON"},
}
_OF_DUCKDB: dict[str, ColumnType] = {name: kind for kind, name in TYPES.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one of several files."""

    file: int  # which
    first: int  # row of it
    end: int  # the row behind the last


def quoted(identifier: str) -> str:
    """The identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """The value as a literal."""
    return "'" + value.replace("'", "''") + "'"


def place(table: TableId) -> str:
    """The table for a FROM clause; the project means nothing in a file."""
    return f"{quoted(table.dataset)}.{quoted(table.table)}"


def count(table: TableId) -> str:
    """How many rows the table has."""
    return f"SELECT count(*) FROM {place(table)}"


def column_type(name: str) -> ColumnType | None:
    """The type that DuckDB calls `name`; None if it is not one of ours."""
    return _OF_DUCKDB.get(name)


def fits(parquet_type: str, wanted: ColumnType) -> bool:
    """Whether a column that DuckDB reads from Parquet as `parquet_type` may be `wanted`."""
    return parquet_type.split("(")[0] in _TAKES.get(wanted, {TYPES[wanted]})


def create_staging(shape: TableShape, staging: str, comment: str) -> Iterable[str]:
    """Statements that make the staging table, named as quoted, without rows."""
    yield f"CREATE OR REPLACE TABLE {staging} ({_typed(shape.columns)})"
    yield f"COMMENT ON TABLE {staging} IS {text(comment)}"
    yield from describe(staging, shape.columns)


def insert_staging(
    shape: TableShape, staging: str, files: Sequence[str], part: Part | None = None
) -> str:
    """Add the rows of the files to the staging table, all or those of a part."""
    rows = select(shape, files)
    if part is not None:
        rows += (
            f" WHERE file_index = {part.file:d}"
            f" AND file_row_number >= {part.first:d} AND file_row_number < {part.end:d}"
        )
    return f"INSERT INTO {staging} {rows}"


def select(shape: TableShape, files: Sequence[str]) -> str:
    """The rows of the files with the types of the shape."""
    chosen = ", ".join(
        f"CAST({quoted(column.name)} AS {TYPES[column.type]}) AS {quoted(column.name)}"
        for column in shape.columns
    )
    return f"SELECT {chosen} FROM {parquet(files)}"


def parquet(files: Sequence[str]) -> str:
    """The files as one relation, columns matched by name.

    A folder `v=3` is no partition: it would hide a column of the name v.
    """
    named = ", ".join(map(text, files))
    return f"read_parquet([{named}], union_by_name = true, hive_partitioning = false)"


def swap(staging: str, shape: TableShape, *, exists: bool) -> Iterable[str]:
    """Statements after which the staging table is the table."""
    if exists:
        yield f"DROP TABLE {place(shape.id)}"
    for column in shape.columns:
        if not column.nullable:
            yield f"ALTER TABLE {staging} ALTER {quoted(column.name)} SET NOT NULL"
    yield f"ALTER TABLE {staging} RENAME TO {quoted(shape.id.table)}"
    yield f"COMMENT ON TABLE {place(shape.id)} IS {_text_or_null(shape.description)}"


def change(table: TableId, evolution: Evolution) -> Iterable[str]:
    """Statements that add new columns and let others take NULL."""
    for column in evolution.add:
        yield (f"ALTER TABLE {place(table)} ADD COLUMN {quoted(column.name)} {TYPES[column.type]}")
    for name in evolution.relax:
        yield f"ALTER TABLE {place(table)} ALTER {quoted(name)} DROP NOT NULL"


def append(shape: TableShape, staging: str, evolution: Evolution) -> str:
    """Add the staged rows to the table."""
    return (
        f"INSERT INTO {place(shape.id)} ({_names(evolution)}) "
        f"SELECT {_casts(shape, evolution)} FROM {staging} AS s"
    )


def merge(shape: TableShape, staging: str, evolution: Evolution) -> str:
    """Update the rows whose key is staged, insert the others."""
    values = dict(zip(_column_keys(evolution), _values(shape, evolution), strict=True))
    keys = {key.lower() for key in shape.primary_key}
    match = " AND ".join(f"t.{quoted(name)} = {values[name]}" for name in values
                         if name.lower() in keys)  # fmt: skip
    updates = ", ".join(
        f"{quoted(name)} = {values[name]}"
        for name, _ in evolution.casts
        if name.lower() not in keys
    )
    update = f"WHEN MATCHED THEN UPDATE SET {updates} " if updates else ""
    return (
        f"MERGE INTO {place(shape.id)} AS t USING {staging} AS s ON {match} {update}"
        f"WHEN NOT MATCHED THEN INSERT ({_names(evolution)}) VALUES ({_casts(shape, evolution)})"
    )


def describe(table: str, columns: Iterable[Column]) -> Iterable[str]:
    """Statements that set the comments of described columns."""
    for column in columns:
        said = remark(column)
        if said is not None:
            yield f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {text(said)}"


def create(shape: TableShape) -> Iterable[str]:
    """Statements that make the table without rows."""
    yield f"CREATE TABLE {place(shape.id)} ({_typed(shape.columns)})"
    yield f"COMMENT ON TABLE {place(shape.id)} IS {_text_or_null(shape.description)}"
    yield from describe(place(shape.id), shape.columns)


def create_ledger(table: TableId) -> str:
    """Create the ledger of the table's dataset if there is none."""
    book = place(ledger.ledger_of(table))
    return f"CREATE TABLE IF NOT EXISTS {book} ({_typed(ledger.COLUMNS)})"


def insert_ledger(table: TableId) -> str:
    """Insert a row, with a parameter for each value of `ledger.row_values`, in order.

    Rows are ordered by their time: it is later than that of the load before, also where the
    clock was set back.
    """
    book, name = place(ledger.ledger_of(table)), text(ledger.name_in_ledger(table))
    last = f'SELECT max({ledger.LOADED_AT}) FROM {book} WHERE "table" = {name}'
    time = f"greatest(now(), ({last}) + INTERVAL 1 MICROSECOND)"
    names = [column.name for column in ledger.COLUMNS if column.name != ledger.LOADED_AT]
    return (
        f"INSERT INTO {book} ({', '.join(map(quoted, names))}, {ledger.LOADED_AT}) "
        f"VALUES ({', '.join('?' * len(names))}, {time})"
    )


def _typed(columns: Iterable[Column]) -> str:
    return ", ".join(f"{quoted(column.name)} {TYPES[column.type]}" for column in columns)


def _column_keys(evolution: Evolution) -> list[str]:
    return [name for name, _ in evolution.casts]


def _names(evolution: Evolution) -> str:
    return ", ".join(quoted(name) for name in _column_keys(evolution))


def _casts(shape: TableShape, evolution: Evolution) -> str:
    return ", ".join(_values(shape, evolution))


def _values(shape: TableShape, evolution: Evolution) -> list[str]:
    return [
        f"CAST(s.{quoted(column.name)} AS {TYPES[kind]})"
        for column, (_, kind) in zip(shape.columns, evolution.casts, strict=True)
    ]


def _text_or_null(value: str | None) -> str:
    return "NULL" if value is None else text(value)
