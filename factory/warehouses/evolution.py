"""How a table has to change before rows of another shape are added to it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from factory.errors import Permanent
from factory.ports import Column, ColumnType, TableShape

# conversions on the way into an existing column that change no value, but that whole numbers
# must be doubles to become some: `doubles` asks that
_WIDENS: frozenset[tuple[ColumnType, ColumnType]] = frozenset(
    {("INT64", "NUMERIC"), ("INT64", "FLOAT64"), ("DATE", "DATETIME")}
)


@dataclass(frozen=True, slots=True)
class Evolution:
    """`add`: new columns, nullable. `relax`: names of columns that must take NULL from now on.

    `casts` has, for each column of the shape in order, its name in the table and its type there.
    """

    add: tuple[Column, ...]
    relax: tuple[str, ...]
    casts: tuple[tuple[str, ColumnType], ...]


def evolve(existing: Sequence[Column], shape: TableShape) -> Evolution:
    """What lets rows of `shape` into a table of `existing` columns. Names match ignoring case.

    Raises Permanent where a column has another type that would change values. A staged column
    that is `empty` has none, and goes into one of any type.
    """
    known = {column.name.lower(): column for column in existing}
    staged = {column.name.lower(): column for column in shape.columns}
    return Evolution(
        add=tuple(column for key, column in staged.items() if key not in known),
        relax=tuple(
            column.name
            for key, column in known.items()
            if not column.nullable and (key not in staged or staged[key].nullable)
        ),
        casts=tuple(_cast(column, known.get(key, column), shape) for key, column in staged.items()),
    )


def _cast(staged: Column, known: Column, shape: TableShape) -> tuple[str, ColumnType]:
    open_to_all = staged.empty or (staged.type, known.type) in _WIDENS
    if staged.type != known.type and not open_to_all:
        raise Permanent(
            f"column {known.name} of {shape.id} is {known.type}, the new rows have {staged.type}",
            hint=f'give it a type under "columns", for example '
            f"{{name: {staged.original or staged.name}, type: {known.type}}}, "
            "or use write_disposition: replace",
        )
    return known.name, known.type
