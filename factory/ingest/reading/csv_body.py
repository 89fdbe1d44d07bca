"""Copies a text file to the disk as UTF-8 without its header, finding out how it is written."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from factory.errors import Permanent
from factory.ingest.reading.counting import RecordCounter
from factory.ingest.reading.dialect import Dialect, detect
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.header import Start, find_start
from factory.ingest.reading.values import Member, ReadRequest

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvBody:
    """The rows of one text file, on disk in UTF-8. `rows` is None if it is not known for sure."""

    member: str
    path: Path
    names: tuple[str, ...]
    dialect: Dialect
    lines_before: int
    rows: int | None
    quoted_line_ends: bool
    bytes_read: int
    notes: tuple[str, ...]


def copy_body(member: Member, request: ReadRequest, path: Path, wanted: Sequence[str]) -> CsvBody:
    """Copy the rows of `member` to `path`; the first encoding that fits every byte is taken."""
    with member.open() as stream:
        head = _read_fully(stream, _CHUNK)
    failure: UnicodeDecodeError | None = None
    for encoding in candidates(head, request.format.encoding):
        try:
            return _copy(member, request, path, wanted, head, encoding)
        except UnicodeDecodeError as exc:
            failure = failure or exc
    raise Permanent(
        f"{member.name} is not {failure.encoding if failure else 'text'} throughout: {failure}",
        hint="say which it is: format: {encoding: …}",
    ) from failure


def _copy(
    member: Member,
    request: ReadRequest,
    path: Path,
    wanted: Sequence[str],
    head: bytes,
    encoding: str,
) -> CsvBody:
    mark = byte_order_mark(head)[1]
    whole = len(head) < _CHUNK
    text = codecs.getincrementaldecoder(encoding)().decode(head[mark:], final=whole)
    dialect = detect(text, request.format, tabs=member.name.lower().endswith((".tsv", ".tab")))
    try:
        start = find_start(text, dialect, request.format, wanted, whole=whole)
    except Permanent as exc:
        raise Permanent(f"{member.name}: {exc.message}", hint=exc.hint) from exc
    counter = RecordCounter((dialect.quote or "").encode(), escaped=dialect.escape is not None)
    skipped = len(text[: start.characters].encode())
    size = _transcode(member, request, path, (mark, skipped, encoding), counter)
    return CsvBody(
        member=member.name,
        path=path,
        names=start.names,
        dialect=dialect,
        lines_before=start.lines,
        rows=counter.records(blank_counts=len(start.names) == 1) if counter.sure else None,
        quoted_line_ends=counter.quoted_line_ends,
        bytes_read=size,
        notes=_notes(dialect, encoding, start),
    )


def _transcode(
    member: Member,
    request: ReadRequest,
    path: Path,
    plan: tuple[int, int, str],
    counter: RecordCounter,
) -> int:
    """Write the rows as UTF-8, past `plan`'s mark and header bytes; the bytes that were read."""
    mark, skipped, encoding = plan
    size = 0
    decoder = codecs.getincrementaldecoder(encoding)()
    with member.open() as stream, path.open("wb") as out:
        stream.read(mark)
        while True:
            chunk = stream.read(_CHUNK)
            plain = _utf8(chunk, decoder, encoding)
            size += len(chunk)
            kept = plain[skipped:]
            skipped = max(0, skipped - len(plain))
            out.write(kept)
            counter.add(kept)
            request.progress("read", member.name, size, member.size, "bytes")
            if not chunk:
                return size + mark


def _utf8(chunk: bytes, decoder: codecs.IncrementalDecoder, encoding: str) -> bytes:
    """`chunk` in UTF-8; what is UTF-8 already is checked and passed on."""
    text = decoder.decode(chunk, final=not chunk)
    return chunk if encoding == "utf-8" else text.encode()


def _notes(dialect: Dialect, encoding: str, start: Start) -> tuple[str, ...]:
    found = [] if str(dialect) == "delimiter ," else [str(dialect)]
    if encoding != "utf-8":
        found.append(f"encoding {encoding}")
    return (*found, *start.notes)


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
