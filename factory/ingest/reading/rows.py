"""Rows that DuckDB can read, before their types are decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from factory.ports import ColumnType

TEXT_LADDER: tuple[ColumnType, ...] = (
    "BOOL", "INT64", "FLOAT64", "NUMERIC", "DATE", "DATETIME", "TIMESTAMP", "STRING",
)  # fmt: skip

SAMPLE = 1_000  # rows that are enough to rule most types out


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column as the files have it.

    `ladder` are the types that it may turn out to be, the narrowest first. A native column
    has its one type already; any other one is text.
    """

    name: str
    ladder: tuple[ColumnType, ...] = TEXT_LADDER
    native: bool = False


@dataclass(frozen=True, slots=True)
class SourceRows:
    """`sql` is a query with the columns c0, c1, …; `rows` is what must come out of it.

    `sample` is a query of a few of the rows, where that is cheaper than the beginning of `sql`.
    `line_of` says where a row (counted from 1) was written, where that can be had.
    """

    sql: str
    columns: tuple[SourceColumn, ...]
    rows: int | None = None
    sample: str | None = None
    name: str = ""  # of the file, for messages about one file of several
    line_of: Callable[[int], str] | None = None
    fallback: "Callable[[], SourceRows] | None" = None  # slower and sure, for a file DuckDB refuses


def union(parts: Sequence[SourceRows]) -> SourceRows:
    """All rows of the parts, columns matched by name, in the order in which names appear."""
    if len(parts) == 1:
        return parts[0]
    keyed = [_keyed(part) for part in parts]
    keys = list(dict.fromkeys(key for columns in keyed for key in columns))
    merged = tuple(_merge([columns[key][1] for columns in keyed if key in columns]) for key in keys)
    places = [[columns.get(key) for key in keys] for columns in keyed]
    samples = [part.sample or f"SELECT * FROM ({part.sql}) LIMIT {SAMPLE}" for part in parts]
    known = [part.rows for part in parts if part.rows is not None]
    return SourceRows(
        sql=_union_all([part.sql for part in parts], places, merged),
        sample=_union_all(samples, places, merged),
        columns=merged,
        rows=sum(known) if len(known) == len(parts) else None,
        line_of=_line_of_union(parts) if len(known) == len(parts) else None,
        fallback=_fallback_of_union(parts),
    )


_Key = tuple[str, int]  # a name and which of its occurrences: a header may repeat one


def _keyed(part: SourceRows) -> dict[_Key, tuple[int, SourceColumn]]:
    seen: dict[str, int] = {}
    keyed = {}
    for index, column in enumerate(part.columns):
        seen[column.name] = seen.get(column.name, 0) + 1
        keyed[(column.name, seen[column.name])] = (index, column)
    return keyed


def _merge(columns: Sequence[SourceColumn]) -> SourceColumn:
    first = columns[0]
    if all(column == first for column in columns):
        return first
    shared = tuple(t for t in first.ladder if all(t in column.ladder for column in columns))
    return SourceColumn(first.name, shared or ("STRING",))


_Places = Sequence[tuple[int, SourceColumn] | None]  # of each merged column in one part


def _union_all(
    queries: Sequence[str], places: Sequence[_Places], merged: Sequence[SourceColumn]
) -> str:
    pairs = zip(queries, places, strict=True)
    return " UNION ALL ".join(_select(query, found, merged) for query, found in pairs)


def _select(query: str, found: _Places, merged: Sequence[SourceColumn]) -> str:
    items = []
    for position, (place, target) in enumerate(zip(found, merged, strict=True)):
        if place is None:
            value = "NULL" if target.native else "CAST(NULL AS VARCHAR)"
        elif place[1].native and not target.native:
            value = f"CAST(c{place[0]} AS VARCHAR)"
        else:
            value = f"c{place[0]}"
        items.append(f"{value} AS c{position}")
    return f"(SELECT {', '.join(items)} FROM ({query}))"


def _line_of_union(parts: Sequence[SourceRows]) -> Callable[[int], str]:
    def line_of(row: int) -> str:
        for part in parts:
            if part.rows is None or row <= part.rows:
                line = part.line_of(row) if part.line_of else f"row {row:,}"
                return f"{part.name} {line}".strip()
            row -= part.rows
        return f"row {row:,}"

    return line_of


def _fallback_of_union(parts: Sequence[SourceRows]) -> Callable[[], SourceRows] | None:
    if all(part.fallback is None for part in parts):
        return None
    return lambda: union([part.fallback() if part.fallback else part for part in parts])
