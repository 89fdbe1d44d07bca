"""Names of columns and tables: from whatever a file says to what a warehouse takes."""

import re
import unicodedata
from collections.abc import Sequence

from factory.ports import TableId

_WORD_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_LONGEST = 300  # BigQuery's limit
_RESERVED_PREFIXES = (
    "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier",
    "_change_sequence_number", "_change_type", "_change_timestamp",
)  # fmt: skip


def snake_case(name: str, position: int) -> str:
    """`name` as a legal column name in lower case; `column_<position>` if nothing is left.

    `position` counts from 1.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = [word for word in _WORD_BREAKS.sub(" ", plain).lower().split() if word]
    text = "_".join(words) or f"column_{position}"
    if text[0].isdigit() or is_reserved(text):
        text = f"c_{text}"
    return text[:_LONGEST]


def is_reserved(name: str) -> bool:
    """Whether BigQuery keeps names that begin like this one for itself."""
    return name.lower().startswith(_RESERVED_PREFIXES)


def table_names(originals: Sequence[str], *, snake: bool) -> tuple[str, ...]:
    """The column names of a table, in order: legal in snake case, unique ignoring case always."""
    taken: set[str] = set()
    names = []
    for position, original in enumerate(originals, start=1):
        name = snake_case(original, position) if snake else original or f"column_{position}"
        names.append(_unique(name, taken))
    return tuple(names)


def table_id(name: str) -> TableId:
    """`[project.]dataset.table`; a project may hold dots of its own."""
    *project, dataset, table = name.split(".")
    return TableId(dataset, table, ".".join(project) or None)


def _unique(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate.lower() in taken:
        suffix = f"_{number}"
        candidate, number = name[: _LONGEST - len(suffix)] + suffix, number + 1
    taken.add(candidate.lower())
    return candidate
