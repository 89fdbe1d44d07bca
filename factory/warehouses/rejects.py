"""Tables of rejects: what the schema contract let go of, beside the table. On any warehouse.

When it was loaded stands in the ledger, under the same load id.
"""

from collections.abc import Sequence

from factory.errors import Permanent
from factory.ports import REJECT_COLUMNS, Column, TableId, TableShape

LOAD_ID, SOURCE_VERSION = "_load_id", "_source_version"
COLUMNS: tuple[Column, ...] = (
    Column(LOAD_ID, "STRING", description="The load that let go of it, as in _factory_loads."),
    Column(SOURCE_VERSION, "STRING", description="The version of the source that has it."),
    *REJECT_COLUMNS,
)


def rejects_shape(table: TableId) -> TableShape:
    """The table of rejects of `table`."""
    return TableShape(table.rejects, COLUMNS, f"What the schema contract of {table} let go of.")


def require_ours(columns: Sequence[Column], table: TableId) -> None:
    """Raise Permanent if the table of rejects, with these columns, was made by somebody else."""
    there = {column.name: column.type for column in columns}
    if any(there.get(column.name) != column.type for column in COLUMNS):
        raise Permanent(
            f"{table.rejects} is to take the rejects of {table}, and is a table of somebody else",
            hint="rename that table, or give another name to the one that is loaded",
        )
