"""Staging tables: where rows wait, unseen, until the checks passed. The same on any warehouse."""

import hashlib
import re
from datetime import timedelta

from factory.ports import TableId

EXPIRES_AFTER = timedelta(days=3)  # refused rows stay for a look over the weekend
MARK = "__stg_"
_LABEL = 12  # letters and digits


def staging_table(table: TableId, load_id: str) -> TableId:
    """The staging table of one load; the same on every attempt."""
    label = load_label(load_id)[:_LABEL]
    return TableId(table.dataset, f"{table.table}{MARK}{label}", table.project)


def is_staging_of(table: TableId, name: str) -> bool:
    """Whether a table of that name, in the same dataset, is staging for some load of `table`, or
    for the rejects of one."""
    ours = f"(?:{re.escape(table.table)}|{re.escape(table.rejects.table)})"
    return re.fullmatch(f"{ours}{MARK}[0-9a-f]{{{_LABEL}}}", name) is not None


def load_label(load_id: str) -> str:
    """The load's id in letters and digits, as labels and names of tables take them."""
    return hashlib.sha256(load_id.encode()).hexdigest()[:40]
