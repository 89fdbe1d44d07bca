"""Which format a file has, and its rows by the reader of that format."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.ingest.reading.json_files.look import is_json
from factory.ingest.reading.json_files.pages import without_empty_pages
from factory.ingest.reading.rows import NoRows, SourceRows
from factory.ingest.reading.values import Member, ReadRequest
from factory.spec.endings import ENDINGS
from factory.spec.model import FileType

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EXCEL_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_SQLITE_MAGIC = b"SQLite format 3\0"
_HEAD = 4096  # bytes
_TEXT = frozenset({"csv", "tsv"})
_BINARY = frozenset({"parquet", "excel", "sqlite"})


def open_rows(
    members: Sequence[Member], request: ReadRequest, connection: "DuckDBPyConnection"
) -> list[SourceRows]:
    """The rows of each member; one that is empty has none, but one member must have some.

    Some are read from copies under `work_folder`, which must stay while they are used.
    """
    if not members:
        raise Permanent(f"there are no files for {request.table.id}")
    found: list[SourceRows] = []
    empty: list[NoRows] = []
    for number, member in enumerate(members):
        try:
            found.append(_rows(member, request, work_folder(request) / str(number), connection))
        except NoRows as exc:
            empty.append(exc)
            found.append(_none(member))
    if len(empty) == len(found):
        raise empty[0]
    return without_empty_pages(found)


def _none(member: Member) -> SourceRows:
    note = f"{member.name} is empty: it has no rows and no header"
    return SourceRows(sql="", columns=(), name=member.name, pieces=lambda: iter(()), notes=(note,))


def _rows(
    member: Member, request: ReadRequest, folder: Path, connection: "DuckDBPyConnection"
) -> SourceRows:
    """By the reader of its format, which is imported for that alone: a start stays short."""
    kind = request.format.type or format_of(member)
    if kind in {"csv", "tsv"}:
        from factory.ingest.reading.text.rows import csv_rows

        return csv_rows(member, request)
    if kind in _BINARY and not _head(member):
        raise NoRows(f"{member.name}: the file has no rows and no header")
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "parquet":
        from factory.ingest.reading.parquet_files.rows import parquet_rows

        return parquet_rows(member, request, folder, connection)
    if kind == "excel":
        from factory.ingest.reading.excel_files.rows import excel_rows

        return excel_rows(member, request, folder)
    if kind == "sqlite":
        from factory.ingest.reading.sqlite_files.rows import sqlite_rows

        return sqlite_rows(member, request, folder)
    from factory.ingest.reading.json_files.rows import json_rows

    return json_rows(member, request, folder)


def work_folder(request: ReadRequest) -> Path:
    """Where copies of the files lie while they are read."""
    return request.into / "work"


def format_of(member: Member) -> FileType:
    """The format of a file: what its first bytes say, then its suffix, else text."""
    head = _head(member)
    suffix = PurePosixPath(member.name.lower()).suffix
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_EXCEL_MAGIC):
        return "excel"
    if head.startswith(_SQLITE_MAGIC):
        return "sqlite"
    named = ENDINGS.get(suffix)
    if named in _BINARY and head:
        raise Permanent(
            f"{member.name} is called {suffix} and is none",
            hint="say what it is: format: {type: csv}",
        )
    if named in _TEXT and is_json(head, _HEAD):
        return "json"
    if named is not None:
        return named
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"{": "ndjson", b"[": "json"}.get(first, "csv")  # type: ignore[return-value]  # literals of a dict widen to str


def _head(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read(_HEAD)
