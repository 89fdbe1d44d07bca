"""What `factory run` gets from Dagster, with an instance that stays."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest

from factory.errors import Permanent
from factory.orchestration.instance import project_instance
from factory.orchestration.running import RunReport, run_pipeline
from factory.spec.project import load_project
from tests.orchestration.projects import PEOPLE, Folder

REPOSITORY = Path(__file__).parents[2]


def run(folder: Folder, name: str = "people", sample: int | None = None) -> RunReport:
    project = load_project(folder.root, os.environ)
    target = project.factory.target(None)
    assert target is not None
    return run_pipeline(project, target, name, sample=sample)


@pytest.fixture
def settled(folder: Folder) -> Folder:
    """A project with this repository's instance settings."""
    folder.people()
    folder.write("dagster.yaml", (REPOSITORY / "dagster.yaml").read_text())
    return folder


def test_the_report_has_the_outcomes(settled: Folder, capfd: pytest.CaptureFixture[str]) -> None:
    report = run(settled)
    assert report.success
    assert report.failure is None
    assert report.landing is not None
    assert not report.landing.unchanged
    assert [(loading.rows, loading.published) for loading in report.loadings] == [(3, True)]
    assert capfd.readouterr() == ("", "")


def test_the_run_is_in_the_history_where_dagster_dev_looks(settled: Folder) -> None:
    report = run(settled)
    with project_instance(settled.root) as instance:
        kept = instance.get_run_by_id(report.run_id)
        assert kept is not None
        assert kept.status == dg.DagsterRunStatus.SUCCESS
        assert kept.tags["pipeline"] == "people"
        assert kept.remote_job_origin is not None
        assert kept.remote_job_origin.location_name == "factory"
        assert instance.get_latest_materialization_event(dg.AssetKey(["registry", "people"]))
    assert (settled.root / ".dagster").is_dir()


def test_every_progress_call_reaches_the_listener(settled: Folder) -> None:
    calls: list[tuple[str, int, int | None]] = []
    project = load_project(settled.root, os.environ)
    target = project.factory.target("local")
    assert target is not None
    run_pipeline(
        project,
        target,
        "PEOPLE",
        listener=lambda phase, item, done, total, unit: calls.append((phase, done, total)),
    )
    assert {phase for phase, _, _ in calls} >= {"fetch", "read", "land", "stage", "publish"}


def test_a_failed_run_says_where_and_what_to_do(settled: Folder) -> None:
    (settled.root / "incoming/people.csv").unlink()
    report = run(settled)
    assert not report.success
    assert report.loadings == ()
    assert report.failure is not None
    assert report.failure.place == "pipelines/health/people.yaml:4"
    assert "people.csv" in report.failure.message


def test_refused_rows_are_told_with_their_checks(settled: Folder) -> None:
    settled.people(rows="Name,Age\nAnn,300\nEve,4\n")
    report = run(settled)
    assert not report.success
    (loading,) = report.loadings
    assert not loading.published
    assert report.failure is not None
    assert "range_age" in report.failure.message
    assert loading.staged is not None
    assert report.failure.hint == f"the refused rows are in {loading.staged}"


def test_a_sample_run_carries_its_tag(settled: Folder) -> None:
    report = run(settled, sample=20)
    assert [loading.rows for loading in report.loadings] == [20]
    with project_instance(settled.root) as instance:
        kept = instance.get_run_by_id(report.run_id)
    assert kept is not None
    assert kept.tags["factory/sample"] == "20"


def test_an_unknown_pipeline_is_refused(settled: Folder) -> None:
    with pytest.raises(Permanent, match="there is no pipeline nobody"):
        run(settled, "nobody")


def test_dagster_home_wins(
    settled: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    report = run(settled)
    with dg.DagsterInstance.get() as instance:
        assert instance.get_run_by_id(report.run_id)
    assert not (settled.root / ".dagster").exists()


def test_the_current_folder_is_left_as_it_was(settled: Folder) -> None:
    before = Path.cwd()
    run(settled)
    assert Path.cwd() == before


def test_a_run_that_takes_too_long_ends_with_its_timeout(
    settled: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.people(spec=PEOPLE.replace("timeout: 30m", "timeout: 1s").replace(", jitter: 5m", ""))
    (settled.root / "incoming/people.csv").unlink()
    os.mkfifo(settled.root / "incoming/people.csv")  # reading it waits for ever
    report = run(settled)
    assert not report.success
    assert report.failure is not None
    assert report.failure.message == "the run took longer than its timeout of 1.0 s"
    assert report.seconds < 30


def test_ctrl_c_ends_the_run_in_the_history_too(settled: Folder) -> None:
    pipe = settled.root / "incoming/people.csv"
    pipe.unlink()
    os.mkfifo(pipe)  # reading it waits for ever
    held: list[int] = []

    def interrupt_the_reader() -> None:
        while not held:
            with suppress(OSError):  # nobody reads yet
                held.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    impatience = threading.Thread(target=interrupt_the_reader)
    impatience.start()
    with pytest.raises(KeyboardInterrupt):
        run(settled)
    impatience.join()
    os.close(held[0])
    with project_instance(settled.root) as instance:
        assert [kept.is_finished for kept in instance.get_runs()] == [True]
