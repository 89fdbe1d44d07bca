"""How a text file separates and quotes its fields: as asked, else found out from its head."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factory.errors import Permanent
from factory.spec.model import FormatSpec

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 500  # records
_NAMES = {"\t": "tab", " ": "space"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`quote` is None where nothing is quoted; `escape` is None where a quote is doubled."""

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None

    def __str__(self) -> str:
        parts = [f"delimiter {_NAMES.get(self.delimiter, self.delimiter)}"]
        if self.quote != '"':
            parts.append(f"quote {self.quote or 'none'}")
        if self.escape:
            parts.append(f"escape {self.escape}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed record and where it ends: in characters, and in lines, of the text."""

    fields: list[str]
    end: int
    end_line: int


def read_records(text: str, dialect: Dialect, *, strict: bool = False) -> Iterator[Record]:
    """The records of `text`, blank lines as records without fields. May raise csv.Error."""
    consumed = 0

    def lines() -> Iterator[str]:
        nonlocal consumed
        for line in io.StringIO(text, newline=""):
            consumed += len(line)
            yield line

    reader = make_reader(lines(), dialect, strict=strict)
    for fields in reader:
        yield Record(fields, consumed, reader.line_num)


def make_reader(lines: Iterator[str], dialect: Dialect, *, strict: bool) -> "Reader":
    """Python's own reader for the dialect."""
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
        strict=strict,
    )


def detect(text: str, asked: FormatSpec, *, tabs: bool) -> Dialect:
    """The dialect of `text`, a file's head; `tabs` if the file's name promises them.

    Raises Permanent if what is asked for is longer than a character.
    """
    for what, asked_for in (("delimiter", asked.delimiter), ("quote", asked.quote)):
        if asked_for is not None and len(asked_for) > 1:
            raise Permanent(f'the {what} "{asked_for}" is longer than one character')
    quote = (asked.quote or None) if asked.quote is not None else _quote(text)
    if asked.delimiter is not None:
        return _with_escape(text, Dialect(asked.delimiter, quote))
    if asked.type == "tsv":
        return _with_escape(text, Dialect("\t", quote))
    order = sorted(_DELIMITERS, key=lambda d: d != "\t") if tabs else _DELIMITERS
    scored = [(_score(text, Dialect(delimiter, quote)), delimiter) for delimiter in order]
    best, delimiter = max(scored, key=lambda pair: pair[0])
    found = Dialect(delimiter if best > (False, 0.0, 0) else order[0], quote)
    return _with_escape(text, found)


def widths(text: str, dialect: Dialect) -> list[int]:
    """Fields of each of the first records that are not blank."""
    found = []
    try:
        for record in read_records(text, dialect):
            if record.fields:
                found.append(len(record.fields))
            if len(found) == _LOOKED_AT:
                break
    except csv.Error:
        return found
    return found


def usual(found: list[int]) -> int:
    """The most frequent width; the larger of two."""
    counts = Counter(found)
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def _score(text: str, dialect: Dialect) -> tuple[bool, float, int]:
    found = widths(text, dialect)
    width = usual(found)
    if width < 2:
        return (False, 0.0, 0)
    return (found[0] == width, found.count(width) / len(found), width)


def _quote(text: str) -> str:
    """Double quotes, unless there are none and every word stands in single ones."""
    if '"' in text or "'" not in text:
        return '"'
    for delimiter in _DELIMITERS:
        fields = [f for line in text.splitlines()[:50] for f in line.split(delimiter)]
        words = [f for f in fields if f and not f[:1].isdigit() and f[0] != "-"]
        if words and all(len(f) > 1 and f[0] == f[-1] == "'" for f in words):
            return "'"
    return '"'


def _with_escape(text: str, dialect: Dialect) -> Dialect:
    """A backslash escapes only if the file makes no sense otherwise."""
    if dialect.quote is None or f"\\{dialect.quote}" not in text or _parses(text, dialect):
        return dialect
    escaped = Dialect(dialect.delimiter, dialect.quote, "\\")
    return escaped if _parses(text, escaped) else dialect


def _parses(text: str, dialect: Dialect) -> bool:
    width: int | None = None
    try:
        for record in read_records(text, dialect, strict=True):
            if record.fields and width is None:
                width = len(record.fields)
            if record.fields and len(record.fields) != width:
                return False
    except csv.Error:
        return False
    return True
