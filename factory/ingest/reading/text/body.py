"""A text file as it is written: its encoding, its dialect and where its rows begin."""

import codecs
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final

from factory.errors import Permanent
from factory.ingest.reading.encodings import byte_order_mark, candidates
from factory.ingest.reading.no_tables import refuse_no_table
from factory.ingest.reading.rows import NoRows, Tally
from factory.ingest.reading.text import learning
from factory.ingest.reading.text.detecting import detect
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.header import Start, find_start
from factory.ingest.reading.values import Member, ReadRequest

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvBody:
    """The rows of one text file, read anew each time. `encodings` are those left to try."""

    source: Member
    request: ReadRequest
    names: tuple[str, ...]
    dialect: Dialect
    encoding: str
    encodings: tuple[str, ...]
    lines_before: int
    notes: tuple[str, ...]
    header: bytes  # as it is written
    head: tuple[str, ...]  # the first lines below it
    _mark: int  # bytes
    _skipped: int  # characters above the rows
    _skipped_bytes: int  # and as UTF-8
    tally: Tally = field(default_factory=Tally)

    @property
    def member(self) -> str:
        """The name of the file."""
        return self.source.name

    def chunks(self) -> Iterator[bytes]:
        """The rows as UTF-8; what is said to be UTF-8 is not checked. Tells the progress.

        Raises UnicodeDecodeError where the file is not in its encoding.
        """
        if self.encoding != "utf-8":
            with self.lines() as text:
                while part := text.read(_CHUNK):
                    yield part.encode()
            return
        with self.source.open() as stream:
            done = len(_read_fully(stream, self._mark + self._skipped_bytes))
            self.tell(done)
            while chunk := stream.read(_CHUNK):
                done += len(chunk)
                self.tell(done)
                yield chunk

    @contextmanager
    def lines(self) -> Iterator[io.TextIOWrapper]:
        """The rows as text, its ends of lines as they are."""
        with self._opened() as stream:
            _read_fully(stream, self._mark)
            text = io.TextIOWrapper(stream, self.encoding, newline="")
            left = self._skipped
            while left and (part := text.read(left)):
                left -= len(part)
            yield text

    def tell(self, done: int) -> None:
        """Tell that `done` bytes of the file are read."""
        self.tally.bytes = done
        self.request.progress("read", self.source.name, done, self.source.size, "bytes")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        """The file, telling how much of it was read."""
        with self.source.open() as stream:
            yield io.BufferedReader(_Told(stream, self), _CHUNK)


class _Told(io.RawIOBase):
    """A stream that tells its progress, and leaves the stream below it open."""

    def __init__(self, inner: BinaryIO, body: CsvBody) -> None:
        self._inner, self._body, self._done = inner, body, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # io's own type is wider
        chunk = self._inner.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self._done += len(chunk)
        self._body.tell(self._done)
        return len(chunk)


def open_body(
    member: Member,
    request: ReadRequest,
    encodings: Sequence[str] | None = None,
    failure: UnicodeDecodeError | None = None,
) -> CsvBody:
    """How `member` is written, by its head; in the first of the `encodings` that fits the head.

    Raises Permanent, naming the first failure, if none does.
    """
    with member.open() as stream:
        head = _read_fully(stream, _CHUNK)
    told = request.format.encoding is not None or byte_order_mark(head)[0] is not None
    wide = candidates(head, None)[0].startswith(("utf-16", "utf-32"))
    refuse_no_table(member.name, head, told=told or wide)
    left = list(candidates(head, request.format.encoding) if encodings is None else encodings)
    while left:
        encoding = left.pop(0)
        try:
            return _plan(member, request, head, encoding, tuple(left))
        except UnicodeDecodeError as exc:
            failure = failure or exc
    raise Permanent(
        f"{member.name} is not {failure.encoding if failure else 'text'} throughout: {failure}",
        hint="say which it is: format: {encoding: …}",
    ) from failure


def _plan(
    member: Member, request: ReadRequest, head: bytes, encoding: str, left: tuple[str, ...]
) -> CsvBody:
    mark = byte_order_mark(head)[1]
    whole = len(head) < _CHUNK
    text = codecs.getincrementaldecoder(encoding)().decode(head[mark:], final=whole)
    dialect = detect(text, request.format, tabs=member.name.lower().endswith((".tsv", ".tab")))
    wanted = [column.name for column in request.table.columns]
    try:
        start = find_start(text, dialect, request.format, wanted, whole=whole)
    except NoRows as exc:
        raise NoRows(f"{member.name}: {exc.message}") from exc
    return CsvBody(
        source=member,
        request=request,
        names=start.names,
        dialect=dialect,
        encoding=encoding,
        encodings=left,
        lines_before=start.lines,
        notes=_notes(dialect, encoding, start),
        header=start.header.encode(),
        head=_lines(text, start.characters),
        _mark=mark,
        _skipped=start.characters,
        _skipped_bytes=len(text[: start.characters].encode()),
    )


def _notes(dialect: Dialect, encoding: str, start: Start) -> tuple[str, ...]:
    found = [] if str(dialect) == "delimiter ," else [str(dialect)]
    if encoding != "utf-8":
        found.append(f"encoding {encoding}")
    return (*found, *start.notes)


def _lines(text: str, start: int) -> tuple[str, ...]:
    """The first lines from `start` on, with their ends."""
    return tuple(islice(io.StringIO(text[start:], newline=""), learning.HEAD))


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
