"""A tick of the clock, Dagster's own daemon, and rows in the warehouse."""

from pathlib import Path

import duckdb
import pytest

from tests.e2e.dagster_dev import Dev, dagster_dev, make_project

RUNS = "{ runsOrError { ... on Runs { results { id status jobName tags { key value } } } } }"


@pytest.mark.timeout(280)
def test_a_schedule_of_the_yaml_fires_and_publishes(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    with dagster_dev(root, DAGSTER_HOME=str(home)) as dev:
        run = dev.wait_for(lambda: finished(dev), 150, "finished run")
        assert run["status"] == "SUCCESS", dev.log.read_text()[-6000:]
        assert {"key": "dagster/schedule_name", "value": "people"} in run["tags"]
        assert {"key": "pipeline", "value": "people"} in run["tags"]
    assert rows(root) == [("Ann", 30), ("Eve", 41)]
    said = dev.log.read_text()
    assert "BetaWarning" not in said
    assert "Traceback" not in said


def finished(dev: Dev) -> dict[str, object] | None:
    runs = dev.ask(RUNS)["runsOrError"]["results"]
    return next((run for run in runs if run["status"] in {"SUCCESS", "FAILURE"}), None)


def rows(root: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(root / ".factory/warehouse.duckdb"), read_only=True) as db:
        return db.execute("SELECT name, age FROM registry.people ORDER BY name").fetchall()
