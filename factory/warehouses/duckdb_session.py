"""A connection to the DuckDB file: under a name of ours, with settings that stay as they are."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.errors import Retryable
from factory.warehouses.duckdb_room import Room
from factory.warehouses.duckdb_sql import text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CATALOG: Final = '"the file"'  # no dataset is called that, and one may be called as the file is
_HOLDER = re.compile(r"held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")
_TAKEN: Final = ("set lock on file", "Unique file handle conflict")  # by others; by this process
_READING: Final = {"enable_external_access": "false"}
_WRITING: Final = {
    "preserve_insertion_order": "false",
    "write_buffer_row_group_count": "1",  # each once it is complete: several may be too heavy
    "max_vacuum_tasks": "0",  # no merging of row groups, which would look at those of all tables
}


def opened(path: Path, room: Room, *, reading: bool) -> "DuckDBPyConnection":
    """The file as the only database. Raises Retryable if others have it open.

    Connections of this process that read share one database, whose settings are those of the
    first. They carry out what users wrote, so they see no other file and change no setting.
    """
    import duckdb

    connection = duckdb.connect(f":memory:{path.resolve()}")
    try:
        _attach(connection, path, room, reading=reading)
        _settle(connection, path, room, reading=reading)
    except duckdb.Error as exc:
        connection.close()
        if any(words in str(exc) for words in _TAKEN):
            raise busy(path, str(exc)) from exc
        raise
    return connection


def let_merge(connection: "DuckDBPyConnection") -> None:
    """Let it make one row group of several small ones, in all tables, when it is closed."""
    connection.execute("RESET GLOBAL max_vacuum_tasks")


def busy(path: Path, message: str = "") -> Retryable:
    """The error that names who has the file, whom DuckDB's own message names."""
    holder = _HOLDER.search(message)
    who = f"{holder['program']} (PID {holder['pid']})" if holder else "this process"
    return Retryable(
        f"the DuckDB file {path} is in use by {who}",
        hint="close the other program, or open it read-only: duckdb -readonly",
    )


def _attach(connection: "DuckDBPyConnection", path: Path, room: Room, *, reading: bool) -> None:
    file = text(str(path))
    if reading:
        connection.execute(f"ATTACH IF NOT EXISTS {file} AS {_CATALOG} (READ_ONLY)")
    else:
        connection.execute(f"ATTACH {file} AS {_CATALOG} (ROW_GROUP_SIZE {room.group:d})")
    connection.execute(f"USE {_CATALOG}")
    connection.execute("DETACH DATABASE IF EXISTS memory")  # a dataset may be called that


def _settle(connection: "DuckDBPyConnection", path: Path, room: Room, *, reading: bool) -> None:
    """UTC, the room, and writing by all threads: in the order of the rows, one alone writes where
    memory is short."""
    if _is_settled(connection):
        return
    settings = {
        "TimeZone": "UTC",
        "temp_directory": f"{path}.tmp",
        "disable_parquet_prefetching": "true",  # it would hold all columns of a row group
        **({"memory_limit": f"{room.memory}MB"} if room.memory else {}),
        **({"threads": str(room.threads)} if room.threads else {}),
        **(_READING if reading else _WRITING),
    }
    for name, value in settings.items():
        connection.execute(f"SET GLOBAL {name} = ?", [value])
    if reading:
        connection.execute("SET lock_configuration = true")


def _is_settled(connection: "DuckDBPyConnection") -> bool:
    found = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    return bool(found and found[0])
