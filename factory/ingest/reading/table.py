"""Reads the members of one table into one typed Parquet file."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from factory.disks import no_room
from factory.errors import Permanent, Retryable
from factory.ingest.reading.contract import KeptColumn, keep_columns
from factory.ingest.reading.formats import open_rows, work_folder
from factory.ingest.reading.json_files.pages import refuse_empty_page
from factory.ingest.reading.offences import notes_on
from factory.ingest.reading.output import SOURCE_FILE
from factory.ingest.reading.passes import Written, write_rows
from factory.ingest.reading.rows import Joined, SourceRows, join
from factory.ingest.reading.sql import MORE, connect, give_memory, lacks_memory, literal
from factory.ingest.reading.trying import PartFailed, Task
from factory.ingest.reading.typed.standing import first_standings
from factory.ingest.reading.values import Member, ReadRequest, ReadResult
from factory.ports import Column
from factory.spec.model import ColumnSpec

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_FILE: Final = "rows.parquet"
_THREADS: Final = 1  # of DuckDB: two would hold row groups of two, and the rows go on to others
_SHOWN: Final = 3  # files with the same note
_REJECTS: Final = "rejects.parquet"


@dataclass(frozen=True, slots=True)
class _Read:
    """What was written, from which parts, and what was noted about columns."""

    written: Written
    parts: tuple[SourceRows, ...]
    notes: tuple[str, ...]


def read_table(members: Sequence[Member], request: ReadRequest) -> ReadResult:
    """Write the rows of all `members` to one Parquet file in `request.into`.

    Raises Permanent if a file cannot be read or breaks the contract, Refused past `max_rows`.
    """
    request.into.mkdir(parents=True, exist_ok=True)
    with connect(request.into, _THREADS) as connection, _told_if_full(request):
        parts = open_rows(members, request, connection)
        refuse_empty_page(parts)
        _release_memory()
        read = _surely(parts, request, connection)
    _release_memory()
    shutil.rmtree(work_folder(request), ignore_errors=True)
    written = read.written
    return ReadResult(
        parquet=request.into / ROWS_FILE,
        rows=written.rows,
        columns=_columns(written, request),
        bytes_read=sum(part.tally.bytes for part in read.parts),
        notes=(*_notes(read.parts), *read.notes, *notes_on(written.standings)),
        rejected=written.rejected,
        rejects=written.rejects,
    )


@contextmanager
def _told_if_full(request: ReadRequest) -> Iterator[None]:
    """A full disk as an error with its folder."""
    try:
        yield
    except OSError as exc:
        full = no_room(f"keep what is read for {request.table.id}", exc, request.into)
        if full is None:
            raise
        raise full from exc


def _notes(parts: Sequence[SourceRows]) -> Iterator[str]:
    """What was noted of the files; of which, if not of all."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for note in dict.fromkeys((*part.notes, *part.tally.notes)):
            found.setdefault(note, []).append(part.name)
    for note, names in found.items():
        named = note.startswith(tuple(names)) or len(names) == len(parts)
        yield note if named else f"{_listed(names)}: {note}"


def _strangers(parts: Sequence[SourceRows], joined: Joined) -> Iterator[str]:
    names = [parts[place].name for place in joined.alone]
    if names:
        yield f"{_listed(names)}: no column is one of another file's; choose with files, or tables"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _release_memory() -> None:
    """Give back what was kept for the next rows: who comes now needs its own."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _columns(written: Written, request: ReadRequest) -> tuple[Column, ...]:
    columns = tuple(
        replace(
            s.column.as_column(s.type),
            empty=not (s.filled or s.declared or s.column.source.native),
        )
        for s in written.standings
    )
    if not request.table.source_file:
        return columns
    said = "The file that the row is from"
    return (*columns, Column(SOURCE_FILE, "STRING", nullable=False, description=said))


def _surely(
    parts: list[SourceRows], request: ReadRequest, connection: "DuckDBPyConnection"
) -> _Read:
    """Read the parts, each in the first of its ways in which all of it can be read."""
    while True:
        joined = join(parts)
        kept, notes = keep_columns(joined.columns, request.table)
        _refuse_its_own(kept, request)
        _check_patterns(connection, kept)
        task = Task(
            name=str(request.table.id),
            parts=tuple(parts),
            joined=joined,
            kept=kept,
            connection=connection,
            path=request.into / ROWS_FILE,
            rejects=request.into / _REJECTS,
            max_rows=request.max_rows,
            source_file=request.table.source_file,
        )
        try:
            notes = (*_strangers(parts, joined), *joined.notes, *notes)
            return _Read(_write(task, request), task.parts, notes)
        except PartFailed as failed:
            part = parts[failed.place]
            if part.instead is None:
                raise Permanent(f"{part.name} cannot be read: {failed}") from failed.cause
            parts[failed.place] = part.instead(failed.cause)


def _write(task: Task, request: ReadRequest) -> Written:
    """In bounded memory; what cannot be read in it is read again, in more."""
    for memory in MORE:
        try:
            return _written(task, request)
        except _TooLittle:
            give_memory(task.connection, memory)
    try:
        return _written(task, request)
    except _TooLittle as exc:
        raise Permanent(
            f"{request.table.id} could not be read in the memory that there is: {exc}",
            hint="its rows are too wide; split the file or drop columns",
        ) from exc


class _TooLittle(Exception):
    """DuckDB had less memory than it needs."""


def _written(task: Task, request: ReadRequest) -> Written:
    import duckdb

    standings = first_standings(task.kept, request.table.schema_contract.data_type)
    try:
        return write_rows(task, standings)
    except (duckdb.Error, OSError) as exc:
        if lacks_memory(exc):
            raise _TooLittle(exc) from exc
        if isinstance(exc, (duckdb.IOException, OSError)):
            full = no_room(f"write the rows of {request.table.id}", exc, task.path.parent)
            said = f"{request.table.id} could not be written to the disk: {exc}"
            raise full or Retryable(said) from exc
        reason = str(exc).splitlines()[0]
        raise Permanent(f"{request.table.id} cannot be read: {reason}") from exc


def _refuse_its_own(kept: Sequence[KeptColumn], request: ReadRequest) -> None:
    if request.table.source_file and any(c.name.lower() == SOURCE_FILE for c in kept):
        raise Permanent(
            f"{request.table.id} has a column {SOURCE_FILE} already",
            hint="rename it under columns, or leave out source_file: true",
        )


def _check_patterns(connection: "DuckDBPyConnection", kept: Sequence[KeptColumn]) -> None:
    for column in kept:
        spec = column.spec
        if spec is None or spec.format is None or _takes(connection, spec):
            continue
        place = f"{spec.mark.place}: " if spec.mark else ""
        raise Permanent(
            f'{place}column "{spec.name}": "{spec.format}" is no format for values of type'
            f" {spec.type}",
            hint='for example "%d/%m/%Y" or "%Y-%m-%d %H:%M:%S"',
        )


def _takes(connection: "DuckDBPyConnection", spec: ColumnSpec) -> bool:
    """Whether the format can be one of the type, of which only a TIMESTAMP has a zone."""
    import duckdb

    asked = f"SELECT typeof(TRY_STRPTIME('', {literal(spec.format or '')}))"
    try:
        found = connection.execute(asked).fetchone()
    except duckdb.Error:
        return False
    return spec.type == "TIMESTAMP" or found != ("TIMESTAMP WITH TIME ZONE",)
