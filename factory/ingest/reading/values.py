"""The values that cross this step: data files in, typed Parquet out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from factory.errors import Permanent
from factory.ports import Column, Progress
from factory.spec.model import FormatSpec, TableSpec


@dataclass(frozen=True, slots=True)
class Member:
    """A data file: a fetched file itself, or a member of a fetched archive.

    `changes` of a SQLite file are those that lie beside it.
    """

    name: str  # path inside the dataset; for a member, the path inside the archive, behind the
    # path of that where another member has the same
    size: int | None  # uncompressed bytes, where known
    open: Callable[[], BinaryIO]
    file: Path | None = None  # where it lies as it was fetched; nobody may write to that
    changes: "Member | None" = None
    fault: Permanent | None = None  # why it is not read, for who asks for it
    hides: bool = False  # with a fault: whether it is an archive whose members should be here
    archive: str = ""  # the path of what it is packed in
    path: str | None = None  # inside the archive, where `name` says more


def anew(fault: Permanent) -> Permanent:
    """The same error without the frames that it came through, and the copies that they hold."""
    return type(fault)(fault.message, hint=fault.hint)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """How to read the members of one table, and where to write."""

    table: TableSpec
    format: FormatSpec
    into: Path  # a folder of this request's own
    max_rows: int | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Typed rows on disk. `notes` says what was found out: delimiter, encoding, odd columns.

    `rejected` counts what `schema_contract` let go because it was not of its column's type:
    rows dropped by discard_row, values made NULL by discard_value. `rejects`, if there are any,
    is a Parquet file of them in the order of the files: _source_file, _line (from 1; of a
    workbook the row of its sheet; NULL where a format has neither), _column (NULL: more than
    one), _value, _reason, and _row, the dropped row as a JSON object of its texts (NULL where
    only a value was let go).
    """

    parquet: Path
    rows: int
    columns: tuple[Column, ...]
    bytes_read: int
    notes: Sequence[str]
    rejected: int = 0
    rejects: Path | None = None
