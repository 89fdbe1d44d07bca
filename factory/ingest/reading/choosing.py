"""Which type each column has: the narrowest that every one of its values is.

A few rows rule types out, the pass that writes verifies the rest for every row, and only if a
row fails are all values counted against all types that are left. A type that fails on some rows
fails on all of them, so the three give one answer, wherever the strange value stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from factory.ingest.reading.contract import KeptColumn
from factory.ingest.reading.declared import declared
from factory.ingest.reading.lossless import Candidate, inferred
from factory.ingest.reading.rows import SAMPLE, TEXT_LADDER, SourceRows
from factory.ingest.reading.sql import literals
from factory.ports import ColumnType
from factory.spec.model import TypeRule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AT_ONCE = 60  # columns in one counting query
_WIDER: dict[ColumnType, tuple[ColumnType, ...]] = {
    "INT64": ("FLOAT64", "NUMERIC", "STRING"),
    "FLOAT64": ("NUMERIC", "STRING"),
    "NUMERIC": ("FLOAT64", "STRING"),
    "DATE": ("DATETIME", "TIMESTAMP", "STRING"),
    "DATETIME": ("TIMESTAMP", "STRING"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A column and the types it may still have, the first of them the one to try.

    `empty`: no value was seen, so the column is text if it stays so. `bad` is the number of
    values that the chosen type does not take, where the contract lets it stand.
    """

    column: KeptColumn
    candidates: tuple[Candidate, ...]
    rule: TypeRule
    empty: bool = False
    bad: int = 0

    @property
    def declared(self) -> ColumnType | None:
        """The type that the contract asks for."""
        return self.column.spec.type if self.column.spec else None

    @property
    def type(self) -> ColumnType:
        """The type as it stands."""
        if self.empty and self.declared is None and not self.column.source.native:
            return "STRING"
        return self.candidates[0].type

    @property
    def x(self) -> str:
        """The column in the cleaned rows."""
        return f"c{self.column.index}"


def first_choices(columns: Sequence[KeptColumn], rule: TypeRule) -> tuple[Choice, ...]:
    """Every type that each column might have."""
    return tuple(Choice(column, _ladder(column, rule), rule) for column in columns)


def cleaned(query: str, columns: Sequence[KeptColumn]) -> str:
    """A query of the kept columns, their null values gone, natives as text where asked."""
    items = [f"{_clean(column)} AS c{column.index}" for column in columns]
    return f"SELECT {', '.join(items)} FROM ({query})"


def look(
    connection: "DuckDBPyConnection",
    rows: SourceRows,
    columns: Sequence[KeptColumn],
    choices: Sequence[Choice],
) -> tuple[Choice, ...]:
    """The choices without the types that a few rows rule out."""
    sample = rows.sample or f"SELECT * FROM ({rows.sql}) LIMIT {SAMPLE}"
    query = cleaned(sample, columns)
    alike = [choice for choice in choices if _is_plain_text(choice)]
    rest = [choice for choice in choices if not _is_plain_text(choice)]
    found = [*_look_together(connection, query, alike)]
    found += count(connection, query, rest, settle=False)
    return tuple(sorted(found, key=lambda choice: choice.column.index))


def _is_plain_text(choice: Choice) -> bool:
    source = choice.column.source
    return choice.declared is None and not source.native and source.ladder == TEXT_LADDER


def _look_together(
    connection: "DuckDBPyConnection", query: str, choices: Sequence[Choice]
) -> Sequence[Choice]:
    """All columns of text as one long column: planning a query a column is what would cost."""
    if not choices:
        return ()
    keys = ", ".join(str(choice.column.index) for choice in choices)
    values = ", ".join(choice.x for choice in choices)
    failing = ", ".join(_failing(inferred(kind, "x"), "x") for kind in TEXT_LADDER)
    rows = connection.execute(
        f"SELECT k, count(x), {failing} FROM"
        f" (SELECT unnest([{keys}]) AS k, unnest([{values}]) AS x FROM ({query})) GROUP BY k"
    ).fetchall()
    counts = {key: (filled, bad) for key, filled, *bad in rows}
    nothing = (0, [0] * len(TEXT_LADDER))
    found = [(choice, *counts.get(choice.column.index, nothing)) for choice in choices]
    return [_narrow(choice, filled, bad, settle=False) for choice, filled, bad in found]


def count(
    connection: "DuckDBPyConnection", query: str, choices: Sequence[Choice], *, settle: bool = True
) -> tuple[Choice, ...]:
    """The choices after counting every value; `settle` if these are all the rows."""
    found: list[Choice] = []
    for start in range(0, len(choices), _AT_ONCE):
        part = choices[start : start + _AT_ONCE]
        items = [_counts(choice) for choice in part]
        row = connection.execute(f"SELECT {', '.join(items)} FROM ({query})").fetchone() or ()
        values = iter(row)
        for choice in part:
            filled = next(values)
            bad = [next(values) for _ in choice.candidates]
            found.append(_narrow(choice, filled, bad, settle=settle))
    return tuple(found)


def _narrow(choice: Choice, filled: int, bad: Sequence[int], *, settle: bool) -> Choice:
    if not filled:
        return replace(choice, empty=True)
    left = tuple(c for c, failing in zip(choice.candidates, bad, strict=True) if not failing)
    if left:
        return replace(choice, candidates=left, empty=False)
    return replace(choice, empty=False, bad=bad[0] if settle else 0)


def _counts(choice: Choice) -> str:
    failing = [_failing(candidate, choice.x) for candidate in choice.candidates]
    return ", ".join([f"count({choice.x})", *failing])


def _failing(candidate: Candidate, x: str) -> str:
    holds = candidate.holds or "TRUE"
    return f"count(*) FILTER (WHERE {x} IS NOT NULL AND NOT coalesce({holds}, FALSE))"


def _ladder(column: KeptColumn, rule: TypeRule) -> tuple[Candidate, ...]:
    x = f"c{column.index}"
    kind = column.spec.type if column.spec else None
    if _stays_native(column):
        return (Candidate(column.source.ladder[0], x, None),)
    if column.spec is None or kind is None:
        return tuple(inferred(each, x) for each in column.source.ladder)
    asked = declared(kind, x, column.spec.format)
    if rule != "evolve":
        return (asked,)
    wider = _WIDER.get(kind, ("STRING",) if kind != "STRING" else ())
    return (asked, *(inferred(each, x) for each in wider))


def _stays_native(column: KeptColumn) -> bool:
    asked = column.spec.type if column.spec else None
    return column.source.native and asked in (None, column.source.ladder[0])


def _clean(column: KeptColumn) -> str:
    x = f"c{column.index}"
    text = f"CAST({x} AS VARCHAR)" if column.source.native else x
    value = x if _stays_native(column) else text
    nulls = column.spec.null_values if column.spec else ()
    return f"CASE WHEN {text} IN ({literals(nulls)}) THEN NULL ELSE {value} END" if nulls else value
