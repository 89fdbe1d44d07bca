"""The factory's data path alone, without Dagster: land, stage, check, publish."""

import os
import sys
from pathlib import Path
from typing import Literal

from benchmarks.peers.project import write_project
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.plan import plan_pipeline
from factory.ports import Phase
from factory.spec.project import load_project
from factory.wiring import make_bucket, make_source, make_warehouse


def silent(
    phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
) -> None:
    """Nobody watches the progress."""


def main(archive: Path, folder: Path, source: str | None = None) -> None:
    """Load `archive` (or what `source` says in YAML) into the warehouse of a fresh project."""
    project = load_project(write_project(archive, folder, source), os.environ)
    [spec], factory = project.specs, project.factory
    [target] = factory.targets
    pipeline = plan_pipeline(spec, target)
    bucket, work = make_bucket(pipeline, factory), folder / "work"
    work.mkdir()
    origin = make_source(pipeline, factory, os.environ, sample=None)
    warehouse = make_warehouse(target, factory)
    landing = land(pipeline, origin, bucket, warehouse, work, silent)
    load_table(
        pipeline,
        pipeline.tables[0],
        landing.manifest,
        warehouse,
        bucket,
        newest=None,
        run_id="bench",
        work=work / "load",
        progress=silent,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
