"""A DuckDB file as the warehouse: dataset `d` is schema `d`, so names are BigQuery's."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from factory.ports import Bucket, Column, Load, Published, Staged, TableId, TableShape
from factory.warehouses import duckdb_sql, ledger
from factory.warehouses.dialect import to_duckdb
from factory.warehouses.doubles import changed_numbers, check_numbers, into_doubles
from factory.warehouses.duckdb_answers import named, number, run
from factory.warehouses.duckdb_file import Tell, nobody, reading, writing
from factory.warehouses.duckdb_fill import check_files, fill, first_rows, weight_of_rows
from factory.warehouses.duckdb_room import (
    ORDINARY,
    SMALLEST_GROUP,
    Room,
    room_to_fill,
    room_to_publish,
    roomy,
)
from factory.warehouses.duckdb_session import let_merge
from factory.warehouses.evolution import evolve
from factory.warehouses.keys import check_keys, faulty_keys
from factory.warehouses.rejects import LOAD_ID, SOURCE_VERSION, rejects_shape, require_ours
from factory.warehouses.staging import EXPIRES_AFTER, MARK, is_staging_of, staging_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PATIENCE = 60.0  # seconds
_SCATTERED = 8  # row groups of the ledger, to which each load adds one


class DuckDbWarehouse:
    """Tables in one file, which is open only during a call. See `factory.ports.Warehouse`.

    A publish is one transaction. `replace` renames the staging table: no second copy of the
    rows, and the staging table is gone afterwards. Memory is bounded but for merges, whose updates
    DuckDB keeps in it, and for what fails otherwise. A file that another process holds is waited
    for up to `patience` seconds, of which `tell` is told; then Retryable names the holder.
    """

    def __init__(self, path: Path, patience: float = _PATIENCE, tell: Tell = nobody) -> None:
        self._path = path
        self._patience = patience
        self._tell = tell

    def uri(self, table: TableId) -> str:
        return f"duckdb://{self._path.as_posix()}/{table.dataset}/{table.table}"

    def loads(self, table: TableId) -> Sequence[Load]:
        book = ledger.ledger_of(table)
        if not self._path.exists():
            return ()
        with reading(self._path, self._patience, tell=self._tell) as connection:
            if not _columns(connection, book):
                return ()
            rows = connection.execute(
                f'SELECT * FROM {duckdb_sql.place(book)} WHERE "table" = ? ORDER BY loaded_at DESC',
                [ledger.name_in_ledger(table)],
            )
            return tuple(ledger.read_row(row, table) for row in named(rows))

    def stage(
        self,
        shape: TableShape,
        load_id: str,
        objects: Sequence[str],
        bucket: Bucket,
        preview: int = 0,
    ) -> Staged:
        staging = duckdb_sql.place(staging_table(shape.id, load_id))
        with tempfile.TemporaryDirectory(prefix="factory-stage-") as folder:
            files = [str(bucket.local_copy(name, Path(folder))) for name in objects]
            rows, shown = roomy(
                lambda room: self._fill(shape, staging, files, load_id, preview, room),
                room_to_fill(len(shape.columns), weight_of_rows(files)),
            )
        return Staged(shape, staging, rows, shown)

    def exists(self, table: TableId) -> bool:
        if not self._path.exists():
            return False
        with reading(self._path, self._patience, tell=self._tell) as connection:
            return bool(_columns(connection, table))

    def query(self, sql: str) -> Sequence[Mapping[str, object]]:
        return roomy(lambda room: self._ask(sql, room), ORDINARY)

    def publish(
        self, staged: Staged, load: Load, after: str | None, rejects: Staged | None = None
    ) -> Published:
        return roomy(
            lambda room: self._publish(staged, load, after, rejects, room),
            room_to_publish(staged.shape.disposition, len(staged.shape.columns), staged.rows),
        )

    def discard(self, staged: Staged) -> None:
        if self._path.exists():
            with writing(self._path, self._patience, tell=self._tell) as connection:
                connection.execute(f"DROP TABLE IF EXISTS {staged.reference}")

    def translate(self, sql: str) -> str:
        return to_duckdb(sql)

    def _fill(
        self,
        shape: TableShape,
        staging: str,
        files: Sequence[str],
        load_id: str,
        preview: int,
        room: Room,
    ) -> tuple[int, Sequence[Mapping[str, object]]]:
        """The rows of the staging table: how many, and the first."""
        needed = sum(Path(file).stat().st_size for file in files)
        opened = writing(self._path, self._patience, room, needed, tell=self._tell)
        with opened as connection:
            _make_schema(connection, shape.id)
            check_files(connection, shape, files)
            _drop_expired(connection, shape.id.dataset)
            run(connection, duckdb_sql.create_staging(shape, staging, _birth(load_id)))
            rows = fill(connection, shape, staging, files, in_parts=room.in_parts)
            return rows, first_rows(connection, shape, files, preview)

    def _publish(
        self,
        staged: Staged,
        load: Load,
        after: str | None,
        rejects: Staged | None,
        room: Room,
    ) -> Published:
        table = staged.shape.id
        with writing(self._path, self._patience, room, tell=self._tell) as connection:
            _make_schema(connection, table)
            connection.execute(duckdb_sql.create_ledger(table))
            already = _is_published(connection, load)
            if not already:
                if load.disposition != "append" and _newest_load(connection, table) != after:
                    raise ledger.overtaken(table)
                _publish_rows(connection, staged)
                _publish_rejects(connection, load, rejects)
                connection.execute(
                    duckdb_sql.insert_ledger(table), list(ledger.row_values(load).values())
                )
                _drop_staged(connection, table)
                if _is_scattered(connection, ledger.ledger_of(table)):
                    _gather(connection, ledger.ledger_of(table))
                    if room.may_merge:
                        let_merge(connection)
            rows = number(connection, duckdb_sql.count(table))
        return Published(rows, already)

    def _ask(self, sql: str, room: Room) -> Sequence[Mapping[str, object]]:
        with reading(self._path, self._patience, room, tell=self._tell) as connection:
            return named(connection.execute(sql))


def _publish_rows(connection: "DuckDBPyConnection", staged: Staged) -> None:
    shape = staged.shape
    existing = _columns(connection, shape.id)
    if shape.disposition == "merge":
        check_keys(shape, number(connection, faulty_keys(staged, duckdb_sql.quoted)))
    if shape.disposition == "replace" or not existing:
        run(connection, duckdb_sql.swap(staged.reference, shape, exists=bool(existing)))
        return
    evolution = evolve(existing, shape)
    if doubles := into_doubles(shape, evolution):
        query = changed_numbers(staged, doubles, duckdb_sql.quoted, duckdb_sql.TYPES["FLOAT64"])
        check_numbers(shape, doubles, connection.execute(query).fetchall()[0])
    run(connection, duckdb_sql.change(shape.id, evolution))
    add = duckdb_sql.merge if shape.disposition == "merge" else duckdb_sql.append
    connection.execute(add(shape, staged.reference, evolution))
    run(connection, duckdb_sql.describe(duckdb_sql.place(shape.id), shape.columns))


def _publish_rejects(connection: "DuckDBPyConnection", load: Load, rejects: Staged | None) -> None:
    """Those of this load in place of what it replaces, in the transaction of its rows."""
    shape = rejects_shape(load.table)
    existing = _columns(connection, shape.id)
    if not existing and rejects is None:
        return
    if not existing:
        run(connection, duckdb_sql.create(shape))
    else:
        require_ours(existing, load.table)
    place = duckdb_sql.place(shape.id)
    if load.disposition == "replace":
        connection.execute(f"DELETE FROM {place}")
    else:
        connection.execute(f"DELETE FROM {place} WHERE {SOURCE_VERSION} = ?", [load.source_version])
    if rejects is not None:
        connection.execute(
            f"INSERT INTO {place} BY NAME SELECT ? AS {LOAD_ID}, ? AS {SOURCE_VERSION}, * "
            f"FROM {rejects.reference}",
            [load.load_id, load.source_version],
        )


def _is_published(connection: "DuckDBPyConnection", load: Load) -> bool:
    book = duckdb_sql.place(ledger.ledger_of(load.table))
    return bool(
        connection.execute(
            f'SELECT 1 FROM {book} WHERE load_id = ? AND "table" = ?',
            [load.load_id, ledger.name_in_ledger(load.table)],
        ).fetchone()
    )


def _newest_load(connection: "DuckDBPyConnection", table: TableId) -> str | None:
    found = connection.execute(
        f'SELECT load_id FROM {duckdb_sql.place(ledger.ledger_of(table))} WHERE "table" = ? '
        f"ORDER BY {ledger.LOADED_AT} DESC LIMIT 1",
        [ledger.name_in_ledger(table)],
    ).fetchone()
    return str(found[0]) if found else None


def _make_schema(connection: "DuckDBPyConnection", table: TableId) -> None:
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {duckdb_sql.quoted(table.dataset)}")


def _drop_staged(connection: "DuckDBPyConnection", table: TableId) -> None:
    """Drop all that is staged for the table."""
    for name, _ in _staging_tables(connection, table.dataset):
        if is_staging_of(table, name):
            connection.execute(f"DROP TABLE {duckdb_sql.place(TableId(table.dataset, name))}")


def _drop_expired(connection: "DuckDBPyConnection", dataset: str) -> None:
    """Drop staging tables that nobody came back for, as BigQuery does by itself."""
    for name, age in _staging_tables(connection, dataset):
        if age > EXPIRES_AFTER:
            connection.execute(f"DROP TABLE {duckdb_sql.place(TableId(dataset, name))}")


def _staging_tables(
    connection: "DuckDBPyConnection", dataset: str
) -> Iterable[tuple[str, timedelta]]:
    """The names of ours and their ages."""
    tables = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() "
        "WHERE schema_name = ? AND contains(table_name, ?) AND comment IS NOT NULL",
        [dataset, MARK],
    ).fetchall()
    ages = ((name, _age_of(comment)) for name, comment in tables)
    return [(name, age) for name, age in ages if age is not None]


def _birth(load_id: str) -> str:
    return json.dumps({"load": load_id, "staged_at": datetime.now(UTC).isoformat()})


def _age_of(comment: str) -> timedelta | None:
    """None: it is somebody else's table, or has somebody's own comment."""
    try:
        return datetime.now(UTC) - datetime.fromisoformat(json.loads(comment)["staged_at"])
    except (ValueError, KeyError, TypeError):
        return None


def _is_scattered(connection: "DuckDBPyConnection", book: TableId) -> bool:
    """Whether the ledger is in many small row groups; so is what got a few rows by each load."""
    info = f"pragma_storage_info({duckdb_sql.text(duckdb_sql.place(book))})"
    groups = number(connection, f"SELECT count(DISTINCT row_group_id) FROM {info}")
    return groups > _SCATTERED + number(connection, duckdb_sql.count(book)) // SMALLEST_GROUP


def _gather(connection: "DuckDBPyConnection", book: TableId) -> None:
    """Make few row groups of the ledger's, which merging does not where other tables are too heavy
    for it."""
    place = duckdb_sql.place(book)
    connection.execute(
        f"CREATE OR REPLACE TABLE {place} AS SELECT * FROM {place} ORDER BY {ledger.LOADED_AT}"
    )


def _columns(connection: "DuckDBPyConnection", table: TableId) -> tuple[Column, ...]:
    """The columns of the table, none if there is no table."""
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE schema_name = ? AND lower(table_name) = lower(?) ORDER BY column_index",
        [table.dataset, table.table],
    ).fetchall()
    return tuple(
        Column(name, duckdb_sql.column_type(kind) or kind, nullable=nullable)
        for name, kind, nullable in rows
    )
