"""A target for one trial: a bucket and a DuckDB file in a folder that is thrown away."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from factory.buckets.local import LocalBucket
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.ingest.manifest import LandedTable
from factory.ingest.outcomes import Landing, Loading
from factory.plan import PipelinePlan, TablePlan, plan_pipeline
from factory.ports import Phase, Source
from factory.spec.model import BucketTarget, PipelineSpec, TargetSpec, WarehouseTarget
from factory.warehouses.duckdb import DuckDbWarehouse
from factory.warehouses.duckdb_sql import place

Unit = Literal["bytes", "rows"]
_TARGET: Final = TargetSpec(
    "trial", BucketTarget("local", path="buckets"), WarehouseTarget("duckdb", path="trial.duckdb")
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did, with a loading for each table of the plan."""

    landing: Landing
    loadings: tuple[tuple[TablePlan, Loading], ...]

    def landed(self, table: TablePlan) -> LandedTable:
        """What was landed for the table."""
        return self.landing.manifest.table(str(table.id))


@dataclass(frozen=True, slots=True)
class Stand:
    """A pipeline on a target of its own. Nothing outside of `folder` is read or written."""

    plan: PipelinePlan
    folder: Path
    bucket: LocalBucket
    warehouse: DuckDbWarehouse

    def run(self, source: Source, number: int = 1) -> Run:
        """Fetch, land, stage, check, publish. Raises FactoryError as a real run would."""
        work = self.folder / f"run-{number}"
        work.mkdir()
        landing = land(self.plan, source, self.bucket, self.warehouse, work, _silent)
        loadings = tuple(
            (table, self._load(table, landing, work, number)) for table in self.plan.tables
        )
        return Run(landing, loadings)

    def rows(self, loading: Loading) -> Sequence[Mapping[str, object]]:
        """The rows of the table; if checks refused them, the rows that were refused."""
        reference = loading.staged or place(loading.load.table)
        return self.warehouse.query(f"SELECT * FROM {reference}")  # noqa: S608 # it comes quoted

    def count(self, table: TablePlan) -> int:
        """How many rows the published table has."""
        [row] = self.warehouse.query(f"SELECT count(*) AS n FROM {place(table.id)}")  # noqa: S608 # quoted
        return int(str(row["n"]))

    def _load(self, table: TablePlan, landing: Landing, work: Path, number: int) -> Loading:
        return load_table(
            self.plan,
            table,
            landing.manifest,
            self.warehouse,
            self.bucket,
            newest=None,  # nobody else is here
            run_id=f"trial-{number}",
            work=work / "load",
            progress=_silent,
        )


@contextmanager
def stand_for(spec: PipelineSpec) -> Iterator[Stand]:
    """A stand for the pipeline, gone when the block ends."""
    plan = plan_pipeline(spec, _TARGET)
    with TemporaryDirectory(prefix="factory-test-") as name:
        folder = Path(name)
        bucket = LocalBucket(folder / "buckets", spec.bucket.name)
        yield Stand(plan, folder, bucket, DuckDbWarehouse(folder / "trial.duckdb"))


def _silent(
    phase: Phase,
    item: str,
    done: int,
    total: int | None,
    unit: Unit,
) -> None:
    """Nobody watches the progress of a trial: each takes a moment."""
