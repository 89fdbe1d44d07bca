"""Ways to cut a damaged line so that every value looks like its column.

Each function weighs all ways at once, by the column reached and the place in the line. An answer
is one that no other comes up to; where two are as good, there is none.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.patterns import Columns
from factory.ingest.reading.text.quoting import OTHER_QUOTES, past_spaces

_LONGEST = 10_000  # characters of a line that is looked at so closely
_MOST_PIECES = 300
_STRANGE = 1 << 20  # more than all values of a row can be unlike their columns
_MOST_WORK = 3_000_000  # characters of values that are weighed for one line
_STEP = 50  # of them for each value itself
_ODD = 4  # what a value that is unlike its column costs, in quotes that are out of order


@dataclass(frozen=True, slots=True)
class _Way:
    """The values to the end of the line, their cost, and whether no other way costs as little."""

    cost: int
    alone: bool
    values: tuple[str, ...]


_Step = tuple[int, str, int]  # what it costs, the value, and where the next one begins
_Steps = Callable[[int, int], Iterator[_Step]]  # from a column and a place


def requoted(text: str, dialect: Dialect, columns: Columns) -> list[str] | None:
    """The line with as few of its quotes as possible taken for out of order.

    A quote may be escaped by a backslash, or stand for another kind of quote, in one value.
    """
    if len(text) > _LONGEST or not dialect.quote:
        return None
    marks = dialect.quote + ("" if dialect.quote in OTHER_QUOTES else OTHER_QUOTES)

    def steps(column: int, at: int) -> Iterator[_Step]:
        start = at + _spaces(text, at) if dialect.trim else at
        for cost, value, end in _values_at(text, start, dialect, marks):
            odd = columns.odd(column, value)
            if odd <= 1 or any(mark in value for mark in marks):
                yield cost + _ODD * odd, value, end

    return _only_way(steps, len(text), len(dialect.delimiter), len(columns.shapes))


def merged(
    pieces: Sequence[str], joiner: str, dialect: Dialect, columns: Columns
) -> list[str] | None:
    """Neighbouring pieces joined to as many values as there are columns, each like its own."""
    width = len(columns.shapes)
    if not width < len(pieces) <= _MOST_PIECES:
        return None
    most = len(pieces) - width + 1

    def steps(column: int, at: int) -> Iterator[_Step]:
        for count in range(1, min(most, len(pieces) - at) + 1):
            value = _bare_or_quoted(joiner.join(pieces[at : at + count]), dialect)
            if value is not None and not columns.odd(column, value):
                yield 0, value, at + count

    return _only_way(steps, len(pieces), 0, width)


def shifted(
    fields: Sequence[str], extra: int, places: Sequence[int], joiner: str | None, columns: Columns
) -> list[str] | None:
    """The fields without `extra` of them, or (`joiner`) with so many joined to the one before.

    Of the `places` where these may begin, it is the only one at which the row is most like the
    columns and no value strange to them.
    """
    taken = extra if joiner is None else extra + 1
    before = _sums(columns, 0, fields[: len(columns.shapes)])
    after = _sums(columns, extra, fields, at_end=True)
    least: tuple[int, set[tuple[str, ...]]] = (0, set())
    for at in places:
        cells = [] if joiner is None else [joiner.join(fields[at : at + taken])]
        own = _weight(columns, at, cells[0]) if cells else 0
        weight = before[at] + own + after[at + taken]
        if weight < _STRANGE and (not least[1] or weight <= least[0]):
            row = (*fields[:at], *cells, *fields[at + taken :])
            least = (weight, {row, *(least[1] if weight == least[0] else ())})
    return list(least[1].pop()) if len(least[1]) == 1 else None


def _sums(
    columns: Columns, extra: int, fields: Sequence[str], *, at_end: bool = False
) -> list[int]:
    """How unlike the columns the first so many fields are, or (`at_end`) all from there on."""
    found = enumerate(fields[extra:])
    weights = [0] * extra + [_weight(columns, column, cell) for column, cell in found]
    if at_end:
        return [*accumulate(reversed(weights), initial=0)][::-1]
    return [*accumulate(weights, initial=0)]


def _weight(columns: Columns, column: int, cell: str) -> int:
    return columns.odd(column, cell) + _STRANGE * columns.strange(column, cell)


@dataclass(frozen=True, slots=True)
class Parts:
    """How a row of one field too few can be cut so that all values are like their columns.

    `answer` is the only cut of which the columns leave no doubt; `thinkable`: there are some.
    """

    answer: list[str] | None = None
    thinkable: bool = False


def parted(fields: Sequence[str], columns: Columns) -> Parts:
    """One of the fields cut in two, or an empty one put in."""
    width = len(columns.shapes)
    if len(fields) != width - 1 or len(fields) > _MOST_PIECES:
        return Parts()
    found: dict[tuple[str, ...], bool] = {}
    for at, field in enumerate(fields):
        if not any(columns.odd(at + 2 + n, cell) for n, cell in enumerate(fields[at + 1 :])):
            for left, right, sure in _cuts(field[:_LONGEST], at, columns):
                found[(*fields[:at], left, right, *fields[at + 1 :])] = sure
        if columns.odd(at, field):
            break
    certain = [cut for cut, sure in found.items() if sure]
    return Parts(list(certain[0]) if len(certain) == 1 else None, bool(found))


def _cuts(field: str, at: int, columns: Columns) -> Iterator[tuple[str, str, bool]]:
    """A cut between two digits or two letters is sure only where it takes known values."""
    for place in range(len(field) + 1):
        left, right = field[:place], field[place:]
        if not columns.odd(at, left) and not columns.odd(at + 1, right):
            within = left[-1:].isdigit() and right[:1].isdigit()
            within |= left[-1:].isalpha() and right[:1].isalpha()
            known = columns.knows(at, left) or columns.knows(at + 1, right)
            yield left, right, known or not within


def _only_way(steps: _Steps, end: int, gap: int, width: int) -> list[str] | None:
    """The cheapest way of `width` steps from the start to the end, if it is the only such."""

    left = _MOST_WORK

    @cache
    def best(column: int, at: int) -> _Way | None:
        nonlocal left
        if column == width or at > end or left < 0:
            done = column == width and at == end + gap
            return _Way(0, True, ()) if done else None
        found: _Way | None = None
        for cost, value, after in steps(column, at):
            left -= _STEP + len(value)
            rest = best(column + 1, after + gap)
            if rest is not None:
                found = _cheaper(found, _Way(cost + rest.cost, rest.alone, (value, *rest.values)))
        return found

    way = best(0, 0) if width <= _MOST_PIECES else None
    return list(way.values) if way is not None and way.alone and left >= 0 else None


def _cheaper(first: _Way | None, second: _Way) -> _Way:
    if first is None or second.cost < first.cost:
        return second
    if second.cost == first.cost and second.values != first.values:
        return _Way(first.cost, False, first.values)
    return first


def _values_at(text: str, at: int, dialect: Dialect, marks: str) -> Iterator[_Step]:
    """The values that may begin at a place, each with how many quotes are out of order in it."""
    end = text.find(dialect.delimiter, at)
    bare = text[at : len(text) if end < 0 else end]
    yield (
        int(bare[:1] in marks and bool(bare)) + bare.count(dialect.quote or "\0"),
        bare,
        at + len(bare),
    )
    for mark in marks:
        if text.startswith(mark, at):
            yield from _quoted_at(text, at, dialect, mark)


def _quoted_at(text: str, at: int, dialect: Dialect, mark: str) -> Iterator[_Step]:
    other = int(mark != dialect.quote)
    for found in _run_of(mark).finditer(text, at + 1):
        close = found.end() - 1  # the last of these quotes
        after = close + 1 + _spaces(text, close + 1)
        if after < len(text) and not text.startswith(dialect.delimiter, after):
            continue
        inner = text[at + 1 : close]
        value, amiss = _inside(inner, mark)
        yield amiss + other, value, after


def _inside(inner: str, mark: str) -> tuple[str, int]:
    """A value without its quotes, and what is amiss in it."""
    plain = inner.replace("\\" + mark, mark + mark) if mark != "'" else inner
    amiss = sum(len(run) % 2 for run in _run_of(mark).findall(plain))
    return plain.replace(mark * 2, mark), amiss + int(plain != inner)


def _bare_or_quoted(text: str, dialect: Dialect) -> str | None:
    """The value of a piece of a line; None if only a part of it is in quotes."""
    quote = dialect.quote
    if not quote or quote not in text:
        return text
    whole = len(text) > 1 and text.startswith(quote) and text.endswith(quote)
    return text[1:-1].replace(quote * 2, quote) if whole else None


@cache
def _run_of(mark: str) -> re.Pattern[str]:
    return re.compile(re.escape(mark) + "+")


def _spaces(text: str, at: int) -> int:
    return past_spaces(text, at) - at
