"""A bad version is taken back, stays away, and comes again when it is asked for."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from factory.orchestration.instance import project_instance
from factory.orchestration.tags import REPLAY
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.e2e.projects import factory, new_project, run
from tests.loopback.kaggle import LoopbackKaggle

DATASET = "owner/letters"
PIPELINE = """\
source: {kaggle: owner/letters}
bucket: {name: letters-bucket, keep: {versions: 3}}
table: d.letters
"""


class Going:
    """A project whose source publishes versions: version n has n rows."""

    def __init__(self, folder: Path, kaggle: LoopbackKaggle) -> None:
        self.folder = new_project(folder, {"pipelines/letters.yaml": PIPELINE})
        self.kaggle = kaggle

    def publish(self) -> None:
        rows = len(self.kaggle.datasets[DATASET].versions) if self.kaggle.datasets else 0
        text = "".join(f"{n}\n" for n in range(rows + 1))
        self.kaggle.publish(DATASET, {"letters.csv": f"id\n{text}".encode()})

    def run(self) -> None:
        """As `factory run letters`, but in this process, which is quicker."""
        assert run(self.folder, "letters").success

    def type(self, *words: str, code: int = 0) -> str:
        done = factory(self.folder, *words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def rows(self) -> int:
        [row] = self._query("SELECT count(*) AS n FROM d.letters")
        return int(str(row["n"]))

    def loaded(self) -> list[str]:
        found = self._query("SELECT source_version AS v FROM d._factory_loads ORDER BY loaded_at")
        return [str(row["v"]) for row in found]

    def _query(self, sql: str) -> list[dict[str, object]]:
        warehouse = DuckDbWarehouse(self.folder / ".factory/warehouse.duckdb")
        return [dict(row) for row in warehouse.query(sql)]


@pytest.fixture
def going(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Going]:
    with LoopbackKaggle() as kaggle:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", kaggle.endpoint)
        yield Going(tmp_path, kaggle)


def test_a_rollback_holds_until_there_is_a_newer_version(going: Going) -> None:
    for _ in range(2):
        going.publish()
        going.run()
    asked = len(going.kaggle.seen())
    assert "version 1 from" in going.type("rollback", "letters")
    assert (going.rows(), len(going.kaggle.seen())) == (1, asked)  # the source is not asked
    going.type("rollback", "letters")
    assert "version 2 was rolled back and is held" in going.type("plan", "letters")
    [ahead] = json.loads(going.type("plan", "letters", "--format", "json"))["next_runs"]
    assert (ahead["version_held"], ahead["tables"][0]["action"]) == ("2", "keep")
    going.run()
    assert (going.rows(), going.loaded()) == (1, ["1", "2", "1"])
    assert "held" in going.type("history", "letters")
    going.publish()
    going.run()
    assert (going.rows(), going.loaded()) == (3, ["1", "2", "1", "3"])
    going.type("rollback", "letters")  # past the one that is held
    assert going.rows() == 1
    with project_instance(going.folder) as instance:
        runs = instance.get_runs()
    assert all(run.is_success for run in runs)
    asked = [run.tags.get(REPLAY) for run in reversed(runs)]
    assert asked == [None, None, "1", "1", None, None, "1"]


def test_a_replay_frees_what_was_held(going: Going) -> None:
    for _ in range(2):
        going.publish()
        going.run()
    going.type("rollback", "letters")
    going.type("replay", "letters", "--version", "2")
    going.type("replay", "letters", "--version", "2")
    assert (going.rows(), going.loaded()) == (2, ["1", "2", "1", "2"])
    past = json.loads(going.type("history", "letters", "--format", "json"))
    assert [load["version"] for load in past["loads"]] == ["2", "1", "2", "1"]
    assert [(landed["version"], landed["held"]) for landed in past["landed"]] == [
        ("2", False), ("1", False),
    ]  # fmt: skip
    going.run()
    assert going.rows() == 2


def test_what_is_not_there_is_said(going: Going) -> None:
    assert "nothing was loaded on local yet" in going.type("history", "letters")
    going.publish()
    going.run()
    assert "no earlier version" in going.type("rollback", "letters", code=2)
    said = going.type("replay", "letters", "--version", "9", code=1)
    assert "version 9 of letters is not in" in said
    assert "there are 1" in said


def test_the_loaded_version_is_kept_whatever_keep_says(going: Going) -> None:
    spec = going.folder / "pipelines/letters.yaml"
    for _ in range(2):
        going.publish()
        going.run()
    spec.write_text(PIPELINE.replace("versions: 3", "versions: 1"))
    going.type("rollback", "letters")
    past = json.loads(going.type("history", "letters", "--format", "json"))
    assert [landed["version"] for landed in past["landed"]] == ["2", "1"]
    going.run()
    assert going.rows() == 1


def test_appended_rows_stay_and_are_not_appended_twice(going: Going) -> None:
    spec = going.folder / "pipelines/letters.yaml"
    spec.write_text(PIPELINE.replace("d.letters", "{name: d.letters, write_disposition: append}"))
    for _ in range(2):
        going.publish()
        going.run()
    going.type("replay", "letters", "--version", "1")
    assert (going.rows(), going.loaded()) == (3, ["1", "2"])
    assert "cannot be taken back" in going.type("rollback", "letters", code=2)
