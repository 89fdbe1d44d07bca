"""Small projects on disk, and what is looked at in them."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from factory.orchestration.build import build_definitions
from factory.orchestration.state import State, judge
from factory.spec.model import TargetSpec

FACTORY = """\
version: 1
default_target: local
targets:
  local:
    bucket: {type: local, path: .factory/buckets}
    warehouse: {type: duckdb, path: .factory/warehouse.duckdb}
"""

PEOPLE = """\
description: People and their ages.
owners: ["team:data"]
tags: {domain: health}
source: {file: incoming/people.csv}
bucket: people-bucket
table: registry.people
columns:
  - {name: Name, type: STRING}
  - {name: Age, type: INT64, nullable: false, min: 0, max: 125, description: Age in years}
checks:
  - row_count: {min: 2}
  - sql: {name: no_bob, query: "SELECT * FROM {table} WHERE name = 'Bob'", severity: warn}
schedule: {cron: "0 2 * * *", timezone: Europe/Warsaw, jitter: 5m}
freshness: {max_age: 36h}
retries: {max_attempts: 3, delay: 1s, backoff: constant}
timeout: 30m
concurrency: {pool: disk}
"""

ROWS = "Name,Age\nAnn,30\nEve,41\nZoe,7\n"


@dataclass(frozen=True)
class Folder:
    root: Path

    @classmethod
    def make(cls, root: Path) -> "Folder":
        folder = cls(root)
        folder.write("factory.yaml", FACTORY)
        return folder

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def people(self, rows: str = ROWS, spec: str = PEOPLE) -> None:
        """The pipeline `people` and the file that it reads."""
        self.write("incoming/people.csv", rows)
        self.write("pipelines/health/people.yaml", spec)

    def state(self) -> State:
        return judge(self.root, os.environ)

    def target(self, state: State) -> TargetSpec:
        target = state.factory.target(None)
        assert target is not None
        return target

    def definitions(self) -> dg.Definitions:
        state = self.state()
        return build_definitions(state, self.target(state))

    def run(
        self,
        job: str,
        instance: dg.DagsterInstance,
        tags: dict[str, str] | None = None,
        select: list[str] | None = None,
        definitions: dg.Definitions | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run the job, or some of its assets, as Dagster would, and never raise."""
        keys = [dg.AssetKey(key.split("/")) for key in select] if select else None
        definition = (definitions or self.definitions()).resolve_job_def(job)
        return definition.execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            tags=tags,
            asset_selection=keys,
            raise_on_error=False,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.root / ".factory/warehouse.duckdb"), read_only=True) as db:
            return db.execute(sql).fetchall()


def materialization(result: dg.ExecuteInProcessResult, key: str) -> dict[str, Any]:
    """The values of the metadata of the asset's only materialization in the run."""
    events = [
        event.step_materialization_data.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(key.split("/"))
    ]
    assert len(events) == 1
    return {name: value.value for name, value in events[0].metadata.items()}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {found.check_name: found.passed for found in result.get_asset_check_evaluations()}


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """What the failed steps say, with all that the event log holds of them."""
    return [
        f"{event.step_failure_data.user_failure_data}\n{event.step_failure_data.error}"
        for event in result.filter_events(lambda event: event.is_step_failure)
    ]
