"""The little SQL that everything here is built from, and the database that runs it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COPY = re.compile(r"""["']?/[^"']*\.parquet["']?""")
_CLASS = re.compile(r"\b(Invalid Input|Conversion|Invalid|Binder|IO) Error: ")
_MEMORY = "400MB"
_THREADS = 2


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
    connection.execute("SET TimeZone = 'UTC'")
    return connection


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
