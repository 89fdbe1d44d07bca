"""What the values of a column look like, as far as it helps to tell how a row was meant."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

Shape = Literal["number", "date", "time", "moment", "text"]

_SHAPES: tuple[tuple[Shape, re.Pattern[str]], ...] = (
    ("number", re.compile(r"[-+]?[0-9][0-9.,]*(?:[eE][-+]?\d+)?%?|[-+]?[.,]\d+%?")),
    ("date", re.compile(r"\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}([-/.])\d{1,2}\2\d{1,2}")),
    ("time", re.compile(r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?")),
    ("moment", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]+\d{1,2}:\d\d.*")),
)
_VALUE = re.compile(
    r"[-+]?[0-9.,]*[0-9][0-9.,]*%?([eE][-+]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}:\d\d.*"
)
_YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d")
_STARTS = frozenset("0123456789+-.,")
_NO_VALUE = frozenset({
    "", "-", "--", "?", ".", "..", "*", "na", "n/a", "#n/a", "nan", "nil", "null", "none", "inf",
    "-inf", "infinity", "-infinity", r"\n", "missing", "unknown", "<na>", "nat",
})  # fmt: skip
_ENOUGH = 0.9  # of a column's values alike make it a column of that shape
_LOOKED_AT = 300  # rows


def shape(cell: str) -> Shape:
    """What a value looks like."""
    text = cell.strip()
    if not text or text[0] not in _STARTS:
        return "text"
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(text)), "text")


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a time, and so no name."""
    return _VALUE.fullmatch(cell.strip()) is not None


def is_year(cell: str) -> bool:
    """Whether a cell is a year, which may be a name as well."""
    return _YEAR.fullmatch(cell) is not None


def is_missing(cell: str) -> bool:
    """Whether a cell is empty or one of the words that people write for no value."""
    return cell.strip().lower() in _NO_VALUE


class Columns:
    """The shapes that the columns of some regular rows have; text fits anything."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        some = rows[:_LOOKED_AT]
        dense = [row for row in some if sum(map(bool, row)) > 1] or some
        columns = list(zip(*dense, strict=True))
        self.shapes: list[Shape] = [_shape_of(column) for column in columns]
        self.never_empty = [all(column) for column in columns]
        self._words = [_words_of(column) for column in columns]

    def strangers(self, cells: Sequence[str]) -> int:
        """How many of a row's cells are not what their columns are."""
        pairs = zip(cells, self.shapes, strict=False)
        return sum(
            expected != "text" and not is_missing(cell) and shape(cell) != expected
            for cell, expected in pairs
        )

    def oddness(self, cells: Sequence[str]) -> int:
        """How unlike the columns a row is: strangers, and gaps and words that are not seen else."""
        pairs = zip(cells, self.never_empty, strict=False)
        gaps = sum(never and not cell for cell, never in pairs)
        known = zip(cells, self._words, strict=False)
        return (
            self.strangers(cells) + gaps + sum(cell not in words for cell, words in known if words)
        )

    @property
    def typed(self) -> int:
        """How many columns are more than text."""
        return sum(each != "text" for each in self.shapes)


def _shape_of(column: Sequence[str]) -> Shape:
    seen = Counter(shape(cell) for cell in column if not is_missing(cell))
    if not seen:
        return "text"
    best, times = seen.most_common(1)[0]
    return best if times >= _ENOUGH * seen.total() else "text"


def _words_of(column: Sequence[str]) -> frozenset[str]:
    """The values of a column that has few of them; none if they are many."""
    words = Counter(column)
    seldom = sum(times == 1 for times in words.values())
    return frozenset(words) if 4 * len(words) <= len(column) and not seldom else frozenset()
