"""Rows as the files have them, before their types are decided."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from factory.errors import Permanent
from factory.ingest.reading.numbers_written import NumberStyle
from factory.ingest.reading.row_groups import MOST
from factory.ports import ColumnType
from factory.spec.names import folded

if TYPE_CHECKING:
    import pyarrow as pa

TEXT_LADDER: tuple[ColumnType, ...] = (
    "BOOL", "INT64", "FLOAT64", "NUMERIC", "DATE", "DATETIME", "TIMESTAMP", "STRING",
)  # fmt: skip

_NUMBERS: tuple[ColumnType, ...] = ("INT64", "FLOAT64", "NUMERIC")


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as the files have it.

    `ladder` are the types that it may turn out to be, the narrowest first. A native column
    has its one type already; any other one is text. `written` is how its numbers are, if not
    plainly.
    """

    name: str
    ladder: tuple[ColumnType, ...] = TEXT_LADDER
    native: bool = False
    written: NumberStyle | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A row that could not be read: the line it begins in, why, and its texts as a JSON object."""

    line: int
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Neighbouring rows. A column is text, native, or values if these were expected.

    `lines` says in which line each of some rows (from 0) begins, counted from the batch's first
    line as 1; None where a format has no lines. `line_ends` is how many lines the batch has,
    `below_blanks` where in its text lines begin below empty ones, `like_rows` where in it records
    begin and end whose quotes may hold rows. `lost` are rows between them that could not be read.
    """

    columns: Sequence["pa.Array"]
    rows: int
    line_ends: int = 0
    below_blanks: Sequence[int] = ()
    like_rows: Sequence[tuple[int, int]] = ()
    lines: Callable[[Sequence[int]], list[int]] | None = None
    lost: Sequence[Lost] = ()

    @property
    def weight(self) -> int:
        """Bytes of the columns."""
        return sum(column.nbytes for column in self.columns)


# Columns by their place that seem to be of a type whose values may be read at once, for they are
# written in one form: INT64, BOOL, DATE or DATETIME
Expected = Mapping[int, ColumnType]
NOTHING: Expected = {}


@dataclass(frozen=True, slots=True)
class Piece:
    """What makes a batch, in a thread of its own; `weight` is roughly its bytes."""

    parse: Callable[[Expected], Batch]
    weight: int


@dataclass(frozen=True, slots=True)
class Page:
    """A JSON file of one object: the key of the list of its rows, or None if it is itself a row,
    and the keys of empty lists and of nulls beside."""

    under: str | None
    lists: tuple[str, ...]
    nulls: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """How much of a file was read, the last time that it was, and what was found while it was."""

    bytes: int = 0
    notes: tuple[str, ...] = ()
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows were written: `of` takes numbers of rows, from 1 and rising, and gives for each
    the number of its line in the file, or of its row in the sheet, as `word` says."""

    word: Literal["line", "row"]
    of: Callable[[Sequence[int]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of one file.

    They come by `pieces`, in order and each time anew, or as the query `sql` with the columns
    c0, c1, … of which `at_once` rows may be held. `first_line` is the line of the file in which the
    rows begin. When reading them raises Unreadable or UnicodeDecodeError, `instead` gives the rows
    in another way. `places` say where rows were written, where batches do not.
    """

    sql: str
    columns: tuple[SourceColumn, ...]
    rows: int | None = None
    name: str = ""
    places: Places | None = None
    pieces: Callable[[], Iterator[Piece]] | None = None
    at_once: int = MOST
    first_line: int = 1
    instead: "Callable[[Exception], SourceRows] | None" = None
    notes: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)


class Unreadable(Exception):
    """The rows cannot be read in this way, or somebody else counts more or fewer."""


class NoRows(Permanent):
    """A file has neither rows nor a header, as one of 0 bytes."""


_Key = tuple[str, int]  # a name and which of its occurrences: a header may repeat one


@dataclass(frozen=True, slots=True)
class Joined:
    """All columns of some parts, and at which place each part has them; None: it has not.

    `alone` are the parts that share no column with any other.
    """

    columns: tuple[SourceColumn, ...]
    places: tuple[tuple[int | None, ...], ...]  # of each part
    alone: tuple[int, ...]
    notes: tuple[str, ...]


def join(parts: Sequence[SourceRows]) -> Joined:
    """The columns matched by name, in the order in which names appear.

    Names that differ in case or in spaces around are one, if no part has both.
    """
    spellings = _spellings(parts)
    known = {name: names[0] for names in spellings for name in names}
    keyed = [_keyed(part, known) for part in parts]
    keys = list(dict.fromkeys(key for columns in keyed for key in columns))
    merged = tuple(
        _merge([part.columns[c[key]] for part, c in zip(parts, keyed, strict=True) if key in c])
        for key in keys
    )
    places = tuple(tuple(columns.get(key) for key in keys) for columns in keyed)
    alone = tuple(_alone(keyed)) if sum(map(bool, keyed)) > 1 else ()
    return Joined(merged, places, alone, tuple(map(_spelled, spellings)))


def _spellings(parts: Sequence[SourceRows]) -> list[list[str]]:
    """Names that are one column, each in the order in which they appear."""
    headers = [list(dict.fromkeys(column.name for column in part.columns)) for part in parts]
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for header in headers for name in header):
        alike.setdefault(folded(name), []).append(name)
    several = [names for names in alike.values() if len(names) > 1]
    return [names for names in several if all(len({*names} & {*each}) < 2 for each in headers)]


def _alone(keyed: Sequence[Mapping[_Key, int]]) -> Iterator[int]:
    """The parts that have columns, and none that another part has."""
    counted = Counter(key for columns in keyed for key in columns)
    for place, columns in enumerate(keyed):
        if columns and all(counted[key] == 1 for key in columns):
            yield place


def _spelled(names: Sequence[str]) -> str:
    written = ", ".join(json.dumps(name, ensure_ascii=False) for name in names)
    return f"one column whose name is written in several ways: {written}"


def _keyed(part: SourceRows, known: Mapping[str, str]) -> dict[_Key, int]:
    seen: dict[str, int] = {}
    keyed = {}
    for index, column in enumerate(part.columns):
        name = known.get(column.name, column.name)
        seen[name] = seen.get(name, 0) + 1
        keyed[(name, seen[name])] = index
    return keyed


def _merge(columns: Sequence[SourceColumn]) -> SourceColumn:
    first = columns[0]
    if all(replace(column, name=first.name) == first for column in columns):
        return first
    kinds = {kind for column in columns if column.native for kind in column.ladder}
    numbers = kinds <= set(_NUMBERS)
    ladders = [_NUMBERS if numbers and column.native else column.ladder for column in columns]
    shared = [t for t in ladders[0] if t != "STRING" and all(t in ladder for ladder in ladders)]
    return SourceColumn(first.name, (*shared, "STRING"))
