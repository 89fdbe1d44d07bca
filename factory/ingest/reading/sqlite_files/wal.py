"""Changes of a SQLite file that its writers left beside it, in a file of its name and `-wal`."""

import sqlite3
from contextlib import closing
from pathlib import Path

from factory.ingest.reading.own_files import copy_whole
from factory.ingest.reading.values import Member, ReadRequest
from factory.spec.endings import WAL


def take_changes(
    member: Member, changes: Member, request: ReadRequest, path: Path
) -> tuple[int, str]:
    """Write the changes into the copy of `member` at `path`: their bytes, and what is to be noted.

    SQLite leaves out what was not finished. Raises sqlite3.Error.
    """
    size = copy_whole(changes, request, path.with_name(f"{path.name}{WAL}"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
    if pages > 0:
        return size, f"{changes.name} was read with it (changed pages: {pages:,})"
    return size, f"{changes.name} has no changes that belong to {member.name}"
