"""How much DuckDB may take for what it does, and in what steps it gets more.

Each of its threads holds a row group of the table that it fills, uncompressed, and when it writes
one a block of 256 KiB for each column. Of 2,048 rows it holds all texts, however long they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from factory.errors import Permanent
from factory.ports import Disposition

Outcome = TypeVar("Outcome")

_LEAST, _MORE = 192, 360  # megabytes; 21 million rows of 21 columns take no longer in the least
_A_COLUMN, _MOST = 5, 300  # megabytes for each column, up to so many
_OF_MANY: Final = 5  # columns for which one thread takes a megabyte, which counts beyond 1,500
_MANY: Final = 250  # columns: two threads make a table of more no sooner than one, in more memory
SMALLEST_GROUP: Final = 2_048  # rows of the smallest; others are multiples of it
_GROUP: Final = 122_880  # rows of a row group if nobody says more
_HELD: Final = 128 << 20  # bytes of a row group that each of two threads can hold
_HEAVY: Final = 20 << 20  # bytes of one if so many rows are more than that
_PART: Final = 128 << 10  # bytes of a row of which so many rows are too much to hold
_FEW: Final = 8_192  # rows that are added in the smallest row groups
_VALUE: Final = 8  # bytes


class OutOfMemory(Permanent):
    """DuckDB had to have more memory than it may use, or than there is."""


@dataclass(frozen=True, slots=True)
class Room:
    """What DuckDB may take. Without `memory`, in megabytes, it is as much as it likes."""

    memory: int | None = _LEAST
    group: int = SMALLEST_GROUP  # rows of the row groups that it makes
    threads: int | None = None  # one for each core
    in_parts: bool = False  # rows are so heavy that a few at a time are added and committed

    @property
    def may_merge(self) -> bool:
        """Whether small row groups, of any table, may become larger ones: of 2,048 rows at most, in
        bounded memory, which is too little for those of heavy rows."""
        return self.group == SMALLEST_GROUP and self.memory is not None and self.memory <= _MOST


ORDINARY: Final = Room()


def room_to_fill(columns: int, weight: int) -> Room:
    """What a table of so many columns is filled in, with rows of so many bytes."""
    row = max(_VALUE * columns, weight)
    rows = _GROUP if row * _GROUP <= _HELD else _HEAVY // row
    group = max(1, rows // SMALLEST_GROUP) * SMALLEST_GROUP
    return Room(_memory(columns), group, _threads(columns), in_parts=weight > _PART)


def room_to_publish(disposition: Disposition, columns: int, rows: int) -> Room:
    """What so many rows are added in, or take the place of others. A merge keeps its updates in
    memory, however large they are."""
    group = SMALLEST_GROUP if disposition == "replace" or rows <= _FEW else _GROUP
    memory = None if disposition == "merge" else _memory(columns)
    return Room(memory, group, _threads(columns))


def roomy(act: Callable[[Room], Outcome], room: Room) -> Outcome:
    """In bounded memory; where the disk does not help, in more, and then in as much as there is."""
    if room.memory is None:
        return act(room)
    smallest = replace(room, group=SMALLEST_GROUP, threads=1)
    more = [replace(smallest, memory=_MORE)] if room.memory < _MORE else []
    for bound in [room, *more]:
        try:
            return act(bound)
        except OutOfMemory:
            continue
    return act(replace(smallest, memory=None))


def _memory(columns: int) -> int:
    return max(_LEAST, min(_A_COLUMN * columns, _MOST), columns // _OF_MANY)


def _threads(columns: int) -> int | None:
    return 1 if columns > _MANY else None
