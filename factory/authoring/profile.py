"""What can be said of a column after every one of its rows was seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.authoring.dates import DATE_FORMATS, is_ambiguous, may_be_date
from factory.authoring.numbers import NUMBER_STYLES, meant, written_as
from factory.ingest.reading import ReadResult
from factory.ingest.reading.declared import declared
from factory.ingest.reading.lossless import Candidate, inferred
from factory.ingest.reading.numbers_written import NumberStyle
from factory.ingest.reading.rows import TEXT_LADDER
from factory.ingest.reading.sql import connect, literal, literals, quoted
from factory.ports import Column, ColumnType

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NULL_MARKERS: Final = (
    "NA", "N/A", "n/a", "na", "#N/A", "NaN", "nan", "NULL", "null", "None", "none", "nil", "-",
    "--", "?", ".", "..", "missing", "unknown", "Unknown", "9999-99-99", "0000-00-00",
    "99/99/9999", "00/00/0000", " ",
)  # fmt: skip
_FEW = 10  # values that are a list rather than a column of anything
_SAMPLE = 1_000  # rows that are enough to rule most types out
_GLANCE = 20  # values that are looked at before all forms of dates are tried
_AT_ONCE = 60  # columns in one query
_COUNTED: Final = frozenset({"STRING", "INT64", "BOOL"})


@dataclass(frozen=True, slots=True)
class Profile:
    """A column as found. `type` None: no row has a value.

    `null_values` are texts without which all others are of the type; `odd` are such texts in a
    column that stays text, with their numbers. `formats` are ways to read the text as dates,
    more than one if the rows do not decide. `values` are all values if they are few, the
    commonest first.
    """

    column: Column
    type: ColumnType | None
    rows: int
    filled: int
    unique: bool = False
    values: tuple[str, ...] = ()
    null_values: tuple[str, ...] = ()
    odd: tuple[tuple[str, int], ...] = ()
    formats: tuple[str, ...] = ()
    could_be: ColumnType | None = None  # what `formats` make of the text, if they are several
    digits: bool = False  # a text of numbers that no number type holds as they are written
    styles: tuple[NumberStyle, ...] = ()  # ways to read the text as numbers; two: no row decides

    @property
    def original(self) -> str:
        """The name in the source."""
        return self.column.name if self.column.original is None else self.column.original

    @property
    def complete(self) -> bool:
        """Whether every row has a value."""
        empty = self.null_values or self.odd
        return self.rows > 0 and self.filled == self.rows and not empty


def profile_rows(result: ReadResult, work: Path) -> tuple[Profile, ...]:
    """A profile of each column of the rows that were read. `work` is for what memory lacks."""
    with connect(work) as connection:
        source = f"read_parquet({literal(str(result.parquet))}, hive_partitioning = false)"
        profiles: list[Profile] = []
        for start in range(0, len(result.columns), _AT_ONCE):
            profiles += _counted(connection, source, result.columns[start : start + _AT_ONCE])
        return tuple(_look(connection, source, profile) for profile in profiles)


def _counted(
    connection: "DuckDBPyConnection", source: str, columns: Sequence[Column]
) -> Iterator[Profile]:
    """With `unique` and `values` as far as a quick count can tell."""
    items = ", ".join(
        f"count({x}), approx_count_distinct({x})" for x in (quoted(c.name) for c in columns)
    )
    row = connection.execute(f"SELECT count(*), {items} FROM {source}").fetchone() or (0,)
    rows, counts = row[0], row[1:]
    for position, column in enumerate(columns):
        filled, about = counts[2 * position], counts[2 * position + 1]
        profile = Profile(column, column.type if filled else None, rows, filled)
        if rows > 1 and filled == rows and about > rows * 0.8:
            profile = replace(profile, unique=_is_unique(connection, source, column, rows))
        elif column.type in _COUNTED and 0 < about <= 2 * _FEW and filled > 2 * about:
            profile = replace(profile, values=_values(connection, source, column))
        yield profile


def _is_unique(connection: "DuckDBPyConnection", source: str, column: Column, rows: int) -> bool:
    query = f"SELECT count(DISTINCT {quoted(column.name)}) FROM {source}"
    return connection.execute(query).fetchone() == (rows,)


def _values(connection: "DuckDBPyConnection", source: str, column: Column) -> tuple[str, ...]:
    x = quoted(column.name)
    found = connection.execute(
        f"SELECT CAST({x} AS VARCHAR) FROM {source} WHERE {x} IS NOT NULL"
        f" GROUP BY {x} ORDER BY count(*) DESC, {x} LIMIT {_FEW + 1}"
    ).fetchall()
    return tuple(value for (value,) in found) if len(found) <= _FEW else ()


def _look(connection: "DuckDBPyConnection", source: str, profile: Profile) -> Profile:
    """Texts: are they values of a type once some are taken for NULL, or dates in some form?"""
    if profile.type != "STRING":
        return profile
    x = quoted(profile.column.name)
    odd = tuple(
        connection.execute(
            f"SELECT {x}, count(*) FROM {source} WHERE {x} IN ({literals(NULL_MARKERS)})"
            f" GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
    )
    markers = tuple(text for text, _ in odd)
    beside = f" AND {x} NOT IN ({literals(markers)})" if markers else ""
    rows = f"(SELECT {x} AS x FROM {source} WHERE {x} IS NOT NULL{beside})"
    if sum(number for _, number in odd) == profile.filled:
        return replace(profile, odd=odd)
    kinds = [inferred(kind, "x") for kind in TEXT_LADDER if kind != "STRING"] if markers else []
    narrower = _all_rows_are(connection, rows, kinds)
    if narrower:
        kind, left = kinds[narrower[0]].type, profile.filled - sum(n for _, n in odd)
        return replace(profile, type=kind, null_values=markers, values=(), filled=left)
    if _all_rows_are(connection, rows, [declared("FLOAT64", "x", None)]):
        return replace(profile, odd=odd, digits=True)
    numbers = _all_rows_are(connection, rows, [written_as(each, "x") for each in NUMBER_STYLES])
    if numbers:
        return replace(profile, odd=odd, styles=meant([NUMBER_STYLES[i] for i in numbers]))
    return _dates(connection, rows, replace(profile, odd=odd), markers)


def _dates(
    connection: "DuckDBPyConnection", rows: str, profile: Profile, markers: tuple[str, ...]
) -> Profile:
    first = connection.execute(f"SELECT x FROM {rows} LIMIT {_GLANCE}").fetchall()
    if not all(may_be_date(text) for (text,) in first):
        return profile
    for kind, patterns in DATE_FORMATS.items():
        candidates = [declared(kind, "x", pattern) for pattern in patterns]
        fitting = [patterns[i] for i in _all_rows_are(connection, rows, candidates)]
        if not fitting:
            continue
        if is_ambiguous(fitting):
            return replace(profile, formats=tuple(fitting), could_be=kind)
        return replace(
            profile, type=kind, formats=(fitting[0],), null_values=markers, odd=(), values=()
        )
    return profile


def _all_rows_are(
    connection: "DuckDBPyConnection", rows: str, candidates: Sequence[Candidate]
) -> list[int]:
    """The places of the candidates that hold for every row: a few rows rule most of them out."""
    left = list(range(len(candidates)))
    for part in (f"(SELECT x FROM {rows} LIMIT {_SAMPLE})", rows):
        if not left:
            return []
        items = ", ".join(
            f"count(*) FILTER (WHERE NOT coalesce({candidates[i].holds or 'TRUE'}, FALSE))"
            for i in left
        )
        failing = connection.execute(f"SELECT {items} FROM {part}").fetchone() or ()
        left = [i for i, number in zip(left, failing, strict=True) if not number]
    return left
