"""Text files as rows: blocks parsed by Arrow, and Python's reader as the second opinion.

A block counts only if it means the same to every reader and has as many rows as records were
counted in it. A file with any other block is read by the careful reader, which is slower and
takes what people write; what that refuses too is an error with its line number.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from io import TextIOBase
from itertools import islice
from typing import Final

from factory.errors import Permanent
from factory.ingest.reading import blocks
from factory.ingest.reading.accounts import Reject
from factory.ingest.reading.arrow_csv import BlockParser
from factory.ingest.reading.careful import CarefulReader, Layout, ends_oddly
from factory.ingest.reading.csv_body import CsvBody, open_body
from factory.ingest.reading.numbers_written import style
from factory.ingest.reading.patterns import are_names
from factory.ingest.reading.records import LONGEST
from factory.ingest.reading.rows import (
    Batch,
    Expected,
    Lost,
    Piece,
    SourceColumn,
    SourceRows,
    Unreadable,
)
from factory.ingest.reading.values import Member, ReadRequest

_RECORDS: Final = 10_000  # of the careful reader at once
_TAIL: Final = 1 << 16  # bytes at the end of a file, where notes may stand
_CHARACTERS: Final = 4 << 20  # of them, at most
_IN_OTHER_QUOTES: Final = re.compile(rb"^(['`])[^\r\n]*\1\r?$", re.MULTILINE)
_BLANK: Final = (b"\n\n", b"\n\r\n")
_LF, _CR = 10, 13
_Record = tuple[list[str], int]  # fields, and the line in which it starts


def csv_rows(member: Member, request: ReadRequest) -> SourceRows:
    """The rows of a text file."""
    return _rows(open_body(member, request))


def _rows(body: CsvBody) -> SourceRows:
    nulls = _nulls(body.request.format.null_values)
    parser = BlockParser(replace(body.dialect, trim=False), len(body.names), nulls)
    careful = SourceRows(
        sql="",
        columns=tuple(
            SourceColumn(name, written=style(body.request.format)) for name in body.names
        ),
        name=body.member,
        pieces=lambda: _careful_pieces(body, frozenset(nulls)),
        first_line=body.lines_before + 1,
        instead=partial(_instead, body, None),
        notes=body.notes,
        tally=body.tally,
    )
    if not parser.able:
        return careful
    return replace(
        careful,
        pieces=lambda: _pieces(body, parser),
        instead=partial(_instead, body, careful),
    )


def _nulls(asked: Sequence[str] | None) -> tuple[str, ...]:
    """The empty field and those that are listed; none at all if the list is empty."""
    if asked is None:
        return ("",)
    return tuple(dict.fromkeys(("", *asked))) if asked else ()


def _instead(body: CsvBody, careful: SourceRows | None, error: Exception) -> SourceRows:
    if isinstance(error, UnicodeDecodeError):
        return _rows(open_body(body.source, body.request, body.encodings, error))
    if careful is None:
        raise Permanent(f"{body.member} cannot be read: {error}") from error
    return replace(careful, notes=(*careful.notes, "read by the second, slower reader"))


def _pieces(body: CsvBody, parser: BlockParser) -> Iterator[Piece]:
    last = b""
    size = max(blocks.BLOCK, blocks.COLUMN * len(body.names))
    for text in blocks.cut(body.chunks(), body.dialect, size):
        if last.endswith(_BLANK) and _names_at(text, 0, body):
            raise Unreadable("another table may begin")
        yield partial(_parsed, text, body, parser)
        last = (last + text[-_TAIL:])[-_TAIL:]
    if ends_oddly(last.decode("utf-8", "replace"), body.dialect, len(body.names)):
        raise Unreadable("there may be notes below the rows")


def _parsed(text: bytes, body: CsvBody, parser: BlockParser, expected: Expected) -> Batch:
    """The block's rows, unless there is something in it that only the careful reader can tell.

    A single byte is looked for first: it is found ten times as fast as several.
    """
    if b"\0" in text:
        raise Unreadable("it has NUL characters")
    if BOM_UTF8[0] in text and _has_line(text, BOM_UTF8):
        raise Unreadable("a byte order mark stands within it")
    if b"#" in text and _has_line(text, b"# "):
        raise Unreadable("there may be comments")
    again = body.header and len(body.names) > 1 and body.header in text
    if again and _has_line(text, body.header):
        raise Unreadable("the header is repeated")
    for mark in (b"'", b"`"):
        if mark in text and _has_line(text, mark) and _IN_OTHER_QUOTES.search(text):
            raise Unreadable("a row may be in other quotes")
    text = _trimmed(text, body) if body.dialect.trim else text
    batch = parser.parse(text, expected)
    if batch.blank and _begins_anew(text, body):
        raise Unreadable("another table may begin")
    return batch


def _trimmed(text: bytes, body: CsvBody) -> bytes:
    """The text without the spaces behind separators and at the beginnings of lines.

    Raises Unreadable if it has quotes, within which spaces stay.
    """
    if body.dialect.quote and body.dialect.quote.encode() in text:
        raise Unreadable("spaces may stand in quotes")
    text = text.lstrip(b" ")
    for mark in (body.dialect.delimiter.encode(), b"\n"):
        while mark + b" " in text:
            text = text.replace(mark + b" ", mark)
    return text


def _begins_anew(text: bytes, body: CsvBody) -> bool:
    """Whether words stand behind a blank line, as the names of other columns do."""
    starts = _behind_blanks(text, (body.dialect.quote or "").encode())
    return any(_names_at(text, start, body) for start in starts)


def _names_at(text: bytes, start: int, body: CsvBody) -> bool:
    """Whether the line that begins at `start` may be the names of as many columns."""
    end = text.find(b"\n", start)
    line = text[start : len(text) if end < 0 else end].rstrip(b"\r")
    cells = line.decode("utf-8", "replace").split(body.dialect.delimiter)
    return 1 < len(cells) == len(body.names) and are_names(cells)


def _behind_blanks(text: bytes, quote: bytes) -> list[int]:
    """Where lines begin behind blank ones that no quotes hold."""
    import numpy as np

    array = np.frombuffer(text, np.uint8)
    feeds = np.flatnonzero(array == _LF)
    lengths = np.diff(feeds, prepend=-1)
    blank = (lengths == 1) | ((lengths == 2) & (array[feeds - 1] == _CR))
    starts = feeds[blank] + 1
    if quote:
        starts = starts[np.searchsorted(np.flatnonzero(array == quote[0]), starts) % 2 == 0]
    return [int(start) for start in starts]


def _has_line(text: bytes, beginning: bytes) -> bool:
    return text.startswith(beginning) or b"\n" + beginning in text


def _careful_pieces(body: CsvBody, nulls: frozenset[str]) -> Iterator[Piece]:
    """Batches of the careful reader, each with the rows that it lost on the way."""
    form = body.request.format
    layout = Layout(
        body.member, body.names, body.dialect, body.lines_before, form.ragged, form.comment
    )
    lost: list[Lost] = []
    with body.lines() as lines:
        reader = CarefulReader(
            _limited(lines, body), layout, lambda reject: lost.append(_lost(reject, body))
        )
        records = iter(reader)
        while True:
            some = _some(records)
            yield partial(_batch, some, tuple(lost), len(body.names), nulls, body.lines_before)
            lost.clear()
            if not some:
                break
    body.tally.notes = reader.notes


def _limited(lines: TextIOBase, body: CsvBody) -> Iterable[str]:
    """The lines, none of which is longer than a record may be."""
    frame = body.dialect.frame
    return lines if frame is not None and frame.kind == "records" else _short_lines(lines, body)


def _short_lines(lines: TextIOBase, body: CsvBody) -> Iterator[str]:
    number = body.lines_before
    while line := lines.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise Permanent(
                f"{body.member} line {number:,} is longer than {LONGEST:,} characters",
                hint="a table has shorter rows: look whether lines end otherwise, or what it is",
            )
        yield line


def _lost(reject: Reject, body: CsvBody) -> Lost:
    names = [*body.names, *(f"field_{n + 1}" for n in range(len(body.names), len(reject.fields)))]
    row = json.dumps(dict(zip(names, reject.fields, strict=False)), ensure_ascii=False)
    return Lost(reject.line, reject.reason, row)


def _some(records: Iterator[_Record]) -> list[_Record]:
    found: list[_Record] = []
    size = 0
    for record in islice(records, _RECORDS):
        found.append(record)
        size += sum(map(len, record[0]))
        if size > _CHARACTERS:
            break
    return found


def _batch(
    records: list[_Record],
    lost: tuple[Lost, ...],
    width: int,
    nulls: frozenset[str],
    before: int,
    _: Expected,
) -> Batch:
    import pyarrow as pa

    columns = [
        pa.array([None if f[n] in nulls else f[n] for f, _ in records], pa.string())
        for n in range(width)
    ]
    starts = [line - before for _, line in records]
    return Batch(columns, len(records), lines=lambda rows: [starts[row] for row in rows], lost=lost)
