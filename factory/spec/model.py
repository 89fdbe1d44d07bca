"""The spec: what a person asked for, after defaults, variables and short forms are resolved.

Field names are the YAML's keys. A value that was not given is None or empty, never guessed:
defaults come from the schema. Durations are seconds, sizes are bytes. Marks say where a value
was typed and take no part in equality.
"""

from dataclasses import dataclass, field
from typing import Literal

from factory.ports import ColumnType, Disposition, Granularity, TableId
from factory.spec.marks import Mark

SourceKind = Literal["kaggle", "http", "file", "gcs"]
FileType = Literal["csv", "tsv", "json", "ndjson", "parquet", "excel", "sqlite"]
ColumnsRule = Literal["evolve", "freeze", "discard_value"]
TypeRule = Literal["evolve", "freeze", "discard_row", "discard_value"]
Ragged = Literal["repair", "strict", "lenient"]
CheckSeverity = Literal["error", "warn"]
OnInvalid = Literal["last_good", "quarantine", "fail"]


@dataclass(frozen=True, slots=True)
class FormatSpec:
    """How the files are to be read. None means: find out; of comment and thousands: none."""

    type: FileType | None = None
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    header: bool | None = None
    null_values: tuple[str, ...] | None = None
    skip_rows: int | None = None
    escape: str | None = None  # "": a doubled quote
    comment: str | None = None
    decimal: str = "."
    thousands: str | None = None
    ragged: Ragged = "repair"
    sheet: str | None = None  # of a workbook: a name, or a number from 1 if no sheet is called so
    table: str | None = None  # of a SQLite file
    records: str | None = None  # of a JSON file: the keys that lead to the rows, with dots between


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """`reference` is what stands after the kind key, with `${…}` left unresolved (it may hold a
    secret): `owner/slug`, a URL, a path, `bucket/prefix`."""

    kind: SourceKind
    reference: str
    version: str | None = None  # None: the latest
    files: tuple[str, ...] = ()  # globs; empty: every data file
    format: FormatSpec = FormatSpec()
    when_unchanged: Literal["skip", "reload"] = "skip"
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class BucketSpec:
    """Where the landed files go. `prefix` has the fields {pipeline} and {source_version}."""

    name: str
    prefix: str
    format: Literal["parquet", "original"]
    keep_versions: int | None = None  # None: all
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """`name` is the name in the source; `rename` the one in the table."""

    name: str
    rename: str | None = None
    type: ColumnType | None = None
    format: str | None = None  # strptime, for DATE, DATETIME, TIMESTAMP and TIME
    null_values: tuple[str, ...] = ()
    nullable: bool = True
    min: float | str | None = None  # a number, or ISO text for dates
    max: float | str | None = None
    values: tuple[int | float | str | bool, ...] = ()
    description: str | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One entry of `checks`. Fields that its kind does not use are None or empty."""

    kind: Literal[
        "row_count", "not_null", "unique", "accepted_values", "range", "sql",
        "rejected_rows",  # implied by a contract that lets go; nobody types it
    ]  # fmt: skip
    severity: CheckSeverity = "error"
    columns: tuple[str, ...] = ()  # names in the table; one for accepted_values and range
    min: float | str | None = None
    max: float | str | None = None
    max_change: float | None = None  # a share: 0.2 is 20 %
    values: tuple[int | float | str | bool, ...] = ()
    name: str | None = None
    query: str | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PartitionSpec:
    """How the table is partitioned."""

    column: str
    granularity: Granularity


@dataclass(frozen=True, slots=True)
class SchemaContract:
    """What happens to columns and values that the contract does not know."""

    columns: ColumnsRule
    data_type: TypeRule


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table. `files` are globs; empty: the source's."""

    id: TableId
    schema_contract: SchemaContract
    files: tuple[str, ...] = ()
    write_disposition: Disposition = "replace"
    primary_key: tuple[str, ...] = ()
    partition_by: PartitionSpec | None = None
    cluster_by: tuple[str, ...] = ()
    column_names: Literal["snake_case", "original"] = "snake_case"
    source_file: bool = False  # a column _source_file with the name of each row's file
    columns: tuple[ColumnSpec, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    mark: Mark | None = field(default=None, compare=False)

    @property
    def may_reject(self) -> bool:
        """Whether rows or values can be let go of, into a table of rejects."""
        return self.schema_contract.data_type in {"discard_row", "discard_value"}


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """When the pipeline runs. `cron` has five fields or is an alias such as @daily."""

    cron: str
    timezone: str
    enabled: bool = True
    jitter: float | None = None  # seconds
    catchup: Literal["latest", "none"] = "latest"
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RetrySpec:
    """How often a step is tried when the error is transient."""

    max_attempts: int
    delay: float  # seconds
    backoff: Literal["exponential", "linear", "constant"]


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """Bounds that a run refuses to pass: bytes of the source files, rows of a table."""

    max_bytes: int | None = None
    max_rows: int | None = None
    min_rows: int | None = None


@dataclass(frozen=True, slots=True)
class AlertSpec:
    """`to` is an Apprise URL with `${…}` left unresolved: it holds a secret."""

    on: tuple[Literal["failure", "late", "drift", "recovery"], ...]
    to: str
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file of a test, under the name that the source would publish: a path or the content."""

    name: str
    path: str | None  # relative to the project's root
    text: str | None
    mark: Mark = field(compare=False)


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """Values as they were typed, by column; None is NULL. They mean what the column's type is."""

    cells: tuple[tuple[str, str | None], ...]
    mark: Mark = field(compare=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a test expects. What is None is not looked at. `marks` has each key's place."""

    rows: tuple[ExpectedRow, ...] | None = None
    row_count: int | None = None
    types: tuple[tuple[str, ColumnType], ...] = ()
    rejected: int | None = None
    failing_checks: tuple[str, ...] = ()
    error: str | None = None
    marks: tuple[tuple[str, Mark], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """One entry of `tests`. `table` is None where the pipeline has only one."""

    name: str
    given: tuple[GivenFile, ...]
    expect: Expectation
    mark: Mark = field(compare=False)
    table: TableId | None = None

    def place(self, key: str) -> str:
        """`file:line` of a key of `expect`; of the test itself if the key is not there."""
        return dict(self.expect.marks).get(key, self.mark).place


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """One pipeline: one file."""

    name: str
    mark: Mark = field(compare=False)
    source: SourceSpec
    bucket: BucketSpec
    tables: tuple[TableSpec, ...]
    retries: RetrySpec
    limits: LimitSpec
    description: str | None = None
    owners: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    group: str | None = None
    schedule: ScheduleSpec | None = None
    freshness_max_age: float | None = None  # seconds
    timeout: float | None = None  # seconds
    pool: str | None = None
    alerts: tuple[AlertSpec, ...] = ()
    depends_on: tuple[str, ...] = ()
    tests: tuple[TrialSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketTarget:
    """Where buckets are: `local` has a path, `gcs` a project and perhaps an endpoint."""

    type: Literal["local", "gcs"]
    path: str | None = None
    project: str | None = None
    api_endpoint: str | None = None  # None: the service's own


@dataclass(frozen=True, slots=True)
class WarehouseTarget:
    """Where tables are: `duckdb` has a path, `bigquery` a project, location, maybe endpoint."""

    type: Literal["duckdb", "bigquery"]
    path: str | None = None
    project: str | None = None
    location: str | None = None
    api_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """Where pipelines run: a kind of bucket and a kind of warehouse."""

    name: str
    bucket: BucketTarget
    warehouse: WarehouseTarget
    mark: Mark | None = field(default=None, compare=False)


OWN_UI = "http://127.0.0.1:3000"  # where `dagster dev` serves


@dataclass(frozen=True, slots=True)
class FactorySpec:
    """The project file. `root` is an absolute path; the pipelines folder is relative to it."""

    root: str
    pipelines: str
    on_invalid: OnInvalid
    default_target: str
    targets: tuple[TargetSpec, ...]
    kaggle_api_endpoint: str | None = None
    http_allow_private: tuple[str, ...] = ()  # networks, addresses and names
    dagster_url: str = OWN_UI  # without a slash at its end

    def target(self, name: str | None) -> TargetSpec | None:
        """The target of that name, or the default one; None if there is no such target."""
        wanted = name or self.default_target
        return next((target for target in self.targets if target.name == wanted), None)
