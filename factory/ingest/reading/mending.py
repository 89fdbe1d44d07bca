"""What a broken record was meant to be, if there is one answer.

Never a guess: of the readings that give as many values as there are columns, values that look
like their columns decide; if two readings are as good, there is no answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from factory.ingest.reading.dialect import Dialect
from factory.ingest.reading.patterns import Columns, is_missing, shape

How = Literal[
    "stray quotes", "another separator", "empty values too many", "a bare separator",
    "a missing separator", "values missing at the end", "a bare line end",
]  # fmt: skip
_OTHERS = (" ", ";", "\t", "|", ",", ":")
_MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Mended:
    """The values, of how many of the lines they are, and what was wrong with them."""

    fields: list[str]
    lines: int
    how: How | None  # None: nothing but separators too many at the end


def mend(
    lines: Sequence[str], dialect: Dialect, columns: Columns, *, whole: bool = False
) -> Mended | None:
    """The record that the first of `lines` was meant to be, or (`whole`) all of them."""
    width = len(columns.shapes)
    quoted = _by_quotes(lines, dialect, columns)
    if quoted is not None:
        return quoted
    text = _bare("".join(lines) if whole else lines[0])
    fields = next(readings(text, dialect))
    if len(fields) > width:
        found = _shorter(fields, dialect, columns)
    else:
        found = _by_another(text, dialect, columns) or _split(text, dialect, columns)
        if found is None and not is_open(text, dialect):
            found = _longer(fields, columns)
    return found and replace(found, lines=len(lines) if whole else 1)


def readings(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """The ways to read a record whose quotes are not in order, the likelier first."""
    yield _tolerant(text, dialect)
    if dialect.quote:
        yield _tolerant(text, dialect, eager=True)
        yield _tolerant(text, dialect, wary=True)
        yield [_unquoted(each, dialect.quote) for each in text.split(dialect.delimiter)]


def _by_quotes(lines: Sequence[str], dialect: Dialect, columns: Columns) -> Mended | None:
    """As many values as columns, if only the quotes are read another way."""
    best: tuple[int, Mended] | None = None
    width = len(columns.shapes)
    most = min(len(lines), _MOST_LINES) if is_open(_bare(lines[0]), dialect) else 1
    for count in range(1, most + 1):
        text = _bare("".join(lines[:count]))
        for fields in readings(text, dialect):
            if len(fields) != width:
                continue
            doubt = 2 * columns.strangers(fields) + _leftover(fields, dialect)
            if best is None or doubt < best[0]:
                best = doubt, Mended(fields, count, "stray quotes")
        if best is not None and best[0] == 0:
            break
    return best[1] if best else None


def best_reading(text: str, dialect: Dialect, width: int) -> list[str]:
    """The first of the readings, or one that has `width` fields and leaves the fewest quotes."""
    found = list(readings(text, dialect))
    wide = [fields for fields in found if len(fields) == width]
    return min(wide, key=lambda fields: _leftover(fields, dialect)) if wide else found[0]


def is_open(text: str, dialect: Dialect) -> bool:
    """Whether a quote at the start of a value is not closed in this text."""
    quote = dialect.quote
    return quote is not None and any(
        field.startswith(quote) and not field.endswith(quote)
        for field in next(readings(text, dialect))
    )


def _leftover(fields: Sequence[str], dialect: Dialect) -> int:
    """Values that still stand in quotes: these were meant to be read."""
    quote = dialect.quote or "\0"
    return sum(len(f) > 1 and f.startswith(quote) and f.endswith(quote) for f in fields)


def _tolerant(text: str, dialect: Dialect, *, eager: bool = False, wary: bool = False) -> list[str]:
    """The fields, where only a quote before a separator or the end closes.

    A pair of quotes is a quote; `eager`: unless it stands before a separator. `wary`: where the
    next value opens before the quote is closed, it was none.
    """
    fields, at = [], 0
    while True:
        start = at
        while dialect.trim and text.startswith(" ", start):
            start += 1
        found = None
        if dialect.quote and text.startswith(dialect.quote, start):
            found = _quoted(text, start + 1, dialect, eager, wary)
        if found is None:
            end = text.find(dialect.delimiter, start)
            found = (text[start:], len(text)) if end < 0 else (text[start:end], end)
        value, at = found
        fields.append(value)
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
    past = len(text) - len(text[at:].lstrip(" ")) if text[at] == " " else at
    return past if past >= len(text) or text.startswith(dialect.delimiter, past) else None


def _goes_on(text: str, at: int, dialect: Dialect) -> bool:
    """Whether what follows a closing quote has one at its end alone: the first closed none."""
    quote = dialect.quote or ""
    start = at + len(dialect.delimiter)
    end = text.find(dialect.delimiter, start)
    following = text[start : len(text) if end < 0 else end].strip()
    return following.endswith(quote) and not following.startswith(quote)


def _escaped(text: str, at: int, escape: str) -> bool:
    before = text[:at]
    return (len(before) - len(before.rstrip(escape))) % 2 == 1


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


def _shorter(fields: list[str], dialect: Dialect, columns: Columns) -> Mended | None:
    """Without the separators that are too many."""
    width = len(columns.shapes)
    extra = len(fields) - width
    if not any(field.strip() for field in fields[width:]) and not columns.oddness(fields[:width]):
        return Mended(fields[:width], 1, None)
    empties = [
        [*fields[:at], *fields[at + extra :]]
        for at in range(width + 1)
        if not any(field.strip() for field in fields[at : at + extra])
    ]
    joined = [
        [
            *fields[:at],
            dialect.delimiter.join(fields[at : at + extra + 1]),
            *fields[at + extra + 1 :],
        ]
        for at in range(width)
    ]
    if empties:
        only = _only(empties, columns)
        return Mended(only, 1, "empty values too many") if only else None
    only = _only(joined, columns)
    return Mended(only, 1, "a bare separator") if only else None


def _longer(fields: list[str], columns: Columns) -> Mended | None:
    """With nothing in the last columns, if what there is looks like the first ones."""
    padded = [*fields, *[""] * (len(columns.shapes) - len(fields))]
    if len(fields) == 1 and shape(fields[0]) == "text":
        return None  # a word alone is a note rather than a row
    return None if columns.strangers(padded) else Mended(padded, 1, "values missing at the end")


def _split(text: str, dialect: Dialect, columns: Columns) -> Mended | None:
    """A separator put back between two quotes, where every value is quoted."""
    quote = dialect.quote
    width = len(columns.shapes)
    if not quote or text.count(quote) != 2 * width:
        return None
    pieces = text.split(quote * 2)
    found = []
    for at in range(1, len(pieces)):
        left, right = (quote * 2).join(pieces[:at]), (quote * 2).join(pieces[at:])
        fields = _tolerant(left + quote + dialect.delimiter + quote + right, dialect)
        if len(fields) == width:
            found.append(fields)
    only = _only(found, columns)
    return Mended(only, 1, "a missing separator") if only else None


def _by_another(text: str, dialect: Dialect, columns: Columns) -> Mended | None:
    """A row that somebody wrote with another separator."""
    sure = columns.typed or text.startswith(dialect.quote or "\0")
    found = rewritten(text, dialect, len(columns.shapes)) if sure else []
    only = _only(found, columns)
    return Mended(only, 1, "another separator") if only else None


def rewritten(text: str, dialect: Dialect, width: int) -> list[list[str]]:
    """The fields by every other separator that makes `width` of them."""
    others = [each for each in _OTHERS if each != dialect.delimiter and each in text]
    found = [
        best_reading(text, Dialect(each, dialect.quote, dialect.escape), width) for each in others
    ]
    return [fields for fields in found if len(fields) == width]


def _only(found: Sequence[list[str]], columns: Columns) -> list[str] | None:
    """The one reading that looks like the columns; None if none does, or two as well."""
    fitting = [fields for fields in found if not columns.strangers(fields)]
    if not fitting:
        return None
    least = min(columns.oddness(fields) for fields in fitting)
    best = {tuple(fields) for fields in fitting if columns.oddness(fields) == least}
    return list(best.pop()) if len(best) == 1 else None


def joined(first: list[str], second: list[str], columns: Columns) -> list[str] | None:
    """Two short rows as the one that a bare line end has cut, if it looks like the columns."""
    if len(first) + len(second) != len(columns.shapes) + 1 or not columns.typed:
        return None
    fields = [*first[:-1], f"{first[-1]}\n{second[0]}", *second[1:]]
    return None if columns.strangers(fields) or is_missing(first[-1]) else fields


def _bare(text: str) -> str:
    return text.rstrip("\r\n")
