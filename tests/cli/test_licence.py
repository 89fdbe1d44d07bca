"""A publisher changes the licence: everybody is told, and nothing stops."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from factory.cli import main
from factory.orchestration.instance import project_instance
from tests.e2e.projects import new_project
from tests.loopback.kaggle import LoopbackKaggle

DATASET = "owner/letters"
PIPELINE = "source: {kaggle: owner/letters}\nbucket: letters-bucket\ntable: d.letters\n"
KEY = dg.AssetCheckKey(dg.AssetKey(["landed", "letters"]), "licence_unchanged")
FREE, NARROW = "CC0: Public Domain", "CC BY-NC 4.0"
CHANGED = f'the licence was "{FREE}" and is "{NARROW}" now'


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    monkeypatch.chdir(new_project(tmp_path, {"pipelines/letters.yaml": PIPELINE}))
    with LoopbackKaggle() as server:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", server.endpoint)
        server.publish(DATASET, {"letters.csv": b"id\n1\n"}, licence=FREE)
        yield server


def test_a_changed_licence_is_told_in_the_run_in_dagster_and_in_the_manifest(
    kaggle: LoopbackKaggle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert CHANGED not in _run(capsys)
    assert _checked(tmp_path) == (True, f"as before: {FREE}")

    kaggle.datasets[DATASET].licence = NARROW  # of the version that is landed, too
    assert CHANGED in _run(capsys)
    assert _checked(tmp_path) == (False, CHANGED)

    kaggle.publish(DATASET, {"letters.csv": b"id\n2\n"})
    assert f"changed: {CHANGED}" in _run(capsys)
    assert _checked(tmp_path) == (False, CHANGED)
    assert _manifests(tmp_path)["2"] == FREE

    kaggle.publish(DATASET, {"letters.csv": b"id\n3\n"})
    assert CHANGED not in _run(capsys)
    assert _checked(tmp_path) == (True, f"as before: {NARROW}")
    assert _manifests(tmp_path) == {"1": None, "2": FREE, "3": None}


def _run(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["run", "letters"]) == 0
    return capsys.readouterr().out


def _checked(root: Path) -> tuple[bool, str | None]:
    """The newest result of the check, and what the run's log says with it."""
    with project_instance(root) as instance:
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key([KEY])[KEY]
        assert found.event is not None
        evaluation = found.event.dagster_event.asset_check_evaluation_data
        assert evaluation.severity == dg.AssetCheckSeverity.WARN
        assert instance.get_run_by_id(found.run_id).is_success
        warned = [log for log in instance.all_logs(found.run_id) if CHANGED in log.user_message]
    assert bool(warned) == (not evaluation.passed)
    return evaluation.passed, evaluation.description


def _manifests(root: Path) -> dict[str, str | None]:
    read = [json.loads(path.read_text()) for path in root.rglob("_manifest.json")]
    return {body["version"]["id"]: body["licence_before"] for body in read}
