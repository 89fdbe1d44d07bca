"""What a warehouse says of a column, the same on all of them."""

from factory.ports import Column

_LONGEST = 1024  # characters; BigQuery takes no more


def remark(column: Column) -> str | None:
    """The column's description, and its name in the source where that is another one."""
    if column.original is None:
        return column.description
    named = f'in the source: "{column.original}"'
    said = f"{column.description} ({named})" if column.description else named
    return said if len(said) <= _LONGEST else column.description or said[:_LONGEST]
