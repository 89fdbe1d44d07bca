"""What the values of a column look like, as far as it helps to tell how a row was meant."""

import re
from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase
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
_MOMENT = re.compile(  # and nothing behind it but what belongs to it
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]+\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|[A-Z]{3,4}|[-+]\d\d:?(?:\d\d)?))?"
)
_YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d")
_STARTS = frozenset("0123456789+-.,")
_NO_VALUE = frozenset({
    "", "-", "--", "?", ".", "..", "*", "na", "n/a", "#n/a", "nan", "nil", "null", "none", "inf",
    "-inf", "infinity", "-infinity", r"\n", "missing", "unknown", "<na>", "nat",
})  # fmt: skip
_ENOUGH = 0.9  # of a column's values alike make it a column of that shape
_EXCEPT_ONE = 4  # so many values alike, too, if one is not: it may be damage
_LOOKED_AT = 300  # rows
_KNOWN = 10  # values from which a pattern is believed
_FEW_LOOKS = 4  # patterns that a column may have to have any
_LONGEST = 500  # characters of a value that has a pattern
_FEW = 2  # rows below names
_LONG = 4  # characters of a common beginning
_CLASSES = {
    **dict.fromkeys(map(ord, "0123456789"), "9"),
    **dict.fromkeys(map(ord, ascii_uppercase), "A"),
    **dict.fromkeys(map(ord, ascii_lowercase), "a"),
}
_RUNS = re.compile(r"\d+|[^\W\d_]+")


def shape(cell: str) -> Shape:
    """What a value looks like."""
    text = cell.strip()
    if not text or text[0] not in _STARTS:
        return "text"
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(text)), "text")


def is_single(cell: str) -> bool:
    """Whether a text is one number, date, time or moment with nothing behind it."""
    kind = shape(cell)
    return kind != "text" and (kind != "moment" or _MOMENT.fullmatch(cell.strip()) is not None)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a time, and so no name."""
    return _VALUE.fullmatch(cell.strip()) is not None


def is_year(cell: str) -> bool:
    """Whether a cell is a year, which may be a name as well."""
    return _YEAR.fullmatch(cell) is not None


def is_missing(cell: str) -> bool:
    """Whether a cell is empty or one of the words that people write for no value."""
    return cell.strip().lower() in _NO_VALUE


def are_names(cells: Sequence[str]) -> bool:
    """Whether the cells can be the names of columns: words, all different."""
    return all(cells) and len(set(cells)) == len(cells) and not any(map(is_value, cells))


class Columns:
    """What the values of some regular rows have in common, column by column; text fits anything.

    The more rows there are, the more is known: from a few, hardly more than the shapes.
    """

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        some = rows[:_LOOKED_AT]
        dense = [row for row in some if sum(map(bool, row)) > 1] or some
        columns = list(zip(*dense, strict=True))
        self.shapes: list[Shape] = [_shape_of(column) for column in columns]
        self.never_empty = [all(column) for column in columns]
        self._words = [_words_of(column) for column in columns]
        self._looks = [_looks_of(column) for column in columns]
        self._beginnings = [_beginning_of(column) for column in columns]

    def strangers(self, cells: Sequence[str]) -> int:
        """How many of a row's cells are not what their columns are."""
        return sum(self.strange(*pair) for pair in enumerate(cells[: len(self.shapes)]))

    def oddness(self, cells: Sequence[str]) -> int:
        """How unlike the columns a row is: strangers, and what is not seen else in a column."""
        return sum(self.odd(*pair) for pair in enumerate(cells[: len(self.shapes)]))

    def odd(self, column: int, cell: str) -> int:
        """The same of one cell: a gap, a word, a pattern or a beginning that is not seen else."""
        strange = int(self.strange(column, cell))
        if not cell:
            return strange + self.never_empty[column]
        words = self._words[column]
        if words:
            return strange + (cell not in words)
        if is_missing(cell):
            return strange
        looks = frozenset() if "\n" in cell else self._looks[column]  # which are of single lines
        unseen = bool(looks) and (
            len(cell) > _LONGEST or looks.isdisjoint((_look(cell), _rough(cell)))
        )
        return strange + unseen + (not cell.startswith(self._beginnings[column]))

    def are_others(self, cells: Sequence[str]) -> bool:
        """Whether the cells are names of other columns: words, strange wherever one can tell."""
        if len(cells) != len(self.shapes) or not self.typed or not are_names(cells):
            return False
        return self.strangers(cells) == self.typed

    def knows(self, column: int, cell: str) -> bool:
        """Whether a value is one of few words, or all values of its column have one pattern."""
        looks = self._looks[column]
        return cell in self._words[column] or (len(looks) == 1 and _look(cell) in looks)

    @property
    def typed(self) -> int:
        """How many columns are more than text."""
        return sum(each != "text" for each in self.shapes)

    def strange(self, column: int, cell: str) -> bool:
        """Whether a cell is not what its column is."""
        expected = self.shapes[column]
        return expected != "text" and not is_missing(cell) and shape(cell) != expected


def begin_with_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows, all as wide, has names of what is below it, two or more."""
    return len(rows) > _FEW and Columns(rows[1:]).are_others(rows[0])


def _shape_of(column: Sequence[str]) -> Shape:
    seen = Counter(shape(cell) for cell in column if not is_missing(cell))
    if not seen:
        return "text"
    best, times = seen.most_common(1)[0]
    enough = times >= _ENOUGH * seen.total() or times == seen.total() - 1 >= _EXCEPT_ONE
    return best if enough else "text"


def _words_of(column: Sequence[str]) -> frozenset[str]:
    """The values of a column that has few of them; none if they are many."""
    words = Counter(column)
    seldom = sum(times == 1 for times in words.values())
    return frozenset(words) if 4 * len(words) <= len(column) and not seldom else frozenset()


def _looks_of(column: Sequence[str]) -> frozenset[str]:
    """The patterns of letters and digits in a column that has few; none if they are many."""
    filled = [cell for cell in column if not is_missing(cell)]
    if len(filled) < _KNOWN or max(map(len, filled)) > _LONGEST:
        return frozenset()
    for look in (_look, _rough):
        seen = Counter(map(look, filled))
        looks = frozenset(each for each, times in seen.items() if times > 1)  # one may be damage
        known = sum(seen[each] for each in looks)
        if len(looks) <= _FEW_LOOKS and known >= _ENOUGH * len(filled):
            return looks
    return frozenset()


def _beginning_of(column: Sequence[str]) -> str:
    """What all long values of a column begin with, such as `https://`."""
    filled = [cell for cell in column if not is_missing(cell)]
    if len(filled) < _KNOWN or min(filled) == max(filled):
        return ""
    least, most = min(filled), max(filled)  # what these share, those between share, too
    common = next(n for n in range(len(most)) if least[n : n + 1] != most[n])
    return least[:common] if common >= _LONG else ""


def _look(cell: str) -> str:
    """`AB-12` as `AA-99`; a letter of another alphabet stands for itself.

    Of a number, which may grow, only the digits behind the point are counted.
    """
    if shape(cell) != "number":
        return cell.translate(_CLASSES)
    whole, point, decimals = cell.rpartition(".")
    return f"{_rough(whole)}.{decimals.translate(_CLASSES)}" if point else _rough(cell)


def _rough(cell: str) -> str:
    """`AB-12` as `a*-9*`."""
    return _RUNS.sub(lambda found: "9*" if found[0][0].isdigit() else "a*", cell)
