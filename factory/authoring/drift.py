"""How the columns of a source differ from those of a contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from factory.ports import Column, ColumnType
from factory.spec.model import ColumnSpec, TableSpec
from factory.spec.names import folded


@dataclass(frozen=True, slots=True)
class Drift:
    """`added` are in the source and not in the contract, `gone` the reverse, by place in the
    contract; `retyped` says by place what the values are now."""

    added: tuple[Column, ...]
    gone: tuple[int, ...]
    retyped: Mapping[int, ColumnType]

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.retyped)


def drift_of(table: TableSpec, columns: Sequence[Column]) -> Drift:
    """The drift of a table whose columns were found to be `columns`."""
    places = match_columns(table.columns, [original_of(column) for column in columns])
    taken = set(places.values())
    retyped = {
        number: columns[place].type
        for number, place in places.items()
        if table.columns[number].type not in (None, columns[place].type)
    }
    return Drift(
        added=tuple(column for place, column in enumerate(columns) if place not in taken),
        gone=tuple(number for number in range(len(table.columns)) if number not in places),
        retyped=retyped,
    )


def match_columns(specs: Sequence[ColumnSpec], names: Sequence[str]) -> dict[int, int]:
    """Which column of the source each one of the contract is, both by place.

    As a load matches them: by the exact name, else ignoring case and spaces around.
    """
    places: dict[int, int] = {}
    for number, spec in enumerate(specs):
        free = [place for place in range(len(names)) if place not in places.values()]
        exact = [place for place in free if names[place] == spec.name]
        alike = [place for place in free if folded(names[place]) == folded(spec.name)]
        if exact or alike:
            places[number] = (exact or alike)[0]
    return places


def original_of(column: Column) -> str:
    """The column's name in the source."""
    return column.name if column.original is None else column.original
