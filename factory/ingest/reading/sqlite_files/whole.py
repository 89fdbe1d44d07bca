"""Whether a SQLite file is all there. SQLite itself reads zeros where a last page is cut short."""

import sqlite3
import struct
from pathlib import Path
from typing import Final

from factory.errors import Permanent
from factory.ingest.reading.sql import literal

_HEADER: Final = struct.Struct(">16sH6xI I 60xI 4x")  # magic, page size, changes, pages, valid for
_PAGES: Final = frozenset(1 << power for power in range(9, 17))  # bytes of a page
_LARGEST: Final = max(_PAGES)  # which the header writes as 1
_STRUCTURE: Final = "***"  # begins what is said of pages; of values that break a rule it is not


def refuse_cut(name: str, path: Path) -> None:
    """Raise Permanent if the file at `path` is shorter than its header says."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise _damaged(name, "it ends within its header")
    _, page, changes, pages, valid_for = _HEADER.unpack(head)
    page = _LARGEST if page == 1 else page
    if page not in _PAGES:  # SQLite says it better
        return
    size = path.stat().st_size
    counted = pages and changes == valid_for  # not by writers of before 2010
    if counted and size < pages * page:
        raise _damaged(name, f"{size:,} bytes are there of {pages * page:,}")
    if not counted and size % page:
        raise _damaged(name, f"its {size:,} bytes are no whole pages of {page:,}")


def refuse_damaged(name: str, connection: sqlite3.Connection, table: str) -> None:
    """Raise Permanent if the pages that hold `table` do not fit together. It costs less than one
    reading of the rows."""
    ordinary = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ? AND rootpage > 0",
        (table,),
    ).fetchone()
    only = f"({literal(table)})" if ordinary[0] else ""  # a view may read every table
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for (said,) in connection.execute(f"PRAGMA quick_check{only}").fetchall():
        if str(said).startswith(_STRUCTURE):
            raise _damaged(name, str(said).splitlines()[-1])


def _damaged(name: str, reason: str) -> Permanent:
    return Permanent(f"{name} is damaged: {reason}", hint="fetch it again")
