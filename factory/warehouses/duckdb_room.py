"""How much DuckDB may take for what it does, and in what steps it gets more.

Each of its threads holds a row group of the table that it fills, uncompressed, and when it writes
one a block of 256 KiB for each column. Of 2,048 rows it holds all texts, however long they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from factory.errors import Permanent
from factory.ports import Disposition

Outcome = TypeVar("Outcome")

_LEAST, _MORE = 192, 360  # megabytes; 21 million rows of 21 columns take no longer in the least
_A_COLUMN, _MOST = 5, 300  # megabytes for each column, up to so many
_OF_MANY: Final = 5  # columns for which one thread takes a megabyte, which counts beyond 1,500
_MANY: Final = 250  # columns: two threads make a table of more no sooner than one, in more memory
_VECTOR: Final = 2_048  # rows; row groups are multiples of them
_GROUP: Final = 122_880  # rows of a row group if nobody says more
_HELD: Final = 128 << 20  # bytes of a row group that each of two threads can hold
_HEAVY: Final = 20 << 20  # bytes of one if so many rows are more than that
_FEW: Final = 8_192  # rows that are added in the smallest row groups
_VALUE: Final = 8  # bytes


class OutOfMemory(Permanent):
    """DuckDB had to have more memory than it may use, or than there is."""


@dataclass(frozen=True, slots=True)
class Room:
    """What DuckDB may take. Without `memory`, in megabytes, it is as much as it likes."""

    memory: int | None = _LEAST
    group: int = _VECTOR  # rows of the row groups that it makes
    threads: int | None = None  # one for each core

    @property
    def merges(self) -> bool:
        """Whether it makes one row group of several smaller ones at the end, in all tables.

        Only the smallest: larger ones would be made of those that heavy rows have.
        """
        return self.group == _VECTOR


ORDINARY: Final = Room()
_MORE_ROOM: Final = Room(_MORE, _VECTOR, threads=1)
_ALL_ROOM: Final = Room(None, _VECTOR, threads=1)


def room_to_fill(columns: int, files: Sequence[str]) -> Room:
    """What a table of so many columns is filled in, with the rows of the Parquet files."""
    weight = max(_VALUE * columns, _heaviest_row(files))
    rows = _GROUP if weight * _GROUP <= _HELD else _HEAVY // weight
    group = max(1, rows // _VECTOR) * _VECTOR
    return Room(_memory(columns), group, _threads(columns))


def room_to_publish(disposition: Disposition, columns: int, rows: int) -> Room:
    """What so many rows are added in, or take the place of others. A merge keeps its updates in
    memory, however large they are."""
    group = _VECTOR if disposition == "replace" or rows <= _FEW else _GROUP
    memory = None if disposition == "merge" else _memory(columns)
    return Room(memory, group, _threads(columns))


def roomy(act: Callable[[Room], Outcome], room: Room) -> Outcome:
    """In bounded memory; where the disk does not help, in more, and then in as much as there is."""
    if room.memory is None:
        return act(room)
    for bound in [room, _MORE_ROOM] if room.memory < _MORE else [room]:
        try:
            return act(bound)
        except OutOfMemory:
            continue
    return act(_ALL_ROOM)


def _memory(columns: int) -> int:
    return max(_LEAST, min(_A_COLUMN * columns, _MOST), columns // _OF_MANY)


def _threads(columns: int) -> int | None:
    return 1 if columns > _MANY else None


def _heaviest_row(files: Sequence[str]) -> int:
    """Bytes of a row in the row group whose rows have most, as they are encoded."""
    from pyarrow import parquet

    opened = [parquet.read_metadata(file) for file in files]
    groups = [file.row_group(number) for file in opened for number in range(file.num_row_groups)]
    return max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0)
