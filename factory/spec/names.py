"""Names of columns and tables: from whatever a file says to what a warehouse takes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from factory.ports import TableId
from factory.spec.spelling import spell, spell_symbols

_WORD_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_SNAKE = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 300  # BigQuery's limit
_NEVER = frozenset('!"$()*,./;?@[\\]^`{}~')
_RESERVED_PREFIXES = (
    "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier",
    "_change_sequence_number", "_change_type", "_change_timestamp",
)  # fmt: skip


def snake_case(name: str, position: int) -> str:
    """`name` as a legal column name in lower case; a name that is one already stays as it is.

    It depends on `name` alone; only one of nothing but spaces is `column_<position>`, which
    counts from 1.
    """
    if _SNAKE.fullmatch(name):
        return name[:_LONGEST]
    text = _words(spell(name)) or _words(spell_symbols(name)) or f"column_{position}"
    if text[0].isdigit():
        text = f"c_{text}"
    return text[:_LONGEST]


def folded(name: str) -> str:
    """The same for names that are one to people: but for case, spaces around, and composition."""
    return unicodedata.normalize("NFC", name).strip().lower()


def is_reserved(name: str) -> bool:
    """Whether BigQuery keeps names that begin like this one for itself."""
    return name.lower().startswith(_RESERVED_PREFIXES)


def refused_because(name: str) -> str | None:
    """Why BigQuery takes no column of this name, not even as a flexible one; None if it does."""
    if is_reserved(name):
        return "it keeps names that begin so for itself"
    if len(name) > _LONGEST:
        return f"{len(name):,} characters, {_LONGEST} are taken"
    if any(unicodedata.category(letter).startswith("C") for letter in name):
        return "a character that cannot be seen, such as a line end"
    odd = next((letter for letter in name if letter in _NEVER), None)
    return None if odd is None else f"the character {odd}"


def table_names(originals: Sequence[str], *, snake: bool) -> tuple[str, ...]:
    """The column names of a table, in order: legal in snake case, unique ignoring case always.

    Of columns that would be called alike, the first keeps the name and the others are
    `name__2`, `name__3`. So a column that comes renames none that was there, unless it stands
    before one of its own name.
    """
    names = [
        snake_case(original, position) if snake else original or f"column_{position}"
        for position, original in enumerate(originals, start=1)
    ]
    taken = {name.lower() for name in names}
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name.lower()] += 1
        if seen[name.lower()] > 1:
            names[index] = free_name(name, seen[name.lower()], taken)
            taken.add(names[index].lower())
    return tuple(names)


def free_name(name: str, number: int, taken: set[str]) -> str:
    """`name__<number>`, or the next number that is not `taken` (in lower case)."""
    while True:
        suffix = f"__{number}"
        candidate = name[: _LONGEST - len(suffix)] + suffix
        if candidate.lower() not in taken:
            return candidate
        number += 1


def table_id(name: str) -> TableId:
    """`[project.]dataset.table`; a project may hold dots of its own."""
    *project, dataset, table = name.split(".")
    return TableId(dataset, table, ".".join(project) or None)


def _words(text: str) -> str:
    return "_".join(_WORD_BREAKS.sub(" ", text).lower().split())
