"""The ports of the factory and the values that cross them.

A source says what version it has and delivers its files; a bucket keeps immutable objects;
a warehouse stages, checks and publishes tables. Adapters live in `sources/`, `buckets/` and
`warehouses/`, one a file, and translate their vendor's exceptions into `factory.errors`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

ColumnType = Literal[
    "STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME",
    "BYTES", "JSON",
]  # fmt: skip
Disposition = Literal["replace", "append", "merge"]
Granularity = Literal["hour", "day", "month", "year"]
Phase = Literal["fetch", "read", "land", "stage", "check", "publish"]


class Progress(Protocol):
    """Told how far a phase of a run has come. Called often; must be cheap and never raise."""

    def __call__(
        self, phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None: ...


# ---- sources ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """What a source offers now. Equal ids mean equal bytes."""

    id: str  # safe in object names: [A-Za-z0-9._-]+
    label: str  # for people: "version 13"
    published: datetime | None = None
    licence: str | None = None
    page: str | None = None  # a link for people; carries no secret
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file of the source, whole and verified, on the local disk."""

    name: str  # as published, with its path inside the dataset
    path: Path
    size: int  # bytes
    sha256: str  # hex


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to bring. `patterns` are globs over published names; none means every data file."""

    patterns: Sequence[str]
    into: Path  # a folder of this request's own
    max_bytes: int | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """What a publisher says. `columns` are descriptions by file and column, as published."""

    title: str | None
    subtitle: str | None
    columns: Mapping[tuple[str, str], str]


class Source(Protocol):
    """A place that publishes a dataset in versions."""

    def version(self) -> SourceVersion:
        """The version on offer (or the pinned one), by at most one cheap call."""
        ...

    def fetch(self, version: SourceVersion, request: FetchRequest) -> Sequence[FetchedFile]:
        """Bring the files of `version`. Raises Permanent if a pattern matches nothing."""
        ...


# ---- buckets ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a bucket."""

    name: str
    size: int  # bytes
    uri: str  # gs://bucket/name, or file:///… on the local target


class Bucket(Protocol):
    """Immutable objects under names. Nothing is ever overwritten."""

    def uri(self, name: str) -> str:
        """Where `name` is or would be."""
        ...

    def list(self, prefix: str) -> Iterable[StoredObject]:
        """Every object whose name starts with `prefix`, by name."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small object's bytes; None if there is no such object."""
        ...

    def put(self, name: str, content: Path | bytes, progress: Progress) -> StoredObject:
        """Create the object, or adopt one of equal content. Raises Conflict if it differs."""
        ...

    def take(self, name: str, file: Path, progress: Progress) -> StoredObject:
        """`put`, after which the file is not there any more: the disk may hold it only once."""
        ...

    def expecting(self, path: Path, folder: str) -> AbstractContextManager[None]:
        """Within it `path` is being written, and will be `put` into `folder`: a bucket that is
        far away may take it meanwhile. Nothing else differs, and nothing is left behind."""
        ...

    def local_copy(self, name: str, folder: Path) -> Path:
        """The object as a local file: its own path where it is one, else a copy in `folder`."""
        ...

    def delete(self, name: str) -> None:
        """Remove the object; no error if it is gone already."""
        ...

    def tidy(self) -> None:
        """Remove what processes that died in a `put` have left and nobody could list. What a
        living one is at stays, whoever's it is."""
        ...


# ---- warehouses ------------------------------------------------------------------------------

REJECTS_MARK = "__rejects"


