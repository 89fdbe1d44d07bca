"""Opening the DuckDB file for the time of one call, and waiting while others write.

DuckDB lets one process write a file, or several read it. Within this process calls take turns;
between processes the file's own lock decides, and who finds it taken tries again.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from factory.disks import no_room
from factory.errors import FactoryError, Permanent, Retryable
from factory.warehouses.duckdb_door import Occupied, entering

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LEAST, _A_COLUMN, _MOST = 192, 5, 300  # megabytes
MEMORY = f"{_LEAST}MB"  # staging 21 million rows of 21 columns takes no longer in it than in all
MORE = "400MB"  # for long texts, of which DuckDB must hold some whole
_HOLDER = re.compile(r"held in (?P<program>.*?) ?\(PID (?P<pid>\d+)\)")
# another kind of file; a block that was torn, for DuckDB writes over some that are in use
_BROKEN = ("not a valid DuckDB database", "Corrupt database file")
_NO_MEMORY = "failed to pin block"  # in what a commit says
_FIRST_PAUSE = 0.02  # seconds, doubled up to the longest
_LONGEST_PAUSE = 1.0
_SILENCE = 1.0  # seconds of waiting of which nobody is told

Tell = Callable[[str], None]

_turns: dict[Path, Lock] = {}


class OutOfMemory(Permanent):
    """DuckDB had to have more memory than it may use, or than there is."""


def memory_to_fill(columns: int) -> str:
    """The memory in which two threads fill the row groups of so many columns, up to a bound."""
    return f"{min(max(_LEAST, _A_COLUMN * columns), _MOST)}MB"


def nobody(_reason: str) -> None:
    """Is told why a call waits where nobody else is."""


@contextmanager
def writing(
    path: Path,
    patience: float,
    memory: str | None = MEMORY,
    needed: int | None = None,
    *,
    tell: Tell = nobody,
) -> "Iterator[DuckDBPyConnection]":
    """A connection with an open transaction: committed at the end, or rolled back on an error.

    It takes `memory` and then writes to the disk; None: as much as DuckDB likes. Raises Retryable
    if another process holds the file for more than `patience` seconds, OutOfMemory if what is
    asked cannot be done on the disk. `needed` bytes at least are told where the disk is full;
    `tell` is told once, in a sentence, for whom a call waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connected = _connected(path, patience, memory, tell, reading=False)
    with _turn(path), _errors(path, needed), connected as connection:
        connection.execute("BEGIN TRANSACTION")
        yield connection
        connection.execute("COMMIT")  # else the close rolls back


@contextmanager
def reading(
    path: Path, patience: float, memory: str | None = MEMORY, *, tell: Tell = nobody
) -> "Iterator[DuckDBPyConnection]":
    """A connection that cannot write, nor read other files, nor change that. Raises like
    `writing`."""
    connected = _connected(path, patience, memory, tell, reading=True)
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
            held.enter_context(_connected(path, patience, MEMORY, nobody, reading=True))
        yield


@contextmanager
def _connected(
    path: Path, patience: float, memory: str | None, tell: Tell, *, reading: bool
) -> "Iterator[DuckDBPyConnection]":
    """Closed at the end, and only then can others open it where this one writes."""
    with ExitStack() as door:
        connection = _connect(path, patience, door, tell, reading=reading)
        try:
            _settle(connection, memory, reading=reading)
            yield connection
        finally:
            connection.close()


def _connect(
    path: Path, patience: float, door: ExitStack, tell: Tell, *, reading: bool
) -> "DuckDBPyConnection":
    began = time.monotonic()
    pause, told = _FIRST_PAUSE, False
    while True:
        try:
            return _enter(path, door, reading=reading)
        except Retryable as exc:
            waited = time.monotonic() - began
            if waited + pause > patience:
                raise
            if waited > _SILENCE and not told:
                tell(f"{exc.message}: waiting for it, up to {patience:.0f} s")
                told = True
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _enter(path: Path, door: ExitStack, *, reading: bool) -> "DuckDBPyConnection":
    """Open it; who writes stays in the `door`."""
    try:
        with ExitStack() as ours:
            ours.enter_context(entering(path, alone=not reading))
            connection = _open(path, reading=reading)
            if not reading:
                door.enter_context(ours.pop_all())
            return connection
    except Occupied:
        raise _held(path) from None


def _held(path: Path) -> Retryable:
    """By whom, which DuckDB knows where it refuses a look."""
    import duckdb

    try:
        _open(path, reading=True).close()
    except Retryable as exc:
        return exc
    except duckdb.Error:
        pass  # it is not there yet
    return _busy(path, "")


def _settle(connection: "DuckDBPyConnection", memory: str | None, *, reading: bool) -> None:
    """UTC, the memory, and writing by all threads: in the order of the rows, one alone writes
    where memory is short. Readings, which carry out what users wrote, change no other setting.

    Connections of one process share the settings, so a second one finds them locked.
    """
    locked = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    if not locked or not locked[0]:
        connection.execute(f"SET {'GLOBAL' if reading else 'SESSION'} TimeZone = 'UTC'")
        if memory is not None:
            connection.execute(f"SET memory_limit = '{memory}'")
        if reading:
            connection.execute("SET lock_configuration = true")
        else:
            connection.execute("SET preserve_insertion_order = false")


def _open(path: Path, *, reading: bool) -> "DuckDBPyConnection":
    import duckdb

    try:
        if reading:
            return duckdb.connect(
                str(path), read_only=True, config={"enable_external_access": "false"}
            )
        return duckdb.connect(str(path))
    except duckdb.ConnectionException as exc:  # this process has it open, by another way
        raise _busy(path, str(exc)) from exc
    except duckdb.IOException as exc:
        if "set lock on file" in str(exc):
            raise _busy(path, str(exc)) from exc
        raise


def _turn(path: Path) -> Lock:
    return _turns.setdefault(path.resolve(), Lock())


def _busy(path: Path, message: str) -> Retryable:
    holder = _HOLDER.search(message)
    who = f"{holder['program']} (PID {holder['pid']})" if holder else "this process"
    return Retryable(
        f"the DuckDB file {path} is in use by {who}",
        hint="close the other program, or open it read-only: duckdb -readonly",
    )


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

    if isinstance(exc, duckdb.OutOfMemoryException) or _NO_MEMORY in str(exc):
        hint = "free memory, or use the BigQuery target"
        return OutOfMemory(f"DuckDB ran out of memory: {exc}", hint=hint)
    if isinstance(exc, duckdb.TransactionException):
        return Retryable(f"DuckDB file {path}: {exc}")
    broken = any(words in str(exc) for words in _BROKEN)
    away = f"mv {path} {path}.old; the next runs load into a new one, from the bucket"
    return Permanent(f"DuckDB file {path}: {exc}", hint=away if broken else None)
