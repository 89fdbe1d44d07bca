"""The column contract against the columns that the files have."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from factory.errors import Drifted, Permanent
from factory.ingest.reading.rows import SourceColumn
from factory.plan import column_name
from factory.ports import Column, ColumnType
from factory.spec.model import ColumnSpec, TableSpec
from factory.spec.names import folded, free_name, refused_because, table_names

_LISTED = 20  # names in a message
_SHOWN = 60  # characters of a name in it


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column that will be in the table. `index` is its place among the source's columns."""

    index: int
    source: SourceColumn
    name: str
    spec: ColumnSpec | None

    def as_column(self, kind: ColumnType) -> Column:
        """The column as the warehouse will have it."""
        return Column(
            name=self.name,
            type=kind,
            nullable=self.spec.nullable if self.spec else True,
            description=self.spec.description if self.spec else None,
            original=self.source.name if self.source.name != self.name else None,
        )


def keep_columns(
    columns: Sequence[SourceColumn], table: TableSpec
) -> tuple[tuple[KeptColumn, ...], tuple[str, ...]]:
    """The columns of the table in the order of the source, and what is to be noted."""
    specs = _match(columns, table)
    unknown = [c.name for index, c in enumerate(columns) if index not in specs]
    rule = table.schema_contract.columns
    if unknown and rule == "freeze":
        raise Drifted(
            f"{_place(table.mark)}{table.id} has columns that the contract does not know:"
            f" {_listed(unknown)}",
            hint="list them under columns, or set schema_contract: {columns: evolve}",
        )
    dropped = rule == "discard_value" and bool(unknown)
    names = _final_names(columns, specs, table)
    kept = tuple(
        KeptColumn(index, column, names[index], specs.get(index))
        for index, column in enumerate(columns)
        if index in specs or not dropped
    )
    if not kept:
        raise Permanent(f"{_place(table.mark)}{table.id} would have no columns")
    _refuse_names(kept, table)
    return kept, ((f"columns dropped: {_listed(unknown)}",) if dropped else ())


def _match(columns: Sequence[SourceColumn], table: TableSpec) -> Mapping[int, ColumnSpec]:
    """Which column of the source each column of the contract is."""
    specs: dict[int, ColumnSpec] = {}
    for spec in table.columns:
        free = {i: c.name for i, c in enumerate(columns) if i not in specs}
        exact = [i for i, name in free.items() if name == spec.name]
        alike = [i for i, n in free.items() if folded(n) == folded(spec.name)]
        found = exact or alike
        if not found:
            raise _missing(spec, columns)
        if not exact and len(alike) > 1:
            raise Permanent(
                f'{_place(spec.mark)}column "{spec.name}" could be any of'
                f" {_listed([free[i] for i in alike])}",
                hint="write the name as the file has it",
            )
        specs[found[0]] = spec
    return specs


def _missing(spec: ColumnSpec, columns: Sequence[SourceColumn]) -> Drifted:
    names = [column.name for column in columns]
    lower = {name.lower(): name for name in names}
    near = get_close_matches(spec.name.lower(), lower, n=1, cutoff=0.5)
    hint = f'did you mean "{lower[near[0]]}"? ' if near else ""
    return Drifted(
        f'{_place(spec.mark)}the source has no column "{spec.name}"',
        hint=f"{hint}the columns are {_listed(names)}",
    )


def _final_names(
    columns: Sequence[SourceColumn], specs: Mapping[int, ColumnSpec], table: TableSpec
) -> list[str]:
    """The contract's names as they are; the others give way to them and to each other."""
    names = list(table_names([c.name for c in columns], snake=table.column_names == "snake_case"))
    position = {id(spec): number for number, spec in enumerate(table.columns, start=1)}
    taken: set[str] = set()
    for index, spec in specs.items():
        names[index] = column_name(spec, table, position[id(spec)])
        if names[index].lower() in taken:
            raise Permanent(
                f'{_place(spec.mark)}two columns would be called "{names[index]}"',
                hint="rename one of them",
            )
        taken.add(names[index].lower())
    for index, name in enumerate(names):
        if index not in specs:
            names[index] = name if name.lower() not in taken else free_name(name, 2, taken)
            taken.add(names[index].lower())
    return names


def _refuse_names(kept: Sequence[KeptColumn], table: TableSpec) -> None:
    """Names as published may be such as no table of BigQuery can have."""
    refused = {each.name: why for each in kept if (why := refused_because(each.name))}
    if refused:
        short = {n if len(n) <= _SHOWN else f"{n[:_SHOWN]}…": why for n, why in refused.items()}
        named = [f"{json.dumps(n, ensure_ascii=False)} ({why})" for n, why in short.items()]
        more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
        raise Permanent(
            f"{_place(table.mark)}{table.id} has columns whose names BigQuery does not take:"
            f" {', '.join(named[:_LISTED])}{more}",
            hint="give each a rename under columns, or leave out column_names: original",
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


def _place(mark: object) -> str:
    place = getattr(mark, "place", None)
    return f"{place}: " if place else ""
