"""The SQL that the BigQuery warehouse runs. Pure text; every name is quoted.

Each script changes nothing if the ledger has the load (`@load_id`, `@table`) already, or has
another newest load than `@after`; but an append goes after any. Statements `beside` the rows go
with the ledger's row.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from factory.ports import REJECT_COLUMNS, Column, ColumnType, TableShape
from factory.warehouses import ledger
from factory.warehouses.evolution import Evolution
from factory.warehouses.rejects import LOAD_ID, SOURCE_VERSION
from factory.warehouses.remarks import remark
from factory.warehouses.staging import EXPIRES_AFTER

FIRST_LOAD = "factory_first_load"  # the label of a table that tells which load made it

_TRUNCATES = {"DATE": "DATE_TRUNC", "DATETIME": "DATETIME_TRUNC", "TIMESTAMP": "TIMESTAMP_TRUNC"}


def quoted(identifier: str) -> str:
    """The identifier in backticks."""
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


def create_staging(table: str, columns: Iterable[Column]) -> str:
    """A staging table, unless it exists. It drops itself by the clock of BigQuery, whatever ours
    says. NULL is for the checks to find, JSON is still text: Parquet has no such type to load."""
    fields = _list_of(
        replace(column, type="STRING" if column.type == "JSON" else column.type, nullable=True)
        for column in columns
    )
    days = f"INTERVAL {EXPIRES_AFTER.days} DAY"
    expires = f"expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), {days})"
    return f"CREATE TABLE IF NOT EXISTS {table} ({fields}) OPTIONS({expires})"


def replace_rows(
    table: str, staging: str, shape: TableShape, book: str, beside: Sequence[str]
) -> str:
    """New rows for old in a table that keeps its columns and layout: one transaction."""
    names = _list(column.name for column in shape.columns)
    values = ", ".join(_value(column, column.type) for column in shape.columns)
    return _transaction(
        book,
        f"TRUNCATE TABLE {table};",
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {staging} AS s;",
        *beside,
    )


def replace_table(
    table: str, staging: str, shape: TableShape, book: str, beside: Sequence[str]
) -> str:
    """A new table in place of the old one: atomic by itself, followed by the ledger's row."""
    made = _create(f"CREATE OR REPLACE TABLE {table}", staging, shape, _options(shape.description))
    return _made(book, made, beside)


def create_table(
    table: str, staging: str, shape: TableShape, label: str, book: str, beside: Sequence[str]
) -> str:
    """A table with its first rows: atomic by itself, followed by the ledger's row.

    The `label` tells, should the ledger's row be missing, whose rows are in it. Fails if the
    table exists.
    """
    labels = f'labels=[("{FIRST_LOAD}", {_text(label)})]'
    made = _create(f"CREATE TABLE {table}", staging, shape, _options(shape.description, labels))
    return _made(book, made, beside)


def note_load(book: str, beside: Sequence[str]) -> str:
    """The ledger's row of rows that are in their table already: one transaction."""
    return _transaction(book, *beside)


def append_rows(
    table: str, staging: str, shape: TableShape, evolution: Evolution, book: str,
    beside: Sequence[str],
) -> str:  # fmt: skip
    """More rows: one transaction."""
    return _transaction(
        book,
        f"INSERT INTO {table} ({_targets(evolution)}) "
        f"SELECT {_casts(shape, evolution)} FROM {staging} AS s;",
        *beside,
    )


def merge_rows(
    table: str, staging: str, shape: TableShape, evolution: Evolution, book: str,
    beside: Sequence[str],
) -> str:  # fmt: skip
    """Update the rows whose key is staged and insert the others: one transaction.

    UPDATE and INSERT do what one MERGE would; apart they say plainly what is changed.
    """
    keys = {key.lower() for key in shape.primary_key}
    values = {
        name: _value(column, kind)
        for column, (name, kind) in zip(shape.columns, evolution.casts, strict=True)
    }
    match = " AND ".join(f"t.{quoted(name)} = {values[name]}" for name in values
                         if name.lower() in keys)  # fmt: skip
    updates = ", ".join(
        f"{quoted(name)} = {value}" for name, value in values.items() if name.lower() not in keys
    )
    update = f"UPDATE {table} AS t SET {updates} FROM {staging} AS s WHERE {match};"
    insert = (
        f"INSERT INTO {table} ({_targets(evolution)}) SELECT {_casts(shape, evolution)} "
        f"FROM {staging} AS s WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {match});"
    )
    return _transaction(book, *([update] if updates else []), insert, *beside)