@dataclass(frozen=True, slots=True)
class TableId:
    """`[project.]dataset.table`."""

    dataset: str
    table: str
    project: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.project, self.dataset, self.table) if part)

    @property
    def rejects(self) -> "TableId":
        """The table beside this one that holds what the schema contract let go of."""
        return TableId(self.dataset, f"{self.table}{REJECTS_MARK}", self.project)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is in the warehouse."""

    name: str
    type: ColumnType
    nullable: bool = True
    description: str | None = None
    original: str | None = None  # the name in the source, where it differs
    empty: bool = False  # no row has a value and nobody gave a type: it may be any other as well


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a table is to be: its columns in order, and how the rows are laid out and written."""

    id: TableId
    columns: tuple[Column, ...]
    description: str | None = None
    disposition: Disposition = "replace"
    primary_key: tuple[str, ...] = ()
    partition_column: str | None = None
    granularity: Granularity | None = None
    cluster_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """A row of the ledger: one version of one table, published once."""

    load_id: str  # deterministic: the same load has the same id on every attempt
    pipeline: str
    table: TableId
    source_version: str
    fingerprint: str  # of everything in the spec that shapes this table's rows
    rows: int
    disposition: Disposition
    manifest: str  # uri
    run_id: str
    synthetic: bool
    checks: str = "[]"  # outcomes of the checks on these rows, as JSON
    loaded_at: datetime | None = None  # set by the warehouse


# what is landed of a reject, in the order of the file; a table of rejects adds which load it was
REJECT_COLUMNS = (
    Column("_source_file", "STRING", description="The file that it was read from."),
    Column("_line", "INT64", description="Its line in that file, or row of the sheet, from 1."),
    Column("_column", "STRING", description="The column; NULL: several, or the whole row."),
    Column("_value", "STRING", description="The value as it stood in the file."),
    Column("_reason", "STRING", description="Why it was let go of."),
    Column("_row", "STRING", description="A dropped row as a JSON object of texts."),
)


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows that are in the warehouse and that no reader of the table sees."""

    shape: TableShape
    reference: str  # quoted, ready for a FROM clause
    rows: int
    preview: Sequence[Mapping[str, object]] = field(default=(), compare=False)  # of them, a few


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome of a publish."""

    rows: int  # in the table, now
    already: bool  # the ledger had this load: nothing was changed


class Warehouse(Protocol):
    """Tables that change in one atomic step, with a ledger of what was loaded."""

    def uri(self, table: TableId) -> str:
        """Where the table is, for people: duckdb://…, bigquery://project/dataset/table."""
        ...

    def loads(self, table: TableId) -> Sequence[Load]:
        """The ledger of the table, newest first; empty if there is none."""
        ...

    def stage(
        self,
        shape: TableShape,
        load_id: str,
        objects: Sequence[str],
        bucket: Bucket,
        preview: int = 0,
    ) -> Staged:
        """Put Parquet objects (names in `bucket`) into a staging table. Idempotent by load_id.

        So many of the rows come with the outcome, without cost (no query that bills for a scan).
        """
        ...

    def exists(self, table: TableId) -> bool:
        """Whether the published table is there (somebody may have dropped it)."""
        ...

    def query(self, sql: str) -> Sequence[Mapping[str, object]]:
        """Rows of a read-only query in this warehouse's own SQL."""
        ...

    def publish(
        self, staged: Staged, load: Load, after: str | None, rejects: Staged | None = None
    ) -> Published:
        """Make the staged rows visible and write the ledger row, atomically, once a load_id.
        What was staged is gone then; it is still there if the ledger had the load already.

        `after` is the newest load_id that the ledger had when this load was decided on, None if
        there was none. If another is the newest by now, nothing is changed and Overtaken is
        raised; but an append goes after any.

        A publish also drops what other loads of the table have staged. A run that is still at one
        of them finds its rows gone, which may be told as Permanent, and a newer load in the ledger.

        `rejects` (`REJECT_COLUMNS`) go to the table's `rejects` in the same step, which is made
        for the first of them. A replace leaves those of this load there and no others; an append
        or merge keeps those of other source versions. Raises Permanent if somebody else's table
        has that name.
        """
        ...

    def discard(self, staged: Staged) -> None:
        """Drop the staging table; no error if it is gone."""
        ...

    def translate(self, sql: str) -> str:
        """A query written in BigQuery's SQL, in this warehouse's own."""
        ...
