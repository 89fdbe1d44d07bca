"""Opening the DuckDB file for the time of one call, and waiting while others write.

DuckDB lets one process write a file, or several read it. Within this process calls take turns;
between processes the file's own lock decides, and who finds it taken tries again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from factory.disks import no_room
from factory.errors import FactoryError, Permanent, Retryable
from factory.warehouses.duckdb_door import Occupied, entering
from factory.warehouses.duckdb_room import ORDINARY, OutOfMemory, Room
from factory.warehouses.duckdb_session import busy, opened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# another kind of file; a block that was torn, for DuckDB writes over some that are in use
_BROKEN = ("not a valid DuckDB database", "Corrupt database file")
_NO_MEMORY = ("failed to pin block", "could not allocate block")  # in what a commit says
_FIRST_PAUSE = 0.02  # seconds, doubled up to the longest
_LONGEST_PAUSE = 1.0
_SILENCE = 1.0  # seconds of waiting of which nobody is told

Tell = Callable[[str], None]

_turns: dict[Path, Lock] = {}


def nobody(_reason: str) -> None:
    """Is told why a call waits where nobody else is."""


@contextmanager
def writing(
    path: Path,
    patience: float,
    room: Room = ORDINARY,
    needed: int | None = None,
    *,
    tell: Tell = nobody,
) -> "Iterator[DuckDBPyConnection]":
    """A connection with an open transaction: committed at the end, or rolled back on an error.

    It takes what `room` says, and then writes to the disk. Raises Retryable if another process
    holds the file for more than `patience` seconds, OutOfMemory if what is asked cannot be done
    on the disk. `needed` bytes at least are told where the disk is full; `tell` is told once, in
    a sentence, for whom a call waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connected = _connected(path, patience, room, tell, reading=False)
    with _turn(path), _errors(path, needed), connected as connection:
        connection.execute("BEGIN TRANSACTION")
        yield connection
        connection.execute("COMMIT")  # else the close rolls back


@contextmanager
def reading(
    path: Path, patience: float, room: Room = ORDINARY, *, tell: Tell = nobody
) -> "Iterator[DuckDBPyConnection]":
    """A connection that cannot write, nor read other files, nor change that. Raises like
    `writing`."""
    connected = _connected(path, patience, room, tell, reading=True)
    with _turn(path), _errors(path), connected as connection:
        connection.execute("BEGIN TRANSACTION READ ONLY")
        yield connection


@contextmanager
def holding(path: Path, patience: float) -> Iterator[None]:
    """Keeps the file open, so that many readings open it once. Nobody can write meanwhile.

    Raises like `writing`; no error if there is no file.
    """
    if not path.exists():
        yield
        return
    with ExitStack() as held:
        with _turn(path), _errors(path):
            held.enter_context(_connected(path, patience, ORDINARY, nobody, reading=True))
        yield


@contextmanager
def _connected(
    path: Path, patience: float, room: Room, tell: Tell, *, reading: bool
) -> "Iterator[DuckDBPyConnection]":
    """Closed at the end, and only then can others open it where this one writes."""
    with ExitStack() as door:
        connection = _connect(path, patience, room, door, tell, reading=reading)
        try:
            yield connection
        finally:
            connection.close()


def _connect(
    path: Path, patience: float, room: Room, door: ExitStack, tell: Tell, *, reading: bool
) -> "DuckDBPyConnection":
    began = time.monotonic()
    pause, told = _FIRST_PAUSE, False
    while True:
        try:
            return _enter(path, room, door, reading=reading)
        except Retryable as exc:
            waited = time.monotonic() - began
            if waited + pause > patience:
                raise
            if waited > _SILENCE and not told:
                tell(f"{exc.message}: waiting for it, up to {patience:.0f} s")
                told = True
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _enter(path: Path, room: Room, door: ExitStack, *, reading: bool) -> "DuckDBPyConnection":
    """Open it; who writes stays in the `door`."""
    try:
        with ExitStack() as ours:
            ours.enter_context(entering(path, alone=not reading))
            connection = opened(path, room, reading=reading)
            if not reading:
                door.enter_context(ours.pop_all())
            return connection
    except Occupied:
        raise _held(path) from None


def _held(path: Path) -> Retryable:
    """By whom, which DuckDB knows where it refuses a look."""
    import duckdb

    try:
        opened(path, ORDINARY, reading=True).close()
    except Retryable as exc:
        return exc
    except duckdb.Error:
        pass  # it is not there yet
    return busy(path)


def _turn(path: Path) -> Lock:
    return _turns.setdefault(path.resolve(), Lock())


@contextmanager
def _errors(path: Path, needed: int | None = None) -> Iterator[None]:
    """DuckDB's exceptions as the factory's."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as exc:
        full = no_room(f"write the DuckDB file {path}", exc, path.parent, needed)
        raise full or _error(path, exc) from exc


def _error(path: Path, exc: Exception) -> FactoryError:
    import duckdb

    if isinstance(exc, duckdb.OutOfMemoryException) or any(w in str(exc) for w in _NO_MEMORY):
        hint = "free memory, or use the BigQuery target"
        return OutOfMemory(f"DuckDB ran out of memory: {exc}", hint=hint)
    if isinstance(exc, duckdb.TransactionException):
        return Retryable(f"DuckDB file {path}: {exc}")
    broken = any(words in str(exc) for words in _BROKEN)
    away = f"mv {path} {path}.old; the next runs load into a new one, from the bucket"
    return Permanent(f"DuckDB file {path}: {exc}", hint=away if broken else None)
