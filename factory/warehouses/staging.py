"""Staging tables: where rows wait, unseen, until the checks passed. The same on any warehouse."""

import hashlib
from datetime import timedelta

from factory.ports import TableId

EXPIRES_AFTER = timedelta(days=3)  # refused rows stay for a look over the weekend
MARK = "__stg_"


def staging_table(table: TableId, load_id: str) -> TableId:
    """The staging table of one load; the same on every attempt."""
    return TableId(table.dataset, f"{table.table}{MARK}{load_label(load_id)[:12]}", table.project)


def load_label(load_id: str) -> str:
    """The load's id in letters and digits, as labels and names of tables take them."""
    return hashlib.sha256(load_id.encode()).hexdigest()[:40]
