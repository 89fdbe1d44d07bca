"""Reads the members of one table into one typed Parquet file."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Permanent, Refused, Retryable
from factory.ingest.reading.choosing import Choice, cleaned, count, first_choices, look
from factory.ingest.reading.contract import KeptColumn, keep_columns
from factory.ingest.reading.formats import open_rows, work_folder
from factory.ingest.reading.offences import notes_on, refuse_bad_values
from factory.ingest.reading.rows import SourceRows
from factory.ingest.reading.sql import connect, literal
from factory.ingest.reading.values import Member, ReadRequest, ReadResult
from factory.ingest.reading.writing import GuardFailed, count_dropped, write

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FILE = "rows.parquet"


@dataclass(frozen=True, slots=True)
class _Written:
    rows: int
    choices: tuple[Choice, ...]
    rejected: int  # rows dropped and values made NULL


def read_table(members: Sequence[Member], request: ReadRequest) -> ReadResult:
    """Write the rows of all `members` to one Parquet file in `request.into`.

    Raises Permanent if a file cannot be read or breaks the contract, Refused past `max_rows`.
    """
    request.into.mkdir(parents=True, exist_ok=True)
    with connect(request.into) as connection:
        rows, size, notes = open_rows(members, request, connection)
        _refuse_too_many(rows.rows, request)
        kept, dropped = keep_columns(rows.columns, request.table)
        _check_patterns(connection, kept)
        path = request.into / _FILE
        written, how = _write_surely(connection, rows, kept, request, path)
    shutil.rmtree(work_folder(request))
    _refuse_too_many(written.rows, request)
    return ReadResult(
        parquet=path,
        rows=written.rows,
        columns=tuple(c.column.as_column(c.type) for c in written.choices),
        bytes_read=size,
        notes=(*notes, *how, *dropped, *notes_on(written.choices)),
        rejected=written.rejected,
    )


class _Unreadable(Exception):
    """DuckDB refuses the rows, or finds more or fewer than there are."""


def _write_surely(
    connection: "DuckDBPyConnection",
    rows: SourceRows,
    kept: Sequence[KeptColumn],
    request: ReadRequest,
    path: Path,
) -> tuple[_Written, tuple[str, ...]]:
    """Write the rows, by the second reader if the first cannot; and a note if it could not."""
    try:
        return _write_rows(connection, rows, kept, request, path), ()
    except _Unreadable as exc:
        if rows.fallback is None:
            raise Permanent(f"{rows.name or request.table.id} cannot be read: {exc}") from exc
    written, _ = _write_surely(connection, rows.fallback(), kept, request, path)
    return written, ("read by the second, slower reader",)


def _write_rows(
    connection: "DuckDBPyConnection",
    rows: SourceRows,
    kept: Sequence[KeptColumn],
    request: ReadRequest,
    path: Path,
) -> _Written:
    import duckdb

    query = cleaned(rows.sql, kept)
    choices = first_choices(kept, request.table.schema_contract.data_type)
    try:
        choices = look(connection, rows, kept, choices)
        try:
            written = write(connection, query, choices, path)
        except GuardFailed:
            choices = count(connection, query, choices)
            refuse_bad_values(connection, rows, query, choices)
            written = write(connection, query, choices, path)
    except duckdb.OutOfMemoryException as exc:
        raise Permanent(
            f"{request.table.id} could not be read in the memory that there is: {exc}",
            hint="its rows are too wide; split the file or drop columns",
        ) from exc
    except duckdb.IOException as exc:
        raise Retryable(f"{request.table.id} could not be written to the disk: {exc}") from exc
    except duckdb.Error as exc:
        raise _Unreadable(str(exc).splitlines()[0]) from exc
    dropped = count_dropped(connection, query, choices)
    if rows.rows is not None and written + dropped != rows.rows:
        raise _Unreadable(f"{rows.rows:,} rows are in the file, {written:,} came out")
    emptied = sum(choice.bad for choice in choices if choice.rule == "discard_value")
    return _Written(written, choices, dropped + emptied)


def _check_patterns(connection: "DuckDBPyConnection", kept: Sequence[KeptColumn]) -> None:
    import duckdb

    for column in kept:
        if column.spec is None or column.spec.format is None:
            continue
        try:
            connection.execute(f"SELECT TRY_STRPTIME('', {literal(column.spec.format)})")
        except duckdb.Error as exc:
            place = f"{column.spec.mark.place}: " if column.spec.mark else ""
            raise Permanent(
                f'{place}column "{column.spec.name}": "{column.spec.format}" is no format for'
                " dates and times",
                hint='for example "%d/%m/%Y" or "%Y-%m-%d %H:%M:%S"',
            ) from exc


def _refuse_too_many(rows: int | None, request: ReadRequest) -> None:
    if rows is not None and request.max_rows is not None and rows > request.max_rows:
        raise Refused(
            f"{request.table.id} would have {rows:,} rows, the limit is {request.max_rows:,}",
            hint="raise limits: {max_rows: …} if that is right",
        )
