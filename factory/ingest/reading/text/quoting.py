"""Ways to read a line whose quotes are not in order."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.records import Records

_SPACES = re.compile(" *")
OTHER_QUOTES = "'`"  # that one row may have in place of the file's


def readings(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """The ways to read a record whose quotes are not in order, the likelier first."""
    yield _tolerant(text, dialect)
    if dialect.quote:
        yield _tolerant(text, dialect, eager=True)
        yield _tolerant(text, dialect, wary=True)
        yield [_unquoted(each, dialect.quote) for each in text.split(dialect.delimiter)]


def best_reading(text: str, dialect: Dialect, width: int) -> list[str]:
    """The first of the readings, or one that has `width` fields and leaves the fewest quotes."""
    found = list(readings(text, dialect))
    wide = [fields for fields in found if len(fields) == width]
    return min(wide, key=lambda fields: leftover(fields, dialect)) if wide else found[0]


def is_open(text: str, dialect: Dialect) -> bool:
    """Whether a quote at the start of a value is not closed in this text."""
    quote = dialect.quote
    return quote is not None and any(
        field.startswith(quote) and not field.endswith(quote)
        for field in next(readings(text, dialect))
    )


def is_unbalanced(line: str, dialect: Dialect) -> bool:
    """Whether the line has an odd number of quotes, or opens one of another kind."""
    if dialect.quote and line.count(dialect.quote) % 2:
        return True
    return any(mark in line and _opens(line, mark, dialect) for mark in other_quotes(dialect))


def other_quotes(dialect: Dialect) -> str:
    """Those that one row may have in place of the file's."""
    return "" if (dialect.quote or "\0") in OTHER_QUOTES else OTHER_QUOTES


def in_order(text: str, dialect: Dialect) -> bool:
    """Whether the text is one record of the dialect, and nothing else."""
    records = Records(io.StringIO(text, newline=""), dialect)
    record = next(records, None)
    return record is not None and not record.broken and next(records, None) is None


def leftover(fields: Sequence[str], dialect: Dialect) -> int:
    """Values that still stand in quotes, or have one at an end: these were meant to be read."""
    quote = dialect.quote or "\0"
    return sum(f.startswith(quote) + (f.endswith(quote) and len(f) > 1) for f in fields)


def past_spaces(text: str, at: int) -> int:
    """The place of the first letter from there on that is no space."""
    found = _SPACES.match(text, at)
    return found.end() if found else at


def unquoted(fields: Sequence[str]) -> list[str] | None:
    """The values of a row that all stand in quotes of another kind."""
    filled = [field for field in fields if field]
    for mark in OTHER_QUOTES:
        if len(filled) > 1 and all(_within(mark, field) for field in filled):
            return [field[1:-1].replace(mark * 2, mark) for field in fields]
    return None


def by_other_quotes(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """The values of a row that is in order, and of that width, in quotes of another kind."""
    for mark in other_quotes(dialect):
        other = replace(dialect, quote=mark, escape=None)
        if _beginning(mark, dialect.delimiter).search(text) and in_order(text, other):
            fields = next(readings(text, other))
            if len(fields) == width:
                return fields
    return None


def _within(mark: str, field: str) -> bool:
    return len(field) > 1 and field[0] == field[-1] == mark


def _opens(line: str, mark: str, dialect: Dialect) -> bool:
    return (
        line.count(mark) % 2 == 1 and _beginning(mark, dialect.delimiter).search(line) is not None
    )


@cache
def _beginning(mark: str, delimiter: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|{re.escape(delimiter)}){re.escape(mark)}")


def _tolerant(text: str, dialect: Dialect, *, eager: bool = False, wary: bool = False) -> list[str]:
    return [value for value, _, _ in spans(text, dialect, eager=eager, wary=wary)]


def spans(
    text: str, dialect: Dialect, *, eager: bool = False, wary: bool = False
) -> list[tuple[str, int, int]]:
    """The fields with their places, where only a quote before a separator or the end closes.

    A pair of quotes is a quote; `eager`: unless it stands before a separator. `wary`: where the
    next value opens before the quote is closed, it was none.
    """
    fields, at, unclosed = [], 0, False
    while True:
        start = at
        while dialect.trim and text.startswith(" ", start):
            start += 1
        found = None
        if dialect.quote and text.startswith(dialect.quote, start):
            # Where nothing closed one quote, nothing closes those behind it, but in a run
            if not unclosed or text.startswith(dialect.quote, start + 1):
                found = _quoted(text, start + 1, dialect, eager, wary)
            unclosed = unclosed or (found is None and not wary)
        if found is None:
            end = text.find(dialect.delimiter, start)
            found = (text[start:], len(text)) if end < 0 else (text[start:end], end)
        value, at = found
        fields.append((value, start, at))
        if at >= len(text):
            return fields
        at += len(dialect.delimiter)


def _quoted(
    text: str, at: int, dialect: Dialect, eager: bool, wary: bool
) -> tuple[str, int] | None:
    """The value that begins after a quote, and where what follows it begins; None if none does."""
    quote = dialect.quote or ""
    value: list[str] = []
    while (found := text.find(quote, at)) >= 0:
        value.append(text[at:found])
        if dialect.escape and _escaped(text, found, dialect.escape):
            value[-1] = value[-1][:-1]
            value.append(quote)
            at = found + 1
            continue
        run = _run(text, found, quote)
        after = _closes(text, found + run, dialect)
        if after is not None and not eager and _goes_on(text, after, dialect):
            after = None
        if after is not None and (eager or run % 2):
            value.append(quote * (run // 2))
            return _plain("".join(value), dialect), after
        if wary and text.endswith(dialect.delimiter, 0, found):
            return None
        value.append(quote * ((run + 1) // 2))
        at = found + run
    return None


def _closes(text: str, at: int, dialect: Dialect) -> int | None:
    """Where the separator or the end is, if nothing but spaces stands before it."""
    if at >= len(text) or text.startswith(dialect.delimiter, at):
        return at
    past = past_spaces(text, at)
    return past if past >= len(text) or text.startswith(dialect.delimiter, past) else None


def _goes_on(text: str, at: int, dialect: Dialect) -> bool:
    """Whether what follows a closing quote has one at its end alone: the first closed none."""
    quote = dialect.quote or ""
    start = at + len(dialect.delimiter)
    end = text.find(dialect.delimiter, start)
    following = text[start : len(text) if end < 0 else end].strip()
    return following.endswith(quote) and not following.startswith(quote)


def _escaped(text: str, at: int, escape: str) -> bool:
    start = at
    while text.startswith(escape, start - 1) and start:
        start -= 1
    return (at - start) % 2 == 1


def _plain(value: str, dialect: Dialect) -> str:
    return value.replace(dialect.escape * 2, dialect.escape) if dialect.escape else value


def _run(text: str, at: int, quote: str) -> int:
    end = at
    while text.startswith(quote, end):
        end += 1
    return end - at


def _unquoted(field: str, quote: str) -> str:
    inside = len(field) > 1 and field[0] == field[-1] == quote
    return field[1:-1].replace(quote * 2, quote) if inside else field
