"""What a broken record was meant to be, if there is one answer.

Never a guess: of the readings that give as many values as there are columns, values that look
like their columns decide; if two readings are as good, there is no answer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile
from typing import Literal

from factory.ingest.reading.text.aligning import merged, parted, requoted, shifted
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.lone import with_lone_quote
from factory.ingest.reading.text.patterns import Columns, is_missing, shape
from factory.ingest.reading.text.quoting import (
    OTHER_QUOTES,
    by_other_quotes,
    in_order,
    is_open,
    is_unbalanced,
    leftover,
    readings,
)
from factory.ingest.reading.text.rewriting import by_another, only
from factory.ingest.reading.text.spacing import without_spaces

How = Literal[
    "stray quotes", "another quote", "another separator", "empty values too many",
    "a bare separator", "a missing separator", "values missing at the end", "a bare line end",
    "quotes around the row", "a missing quote",
]  # fmt: skip
_MOST_LINES = 50
_FEW_LINES = 3
_OVER_LINES = 1_000  # of doubt: what is not quite right in one line is hardly so in several
_MOST_QUOTES = 200
_LONGEST = 100_000  # characters of a row that is looked at so closely


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
    text = _bare("".join(lines) if whole else lines[0])
    if len(text) > _LONGEST:
        return _ended(next(readings(text, dialect)), columns)
    within = within_quotes(text, dialect, columns)
    if within is not None:
        return Mended(within, len(lines) if whole else 1, "quotes around the row")
    other = _in_another_way(text, dialect, columns)
    if other is not None:
        return replace(other, lines=len(lines) if whole else 1)
    quoted = _by_quotes(lines, dialect, columns, whole=whole)
    if quoted is not None and not _doubt(quoted.fields, dialect, columns):
        return quoted
    fields = next(readings(text, dialect))
    width = len(columns.shapes)
    tried = _shorter if len(fields) > width else _longer if len(fields) < width else _as_wide
    lone = _mended(with_lone_quote(text, dialect, columns), "a missing quote")
    found = _first_fitting(chain([lone], tried(text, fields, dialect, columns)), columns)
    if found is None or (quoted is not None and _is_worse(found, columns)):
        return quoted
    return replace(found, lines=len(lines) if whole else 1)


def _is_worse(found: Mended, columns: Columns) -> bool:
    """Than a row as wide as the others in which a quote is amiss."""
    return found.how == "values missing at the end" or columns.oddness(found.fields) > 0


def _in_another_way(text: str, dialect: Dialect, columns: Columns) -> Mended | None:
    """The row if it is in order, but with other quotes or with spaces behind its separators."""
    width = len(columns.shapes)
    by_quotes = _mended(by_other_quotes(text, dialect, width), "another quote")
    found = by_quotes or _mended(without_spaces(text, dialect, width), "another separator")
    return None if found is None or columns.strangers(found.fields) else found


def _ended(fields: list[str], columns: Columns) -> Mended | None:
    """Without separators too many at the end."""
    width = len(columns.shapes)
    if len(fields) <= width or any(field.strip() for field in fields[width:]):
        return None
    row = fields[:width]
    return None if columns.oddness(_down_to_gaps(row)) else Mended(row, 1, None)


def within_quotes(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """The row that was put in quotes once more, as if it were one value."""
    quote, width = dialect.quote, len(columns.shapes)
    if not quote or width < 2 or not (text.startswith(quote) and text.endswith(quote)):
        return None
    if not in_order(text, dialect) or len(outer := next(readings(text, dialect))) != 1:
        return None
    fields = next(readings(outer[0], dialect))
    if len(fields) != width or not in_order(outer[0], dialect) or columns.strangers(fields):
        return None
    told = width > 2 or columns.typed or quote in outer[0]
    prose = all(field.startswith(" ") for field in fields[1:])
    return fields if told and not prose else None


def _first_fitting(found: Iterator[Mended | None], columns: Columns) -> Mended | None:
    """The first that is quite like the columns, but for gaps at its end; else the first."""
    first = None
    for each in found:
        if each is not None and not columns.oddness(_without_gaps(each)):
            return each
        first = first or each
    return first


def _without_gaps(found: Mended) -> list[str]:
    missing = found.how == "values missing at the end"
    return _down_to_gaps(found.fields) if missing else found.fields


def _down_to_gaps(fields: Sequence[str]) -> list[str]:
    """The fields without the empty ones at the end."""
    last = max((at for at, field in enumerate(fields, 1) if field), default=0)
    return list(fields[:last])


def _by_quotes(
    lines: Sequence[str], dialect: Dialect, columns: Columns, *, whole: bool
) -> Mended | None:
    """As many values as columns, if only the quotes are read another way."""
    best: tuple[int, Mended] | None = None
    for count in _counts(lines, dialect, columns, whole=whole):
        text = "".join(lines[:count])
        for fields in _requoted(text, count, dialect, columns):
            if count > 1 and (_holds_rows(fields, dialect) or _is_cut(fields, text, dialect)):
                continue
            doubt = _doubt(fields, dialect, columns)
            doubt += _OVER_LINES * (count > 1 and doubt > 0)
            if best is None or doubt < best[0]:
                best = doubt, Mended(fields, count, "stray quotes")
            if doubt == 0:
                return best[1]
    return best[1] if best and _believable(best[1], columns) else None


def _counts(
    lines: Sequence[str], dialect: Dialect, columns: Columns, *, whole: bool
) -> Sequence[int]:
    """Of how many of the lines the record may be."""
    opened = is_open(_bare(lines[0]), dialect)
    if whole:
        goes_on = len(lines) == 1 or opened or is_unbalanced(lines[0], dialect)
        return [len(lines)] if goes_on and len(lines) <= _MOST_LINES else []
    below = takewhile(lambda line: not _is_row_in_order(line, dialect, columns), lines[1:])
    ends = enumerate(islice(below, _MOST_LINES - 1), 2) if opened else []
    counts = [count for count, line in ends if any(mark in line for mark in _marks(dialect))]
    rows = takewhile(lambda line: _is_plainly_row(line, dialect, columns), lines[:_FEW_LINES])
    alone = sum(1 for _ in rows) if counts else 0
    return [1, *(count for count in counts if alone < min(count, _FEW_LINES))]


def _is_plainly_row(line: str, dialect: Dialect, columns: Columns) -> bool:
    """Whether it is one by the looks of its values or, where these say nothing, its quotes."""
    told = columns.typed or line.count(dialect.quote or "\0") % 2 == 0
    return bool(told) and can_be_row(line, dialect, columns)


def _is_row_in_order(line: str, dialect: Dialect, columns: Columns) -> bool:
    """Whether it is one by the looks of its values and its quotes, and so ends no other row."""
    if not columns.typed or not in_order(line, dialect):
        return False
    fields = next(readings(_bare(line), dialect))
    return len(fields) == len(columns.shapes) and not columns.strangers(fields)


def can_be_row(line: str, dialect: Dialect, columns: Columns) -> bool:
    """Whether a line can be a row by itself, whatever its quotes say."""
    found = readings(_bare(line), dialect)
    return any(len(each) == len(columns.shapes) and not columns.strangers(each) for each in found)


def _marks(dialect: Dialect) -> str:
    return (dialect.quote or "") + OTHER_QUOTES


def _doubt(fields: Sequence[str], dialect: Dialect, columns: Columns) -> int:
    return 2 * columns.oddness(fields) + leftover(fields, dialect)


def _holds_rows(fields: Sequence[str], dialect: Dialect) -> bool:
    """Whether a value over several lines has about as many separators in it as a row."""
    over = [field for field in fields if "\n" in field or "\r" in field]
    most = max((field.count(dialect.delimiter) for field in over), default=0)
    return most >= max(2, len(fields) - 2)


def _is_cut(fields: Sequence[str], text: str, dialect: Dialect) -> bool:
    """Whether a value has a line end that no quote at its beginning has brought there."""
    over = [field for field in fields if "\n" in field or "\r" in field]
    return not all(_begins_quoted(field, text, dialect) for field in over)


def _begins_quoted(field: str, text: str, dialect: Dialect) -> bool:
    marks = _marks(dialect)
    words = re.split(f"[\r\n{re.escape(marks)}]", field)[0]
    places = [f"{gap}{mark}{words}" for mark in marks for gap in (dialect.delimiter, " ")]
    return text.startswith(tuple(marks)) or any(place in text for place in places)


def _believable(found: Mended, columns: Columns) -> bool:
    """Whether no more of a row is out of order than a value or, of many in a line, some."""
    allowed = max(1, columns.typed // 2) if found.lines == 1 else 1
    return columns.strangers(found.fields) <= allowed


def _requoted(text: str, lines: int, dialect: Dialect, columns: Columns) -> Iterator[list[str]]:
    """The readings that have as many values as there are columns."""
    text = _bare(text)
    width = len(columns.shapes)
    found = list(readings(text, dialect))
    if in_order(text, dialect):
        found = found[:1]  # it is the number of values that is amiss
    closely = requoted(text, dialect, columns) if lines <= _FEW_LINES and len(found) > 1 else None
    escaped = f"\\{dialect.quote}" in text
    wide = [fields for fields in found if len(fields) == width]
    last = [closely] if closely else []
    ways = (*last, *wide) if escaped else (*wide, *last)
    yield from (fields for at, fields in enumerate(ways) if fields not in ways[:at])


def _shorter(
    text: str, fields: list[str], dialect: Dialect, columns: Columns
) -> Iterator[Mended | None]:
    """Without the separators that are too many."""
    width = len(columns.shapes)
    extra = len(fields) - width
    ended = _ended(fields, columns)
    if ended is not None:
        yield ended
        return
    gaps = list(_gaps(fields, extra, width))
    if gaps:
        yield _mended(shifted(fields, extra, gaps, None, columns), "empty values too many")
    yield _mended(_in_other_quotes(text, dialect, columns), "another quote")
    yield _mended(_split(text, dialect, columns), "a missing separator")
    rows = extra >= width - 1 and ("\n" in text or "\r" in text)  # two of them, it seems
    if not gaps and not rows:
        joined = shifted(fields, extra, range(width), dialect.delimiter, columns)
        yield _mended(joined, "a bare separator")
    pieces = text.split(dialect.delimiter)
    yield _mended(merged(pieces, dialect.delimiter, dialect, columns), "a bare separator")
    yield _mended(by_another(text, dialect, columns), "another separator")


def _gaps(fields: Sequence[str], extra: int, width: int) -> Iterator[int]:
    """Where so many empty fields begin."""
    empty = 0
    for at, field in enumerate(fields[: width + extra]):
        empty = 0 if field.strip() else empty + 1
        if empty >= extra:
            yield at + 1 - extra


def _longer(
    text: str, fields: list[str], dialect: Dialect, columns: Columns
) -> Iterator[Mended | None]:
    """With another separator, with nothing in the last columns, or with a separator put back."""
    yield _mended(by_another(text, dialect, columns), "another separator")
    if is_open(text, dialect):
        yield _mended(_split(text, dialect, columns), "a missing separator")
        return
    padded = [*fields, *[""] * (len(columns.shapes) - len(fields))]
    word = len(fields) == 1 and shape(fields[0]) == "text"  # a note rather than a row
    at_end = _mended(None if word else padded, "values missing at the end")
    if not columns.oddness(fields):
        yield at_end
    parts = parted(fields, columns)
    yield _mended(_split(text, dialect, columns) or parts.answer, "a missing separator")
    if not parts.thinkable and not columns.strangers(padded):
        yield at_end


def _as_wide(
    text: str, _: list[str], dialect: Dialect, columns: Columns
) -> Iterator[Mended | None]:
    """With a separator more, where it counted one in quotes that are not in order."""
    yield _mended(_split(text, dialect, columns), "a missing separator")


def _mended(fields: list[str] | None, how: How) -> Mended | None:
    return None if fields is None else Mended(fields, 1, how)


def _in_other_quotes(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """Values with separators in quotes of another kind."""
    if not any(dialect.delimiter + mark in dialect.delimiter + text for mark in OTHER_QUOTES):
        return None
    fields = requoted(text, dialect, columns)
    return fields if fields and not columns.strangers(fields) else None


def _split(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """The one way to put a separator before or behind a quote."""
    quote = dialect.quote
    if not quote or not 0 < text.count(quote) <= _MOST_QUOTES:
        return None
    mark = dialect.delimiter
    starts, ends = (mark, quote + mark), (mark, mark + quote)  # of no value
    places = [n for at, each in enumerate(text) if each == quote for n in (at, at + 1)]
    found = []
    for at in dict.fromkeys(places):
        tried = f"{text[:at]}{dialect.delimiter}{text[at:]}"
        fields = next(readings(tried, dialect))
        if len(fields) != len(columns.shapes) or not in_order(tried, dialect):
            continue
        if not any(f.startswith(starts) or f.endswith(ends) for f in fields):
            found.append(fields)
    return only([fields for fields in found if not columns.oddness(fields)], columns)


def joined(first: list[str], second: list[str], columns: Columns) -> list[str] | None:
    """Two short rows as the one that a bare line end has cut, if it looks like the columns."""
    if len(first) + len(second) != len(columns.shapes) + 1 or not columns.typed:
        return None
    fields = [*first[:-1], f"{first[-1]}\n{second[0]}", *second[1:]]
    return None if columns.strangers(fields) or is_missing(first[-1]) else fields


def _bare(text: str) -> str:
    return text.rstrip("\r\n")
