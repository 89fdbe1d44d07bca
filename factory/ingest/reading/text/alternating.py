"""Rows of a text file that is not in order throughout: regular blocks at once, the rest with care.

The careful reader reads whatever it must. Whenever it rests, and so the next line begins a row of
which nothing is known, the block from there on is tried as a whole. One that is not regular is
tried in a smaller part, and that part is left to the careful reader.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from factory.errors import Permanent
from factory.ingest.reading.rows import NOTHING, Batch, Expected, Lost, Piece, Unreadable
from factory.ingest.reading.text import blocks
from factory.ingest.reading.text.accounts import Reject
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.ingest.reading.text.body import CsvBody
from factory.ingest.reading.text.careful import CarefulReader, Layout
from factory.ingest.reading.text.escapes import Escapes
from factory.ingest.reading.text.records import LONGEST
from factory.ingest.reading.text.regular import ends_in_blank, ends_in_note, regular
from factory.ingest.reading.text.settling import Row

_LinesOf = Callable[[Sequence[int]], list[int]]

_ROWS: Final = 10_000  # of the careful reader at once
_CHARACTERS: Final = 4 << 20  # of them, at most
_PART: Final = 1 << 16  # characters that are read with care if a row in them is not in order


def alternating_pieces(body: CsvBody, parser: BlockParser) -> Iterator[Piece]:
    """Batches in order; those of the careful reader with the rows that it lost on the way."""
    form = body.request.format
    layout = Layout(
        body.member, body.names, body.dialect, body.lines_before, form.ragged, form.comment
    )
    with body.lines() as text:
        careful = _Careful(body, frozenset(parser.nulls))
        source = _Source(text)
        lines = _limited(text, source, body)
        reader = CarefulReader(lines, layout, careful.lose)
        ahead = _Ahead(source, reader, body, parser)
        for row in reader:
            careful.take(row)
            for batch in ahead.batches():
                if careful.rows:
                    yield careful.batch()
                yield Piece(partial(_as_it_is, batch), batch.weight)
            if careful.full:
                yield careful.batch()
        yield careful.batch()
    body.tally.notes = reader.notes


class _Source:
    """Text by lines, or a block of them at once. What is given back comes once more."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.line = 0  # lines taken
        self._text = text
        self._again = io.StringIO("", newline="")

    def readline(self, limit: int) -> str:
        """The next line with its end, up to `limit` characters of it; empty at the end."""
        found = self._again.readline(limit) or self._text.readline(limit)
        self.line += 1 if found else 0
        return found

    def block(self, size: int) -> str:
        """Lines of `size` characters or a few more; empty at the end."""
        found = self._again.read(size) + self._again.readline()
        if len(found) < size:
            found += self._text.read(size - len(found)) + self._text.readline(LONGEST + 1)
        self.line += _line_ends(found)
        return found

    def give_back(self, text: str) -> None:
        """What comes next again."""
        self.line -= _line_ends(text)
        self._again = io.StringIO(text + self._again.read(), newline="")


class _Ahead:
    """Reads blocks at once while the careful reader rests."""

    def __init__(
        self, source: _Source, reader: CarefulReader, body: CsvBody, parser: BlockParser
    ) -> None:
        self._source, self._reader, self._body, self._parser = source, reader, body, parser
        self._escapes = Escapes.of(body.dialect)
        self._largest = blocks.size_for(len(body.names))
        self._size = self._largest
        self._from = 0  # the line from which on it is tried

    def batches(self) -> Iterator[Batch]:
        """The regular blocks that come next, if any can be tried."""
        while self._may_go:
            text = self._source.block(self._size)
            if not text:
                return
            try:
                whole, rest = blocks.split(self._escapes.mark(text.encode()), self._body.dialect)
                found = self._regular(whole)
            except (Unreadable, UnicodeDecodeError):
                self._source.give_back(text)
                if self._size <= _PART:
                    self._from = self._reader.line + max(_line_ends(text), 1)
                self._size = min(self._size, _PART)
            else:
                self._source.give_back(self._escapes.written(rest).decode())
                self._size = min(self._size * 4, self._largest)
                before = self._reader.line
                apart = len(self._body.names) > 1 and ends_in_blank(whole)
                self._reader.pass_over(found.rows, found.line_ends, apart=apart)
                yield _placed(found, before)

    @property
    def _may_go(self) -> bool:
        return self._parser.able and self._reader.rests and self._reader.line >= self._from

    def _regular(self, text: bytes) -> Batch:
        if not text or ends_in_note(text, self._body):
            raise Unreadable("the careful reader should look at its end")
        return regular(text, self._body, self._parser, NOTHING)


def _line_ends(text: str) -> int:
    """How many lines end in the text, of each kind that `readline` knows."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _placed(batch: Batch, before: int) -> Batch:
    """The batch with lines that count from the first one below the header."""
    assert batch.lines is not None  # noqa: S101 - text has lines
    lines = partial(_shifted, within=batch.lines, before=before)
    return Batch(batch.columns, batch.rows, lines=lines)


class _Careful:
    """What the careful reader has read, and lost, since the last batch."""

    def __init__(self, body: CsvBody, nulls: frozenset[str]) -> None:
        self.rows: list[Row] = []
        self._size = 0  # characters
        self._lost: list[Lost] = []
        self._body, self._nulls = body, nulls

    @property
    def full(self) -> bool:
        """Whether it is time for a batch."""
        return len(self.rows) >= _ROWS or self._size > _CHARACTERS

    def take(self, row: Row) -> None:
        """Another row."""
        self.rows.append(row)
        self._size += sum(map(len, row[0]))

    def lose(self, reject: Reject) -> None:
        """A row that could not be read."""
        more = range(len(self._body.names), len(reject.fields))
        names = [*self._body.names, *(f"field_{n + 1}" for n in more)]
        row = json.dumps(dict(zip(names, reject.fields, strict=False)), ensure_ascii=False)
        self._lost.append(Lost(reject.line, reject.reason, row))

    def batch(self) -> Piece:
        """All of it."""
        rows, size, lost = self.rows, self._size, tuple(self._lost)
        self.rows, self._size, self._lost = [], 0, []
        width, before = len(self._body.names), self._body.lines_before
        return Piece(partial(_by_column, rows, lost, width, self._nulls, before), size)


def _by_column(
    rows: list[Row],
    lost: tuple[Lost, ...],
    width: int,
    nulls: frozenset[str],
    before: int,
    _: Expected,
) -> Batch:
    import pyarrow as pa

    columns = [
        pa.array([None if f[n] in nulls else f[n] for f, _ in rows], pa.string())
        for n in range(width)
    ]
    starts = [line - before for _, line in rows]
    return Batch(columns, len(rows), lines=lambda some: [starts[row] for row in some], lost=lost)


def _as_it_is(batch: Batch, _: Expected) -> Batch:
    return batch


def _shifted(rows: Sequence[int], within: _LinesOf, before: int) -> list[int]:
    return [before + line for line in within(rows)]


def _limited(text: io.TextIOBase, source: _Source, body: CsvBody) -> Iterable[str]:
    """The lines, none of which is longer than a record may be."""
    frame = body.dialect.frame
    return text if frame is not None and frame.kind == "records" else _short_lines(source, body)


def _short_lines(source: _Source, body: CsvBody) -> Iterator[str]:
    while line := source.readline(LONGEST + 1):
        if len(line) > LONGEST:
            number = body.lines_before + source.line
            raise Permanent(
                f"{body.member} line {number:,} is longer than {LONGEST:,} characters",
                hint="a table has shorter rows: look whether lines end otherwise, or what it is",
            )
        yield line