def rejects(table: str, staging: str | None, *, replace: bool) -> Sequence[str]:
    """Statements that put the staged rejects of `@load_id` in the place of those it replaces."""
    old = (
        f"TRUNCATE TABLE {table};"
        if replace
        else f"DELETE FROM {table} WHERE {SOURCE_VERSION} = @source_version;"
    )
    if staging is None:
        return [old]
    names = _list(column.name for column in REJECT_COLUMNS)
    return [
        old,
        f"INSERT INTO {table} ({LOAD_ID}, {SOURCE_VERSION}, {names}) "
        f"SELECT @load_id, @source_version, {names} FROM {staging};",
    ]


def drop_staged(tables: Iterable[str], book: str) -> str:
    """Drop the staging tables if the load is in the ledger now: no transaction takes a DROP."""
    drops = "\n".join(f"  DROP TABLE IF EXISTS {table};" for table in tables)
    return f"IF EXISTS ({_published(book)}) THEN\n{drops}\nEND IF;"


def _create(create: str, staging: str, shape: TableShape, options: str) -> str:
    columns = _list_of(shape.columns)
    values = ", ".join(
        f"{_value(column, column.type)} AS {quoted(column.name)}" for column in shape.columns
    )
    clauses = filter(None, [_partition(shape), _cluster(shape), options])
    return f"{create} ({columns}) {' '.join(clauses)} AS SELECT {values} FROM {staging} AS s;"


def _made(book: str, create: str, beside: Sequence[str]) -> str:
    """A table is made outside of transactions; what follows it needs one if it is several."""
    if not beside:
        return _guarded(book, create)
    return _if_due(
        book, [create, "BEGIN TRANSACTION;", *beside, _note(book), "COMMIT TRANSACTION;"]
    )


def _transaction(book: str, *statements: str) -> str:
    return f"BEGIN TRANSACTION;\n{_guarded(book, *statements)}\nCOMMIT TRANSACTION;"


def _guarded(book: str, *statements: str) -> str:
    return _if_due(book, [*statements, _note(book)])


def _if_due(book: str, statements: Iterable[str]) -> str:
    body = "\n".join(f"  {statement}" for statement in statements)
    newest = (
        f"(SELECT load_id FROM {book} WHERE `table` = @table "
        f"ORDER BY {quoted(ledger.LOADED_AT)} DESC LIMIT 1)"
    )
    return (
        f"IF NOT EXISTS ({_published(book)})\n"
        f"  AND (@disposition = 'append' OR IFNULL({newest}, '') = @after) THEN\n{body}\nEND IF;"
    )


def _published(book: str) -> str:
    return f"SELECT 1 FROM {book} WHERE load_id = @load_id AND `table` = @table"


def _note(book: str) -> str:
    """The ledger's row."""
    names = [column.name for column in ledger.COLUMNS if column.name != ledger.LOADED_AT]
    values = ", ".join(f"@{name}" for name in names)
    return (
        f"INSERT INTO {book} ({_list(names)}, {quoted(ledger.LOADED_AT)}) "
        f"VALUES ({values}, CURRENT_TIMESTAMP());"
    )


def _list_of(columns: Iterable[Column]) -> str:
    return ", ".join(_definition(column) for column in columns)


def _definition(column: Column) -> str:
    required = "" if column.nullable else " NOT NULL"
    return " ".join(
        filter(None, [quoted(column.name), column.type + required, _options(remark(column))])
    )


def _options(description: str | None, *others: str) -> str:
    options = [f"description={_text(description)}"] if description else []
    return f"OPTIONS({', '.join([*options, *others])})" if options or others else ""


def _partition(shape: TableShape) -> str:
    if shape.partition_column is None:
        return ""
    kind = next(c.type for c in shape.columns if c.name == shape.partition_column)
    granularity = (shape.granularity or "day").upper()
    column = quoted(shape.partition_column)
    if kind == "DATE" and granularity == "DAY":
        return f"PARTITION BY {column}"
    return f"PARTITION BY {_TRUNCATES.get(kind, 'DATE_TRUNC')}({column}, {granularity})"


def _cluster(shape: TableShape) -> str:
    return f"CLUSTER BY {_list(shape.cluster_by)}" if shape.cluster_by else ""


def _targets(evolution: Evolution) -> str:
    return _list(name for name, _ in evolution.casts)


def _casts(shape: TableShape, evolution: Evolution) -> str:
    return ", ".join(
        _value(column, kind)
        for column, (_, kind) in zip(shape.columns, evolution.casts, strict=True)
    )


def _value(column: Column, wanted: ColumnType) -> str:
    """The staged value as `wanted`. JSON is staged as text: Parquet has no such type to load."""
    name = f"s.{quoted(column.name)}"
    if wanted == "JSON":
        return f"PARSE_JSON({name}, wide_number_mode => 'round')"
    return name if column.type == wanted else f"CAST({name} AS {wanted})"


def _list(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _text(value: str) -> str:
    """The value as a literal: JSON's escapes are BigQuery's too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")
