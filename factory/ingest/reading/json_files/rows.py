"""JSON files as rows: an array of objects, an object a line, or a list within one object.

Python's own parser reads them: DuckDB's and Arrow's make doubles of long numbers and refuse
columns of mixed kinds. Nested values stay JSON. Of a key that an object has twice, the last
counts, as in JavaScript.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from factory.errors import Permanent
from factory.ingest.reading.json_files.stream import RecordReader
from factory.ingest.reading.kinds import Record
from factory.ingest.reading.rows import NoRows, Page, Places, SourceColumn, SourceRows, Tally
from factory.ingest.reading.spool import Batch, Spool
from factory.ingest.reading.streams import counted
from factory.ingest.reading.values import Member, ReadRequest

_LINES = (".jsonl", ".ndjson")


def json_rows(member: Member, request: ReadRequest, folder: Path) -> SourceRows:
    """The rows of a JSON file."""
    tally = Tally()
    spool = Spool(folder, "rows", frozenset(request.format.null_values or ()))
    spool.write(lambda: _batches(member, request, tally))
    if not spool.names:
        said = f"{member.name} has no objects with keys"
        raise Permanent(said) if spool.rows else NoRows(said)
    return SourceRows(
        spool.sql,
        tuple(SourceColumn(name, spool.ladder(name)) for name in spool.names),
        spool.rows,
        name=member.name,
        at_once=spool.at_once,
        places=Places("line", _Lines(member, request).of),
        tally=tally,
    )


def _batches(member: Member, request: ReadRequest, tally: Tally) -> Iterator[Batch]:
    def report(done: int) -> None:
        tally.bytes = done
        request.progress("read", member.name, done, member.size, "bytes")

    with member.open() as stream:
        reader = _reader(member, request, counted(stream, report))
        for records in reader.batches():
            yield Batch(len(records), _columns(records))
    tally.page = reader.page
    tally.notes = tuple(_notes(reader.page))


def _notes(page: Page | None) -> Iterator[str]:
    if page is not None and page.under is not None and page.lists:
        empty = ", ".join(f'"{key}"' for key in page.lists)
        yield f'the rows are those under "{page.under}"; empty lists beside: {empty}'


def _columns(records: Sequence[Record]) -> Mapping[str, Sequence[object]]:
    """The values by key. Records mostly have the same keys, in one order."""
    first = tuple(records[0])
    if first and all(tuple(record) == first for record in records):
        values = zip(*(record.values() for record in records), strict=True)
        return dict(zip(first, values, strict=True))
    keys = dict.fromkeys(key for record in records for key in record)
    return {key: [record.get(key) for record in records] for key in keys}


class _Lines:
    """The lines in which records begin. The file is read for them once they are asked for."""

    def __init__(self, member: Member, request: ReadRequest) -> None:
        self._member, self._request = member, request
        self._starts: array[int] | None = None

    def of(self, rows: Sequence[int]) -> Sequence[int]:
        """The line of each of these rows, which count from 1."""
        if self._starts is None:
            with self._member.open() as stream:
                reader = _reader(self._member, self._request, stream, counting=True)
                for _ in reader.batches():
                    pass
            self._starts = reader.starts
        assert self._starts is not None  # noqa: S101 - the reader counts
        return [self._starts[row - 1] for row in rows]


def _reader(
    member: Member, request: ReadRequest, stream: BinaryIO, *, counting: bool = False
) -> RecordReader:
    asked = request.format
    lines = asked.type == "ndjson" or member.name.lower().endswith(_LINES)
    return RecordReader(
        stream,
        member.name,
        asked.encoding,
        path=asked.records.split(".") if asked.records else None,
        lines=lines,
        counting=counting,
    )
