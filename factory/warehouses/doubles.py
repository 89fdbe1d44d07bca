"""Whole numbers on their way into a column of doubles: none may become another number."""

from collections.abc import Callable, Sequence

from factory.errors import Permanent
from factory.ports import Column, Staged, TableShape
from factory.warehouses.evolution import Evolution

_LARGEST = 2**63 - 1024  # double of INT64


def into_doubles(shape: TableShape, evolution: Evolution) -> Sequence[Column]:
    """The columns whose staged INT64 becomes FLOAT64."""
    pairs = zip(shape.columns, evolution.casts, strict=True)
    return [column for column, (_, kind) in pairs if (column.type, kind) == ("INT64", "FLOAT64")]


def changed_numbers(
    staged: Staged, columns: Sequence[Column], quote: Callable[[str], str], double: str
) -> str:
    """A query with a number for each of the columns: staged values that no double is.

    `double` is the name of the type in the warehouse.
    """
    items = ", ".join(
        f"COUNT(CASE WHEN CAST(CAST(LEAST({x}, {_LARGEST}) AS {double}) AS INT64) <> {x}"
        f" THEN 1 END) AS changed_{number}"
        for number, x in enumerate(quote(column.name) for column in columns)
    )
    return f"SELECT {items} FROM {staged.reference}"


def check_numbers(shape: TableShape, columns: Sequence[Column], changed: Sequence[int]) -> None:
    """Raise Permanent if `changed_numbers` found any."""
    found = [
        f"{column.name} ({count:,} values)"
        for column, count in zip(columns, changed, strict=True)
        if count
    ]
    if found:
        raise Permanent(
            f"whole numbers beyond 2^53 of the new rows would change in columns of {shape.id} "
            f"that are FLOAT64: {', '.join(found)}",
            hint='give these columns type: NUMERIC under "columns", and load all rows once with '
            "write_disposition: replace",
        )
