"""Blocks of text in which every row is in order, so that each reader would take them alike."""

import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from factory.ingest.reading.rows import Batch, Expected, Unreadable
from factory.ingest.reading.text import learning
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.ingest.reading.text.body import CsvBody
from factory.ingest.reading.text.careful import ends_oddly
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.escapes import Escapes
from factory.ingest.reading.text.patterns import Columns, are_names
from factory.ingest.reading.text.spacing import are_telling, has_spaced_row
from factory.ingest.reading.text.swallowing import Swallowing

_TAIL: Final = 1 << 16  # bytes at the end of a text, where notes may stand
_IN_OTHER_QUOTES: Final = re.compile(rb"^(['`])[^\r\n]*\1\r?$", re.MULTILINE)
_BLANK: Final = (b"\n\n", b"\n\r\n")


def regular(text: bytes, body: CsvBody, parser: BlockParser, expected: Expected) -> Batch:
    """The block's rows. Raises Unreadable if only the careful reader can tell what is in it, or
    UnicodeDecodeError.
    """
    _refuse_strange(text, body)
    text = _trimmed(text, body) if body.dialect.trim else text
    batch = parser.parse(text, expected)
    if any(names_at(text, start, body) for start in batch.below_blanks):
        raise Unreadable("another table may begin")
    if batch.like_rows and _have_swallowed((text[a:b] for a, b in batch.like_rows), body):
        raise Unreadable("a quote may have made one value of several rows")
    if has_spaced_row(batch.columns) and _spaces_tell(body.head, body.dialect, len(body.names)):
        raise Unreadable("a row has spaces behind its separators")
    return batch


def _refuse_strange(text: bytes, body: CsvBody) -> None:
    """Raises Unreadable for lines that may be no rows, and letters that are no part of a value.

    A single byte is looked for first: it is found ten times as fast as several.
    """
    if b"\0" in text:
        raise Unreadable("it has NUL characters")
    if BOM_UTF8[0] in text and _has_line(text, BOM_UTF8):
        raise Unreadable("a byte order mark stands within it")
    comment = (body.request.format.comment or "# ").encode()
    if (body.dialect.escape or "\0").encode() in comment:
        raise Unreadable("comments begin with the escape")
    if comment[:1] in text and _has_line(text, comment):
        raise Unreadable("there may be comments")
    header = Escapes.of(body.dialect).mark(body.header)
    again = header and len(body.names) > 1 and header in text
    if again and _has_line(text, header):
        raise Unreadable("the header is repeated")
    for mark in (b"'", b"`"):
        if mark in text and _has_line(text, mark) and _IN_OTHER_QUOTES.search(text):
            raise Unreadable("a row may be in other quotes")


def _have_swallowed(records: Iterator[bytes], body: CsvBody) -> bool:
    """Whether some record, which its quotes hold together, is made of rows."""
    swallowing = _swallowing(body.head, body.dialect, len(body.names))
    escapes = Escapes.of(body.dialect)
    texts = (escapes.written(record).decode() for record in records)
    return any(
        swallowing.has_swallowed(io.StringIO(text, newline="").readlines()) for text in texts
    )


@lru_cache(maxsize=8)  # files
def _swallowing(head: tuple[str, ...], dialect: Dialect, width: int) -> Swallowing:
    rows, _ = learning.regular_rows(head, dialect, width)
    return Swallowing(dialect, Columns(rows))


@lru_cache(maxsize=8)  # files
def _spaces_tell(head: tuple[str, ...], dialect: Dialect, width: int) -> bool:
    rows, _ = learning.regular_rows(head, dialect, width)
    return are_telling(rows, dialect)


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


def names_at(text: bytes, start: int, body: CsvBody) -> bool:
    """Whether the line that begins at `start` may be the names of as many columns."""
    end = text.find(b"\n", start)
    line = text[start : len(text) if end < 0 else end].rstrip(b"\r")
    line = Escapes.of(body.dialect).meant(line)
    cells = line.decode("utf-8", "replace").split(body.dialect.delimiter)
    return 1 < len(cells) == len(body.names) and are_names(cells)


def ends_in_blank(text: bytes) -> bool:
    """Whether its last line is empty."""
    return text.endswith(_BLANK)


def ends_in_note(text: bytes, body: CsvBody) -> bool:
    """Whether its last line may be a note."""
    tail = Escapes.of(body.dialect).meant(text[-_TAIL:]).decode("utf-8", "replace")
    return ends_oddly(tail, body.dialect, len(body.names))


def last_lines(text: bytes, before: bytes) -> bytes:
    """The end of the text that has `text` behind `before`: enough for the two questions above."""
    return (before + text[-_TAIL:])[-_TAIL:]


def _has_line(text: bytes, beginning: bytes) -> bool:
    return text.startswith(beginning) or b"\n" + beginning in text
