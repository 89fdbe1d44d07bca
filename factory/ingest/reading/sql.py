"""The little SQL that everything here is built from, and the database that runs it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COPY = re.compile(r"""["']?/[^"']*\.parquet["']?""")
_CLASS = re.compile(r"\b(Invalid Input|Conversion|Invalid|Binder|IO) Error: ")
_MEMORY = "250MB"
MORE = ("400MB", "80%")  # where that is too little, one after the other
_THREADS = 2
_SETTINGS = (
    "TimeZone = 'UTC'",
    "disable_parquet_prefetching = true",  # it takes all columns of a row group at once
)


def connect(folder: Path, threads: int = _THREADS) -> "DuckDBPyConnection":
    """An in-memory database with bounded memory that spills into `folder`.

    The order of rows is kept, so that the same file gives the same Parquet bytes every time:
    a landing that is repeated finds its objects equal instead of in conflict.
    """
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": _MEMORY,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
        }
    )
    for setting in _SETTINGS:  # of cursors, too, to which others than global ones would not go
        connection.execute(f"SET GLOBAL {setting}")
    return connection


def give_memory(connection: "DuckDBPyConnection", memory: str) -> None:
    """Let it take so much instead."""
    connection.execute(f"SET GLOBAL memory_limit = '{memory}'")


def lacks_memory(exc: Exception) -> bool:
    """Whether DuckDB says so, by itself or through Arrow."""
    return "Out of Memory Error" in str(exc)


def literal(text: str) -> str:
    """`text` as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: tuple[str, ...]) -> str:
    """SQL strings, separated by commas."""
    return ", ".join(literal(text) for text in texts)


def quoted(identifier: str) -> str:
    """`identifier` in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def reason_of(exc: Exception, name: str) -> str:
    """What DuckDB says of a file that it reads a copy of, in one line and by the file's `name`."""
    line = str(exc).strip().splitlines()[0]
    return _CLASS.sub("", _COPY.sub(name, line))
