"""Text files as rows: blocks parsed by Arrow, and Python's reader as the second opinion.

A block counts only if it means the same to every reader and has as many rows as records were
counted in it. A file with any other block is read once more, alternating between blocks and the
careful reader, which is slower and takes what people write; what that refuses too is an error
with its line number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from factory.errors import Permanent
from factory.ingest.reading.numbers_written import style
from factory.ingest.reading.rows import Piece, SourceColumn, SourceRows, Unreadable
from factory.ingest.reading.text import blocks
from factory.ingest.reading.text.alternating import alternating_pieces
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.ingest.reading.text.body import CsvBody, open_body
from factory.ingest.reading.text.escapes import Escapes
from factory.ingest.reading.text.regular import (
    ends_in_blank,
    ends_in_note,
    last_lines,
    names_at,
    regular,
)
from factory.ingest.reading.values import Member, ReadRequest


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
        pieces=lambda: alternating_pieces(body, parser),
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
    return replace(careful, notes=(*careful.notes, "read in part by the second, slower reader"))


def _pieces(body: CsvBody, parser: BlockParser) -> Iterator[Piece]:
    last = b""
    size = blocks.size_for(len(body.names))
    chunks = Escapes.of(body.dialect).marked(body.chunks())
    for text in blocks.cut(chunks, body.dialect, size):
        if ends_in_blank(last) and names_at(text, 0, body):
            raise Unreadable("another table may begin")
        yield Piece(partial(regular, text, body, parser), len(text))
        last = last_lines(text, last)
    if ends_in_note(last, body):
        raise Unreadable("there may be notes below the rows")
