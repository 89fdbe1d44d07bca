"""Brings the rows of all parts in batches, each column of them judged, two batches at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.contract import KeptColumn
from factory.ingest.reading.rows import (
    Batch,
    Expected,
    Joined,
    Piece,
    SourceRows,
    Unreadable,
)
from factory.ingest.reading.sql_rows import sql_pieces
from factory.ingest.reading.typed.definition import Definition
from factory.ingest.reading.typed.judging import Verdict, glance, judge
from factory.ingest.reading.typed.standing import Standing
from factory.workers import overlapped

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

THREADS: Final = 2
_AHEAD: Final = 8  # batches in the making: as many as come while a row group is encoded
_HEAVY: Final = 16 << 20  # bytes in the making, of which one batch alone may have more


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read and where it is to be written. `name` is for messages.

    `source_file`: a last column says which file each row is from.
    """

    name: str
    parts: tuple[SourceRows, ...]
    joined: Joined
    kept: tuple[KeptColumn, ...]
    connection: "DuckDBPyConnection"
    path: Path
    rejects: Path
    max_rows: int | None
    source_file: bool = False


class PartFailed(Exception):
    """A part cannot be read in the way that was tried; the cause says why."""

    def __init__(self, place: int, cause: Exception) -> None:
        super().__init__(str(cause))
        self.place, self.cause = place, cause


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch of the part at `place`; `columns` are those that are kept, as they were read."""

    place: int
    batch: Batch
    columns: "tuple[pa.Array, ...]"
    verdicts: tuple[Verdict, ...]

    def disagrees(self, standings: tuple[Standing, ...]) -> bool:
        """Whether some values are not of the type that their column has by now."""
        pairs = zip(self.verdicts, standings, strict=True)
        return any(v.filled and v.type != standing.type for v, standing in pairs)

    def without_offences(self) -> "Judged":
        """The batch as one whose offences were counted before."""
        return replace(self, verdicts=tuple(replace(v, offences=()) for v in self.verdicts))


class Trying:
    """One reading of all rows. `standings` may be changed while it goes on."""

    def __init__(self, task: Task, standings: tuple[Standing, ...]) -> None:
        self.standings = standings
        self._task = task
        self._definition = Definition(task.connection)

    def batches(self, *, first_look: bool) -> Iterator[Judged]:
        """All batches in order; at the first look, the first one rules types out at a glance.

        Raises PartFailed.
        """
        items = self._items()
        if first_look:
            for place, piece in islice(items, 1):
                batch = self._parse(place, piece)
                columns = self._columns(place, batch)
                self.standings = glance(self._definition, self.standings, columns)
                yield self._judge(place, batch)
        yield from overlapped(items, self._work, THREADS, _AHEAD, _weight, _HEAVY)

    def again(self, judged: Judged) -> Judged:
        """The batch, judged by what is known now."""
        verdicts = tuple(
            judge(self._definition, standing, column)
            if verdict.filled and verdict.type != standing.type
            else verdict
            for standing, column, verdict in zip(
                self.standings, judged.columns, judged.verdicts, strict=True
            )
        )
        return replace(judged, verdicts=verdicts)

    def _items(self) -> Iterator[tuple[int, Piece]]:
        for place in range(len(self._task.parts)):
            try:
                for piece in self._pieces(place):
                    yield place, piece
            except (Unreadable, UnicodeDecodeError) as exc:
                raise PartFailed(place, exc) from exc

    def _pieces(self, place: int) -> Iterator[Piece]:
        task = self._task
        part = task.parts[place]
        if part.pieces is not None:
            return part.pieces()
        return sql_pieces(task.connection, part, task.kept, task.joined.places[place])

    def _work(self, item: tuple[int, Piece]) -> Judged:
        return self._judge(item[0], self._parse(*item))

    def _parse(self, place: int, piece: Piece) -> Batch:
        try:
            return piece.parse(self._expected(place))
        except (Unreadable, UnicodeDecodeError) as exc:
            raise PartFailed(place, exc) from exc

    def _expected(self, place: int) -> Expected:
        """The part's columns that are of plain types by all that is known."""
        places = self._task.joined.places[place]
        found = ((places[s.column.index], s.plain_type) for s in self.standings)
        return {n: kind for n, kind in found if n is not None and kind is not None}

    def _columns(self, place: int, batch: Batch) -> "tuple[pa.Array, ...]":
        import pyarrow as pa

        places = [self._task.joined.places[place][column.index] for column in self._task.kept]
        return tuple(
            pa.nulls(batch.rows, pa.string()) if index is None else batch.columns[index]
            for index in places
        )

    def _judge(self, place: int, batch: Batch) -> Judged:
        columns = self._columns(place, batch)
        pairs = zip(self.standings, columns, strict=True)
        verdicts = tuple(judge(self._definition, standing, array) for standing, array in pairs)
        return Judged(place, batch, columns, verdicts)


def _weight(item: tuple[int, Piece]) -> int:
    return item[1].weight
