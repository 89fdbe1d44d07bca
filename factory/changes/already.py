"""Which load of the ledger makes another one needless."""

from collections.abc import Sequence

from factory.plan import TablePlan
from factory.ports import Load


def already_loaded(table: TablePlan, source_version: str, loads: Sequence[Load]) -> Load | None:
    """The load that has these rows: the newest, or for append any of this version.

    `loads` is the ledger of the table, newest first.
    """
    appends = table.spec.write_disposition == "append"
    for load in loads if appends else loads[:1]:
        same_rules = appends or load.fingerprint == table.fingerprint
        if load.source_version == source_version and same_rules:
            return load
    return None
