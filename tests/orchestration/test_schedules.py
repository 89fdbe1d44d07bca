"""Ticks: when they start a run, when they skip, and what a dead run does."""

import datetime
import itertools
import time
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from factory.orchestration import landed, schedules
from factory.orchestration.landed import jitter_share
from tests.orchestration.projects import PEOPLE, Folder


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def tick(folder: Folder, instance: dg.DagsterInstance) -> tuple[int, str | None]:
    folder.people()
    schedule = folder.definitions().resolve_schedule_def("people")
    when = datetime.datetime(2026, 11, 23, 2, tzinfo=datetime.UTC)
    context = dg.build_schedule_context(instance, when)
    outcome = schedule.evaluate_tick(context)
    return len(outcome.run_requests or []), outcome.skip_message


def start(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    run = create_run_for_test(
        instance, job_name="people", status=status, tags={"pipeline": "people"}
    )
    instance.report_engine_event("started", run)
    return run


def test_a_tick_starts_a_run(folder: Folder, instance: dg.DagsterInstance) -> None:
    assert tick(folder, instance) == (1, None)


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED"])
def test_a_tick_skips_while_a_run_goes_on(
    folder: Folder, instance: dg.DagsterInstance, status: str
) -> None:
    run = start(instance, dg.DagsterRunStatus[status])
    assert tick(folder, instance) == (0, f"people is still running: run {run.run_id}")


def test_a_finished_run_is_in_nobodys_way(folder: Folder, instance: dg.DagsterInstance) -> None:
    start(instance, dg.DagsterRunStatus.SUCCESS)
    assert tick(folder, instance) == (1, None)


def test_a_run_that_was_silent_for_long_is_taken_for_dead(
    folder: Folder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(instance, dg.DagsterRunStatus.STARTED)
    later = time.time() + 2 * 3600
    monkeypatch.setattr(schedules.time, "time", lambda: later)
    assert tick(folder, instance) == (1, None)
    dead = instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.status == dg.DagsterRunStatus.FAILURE


def test_only_a_scheduled_run_waits_its_share_of_the_jitter(
    folder: Folder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(landed, "sleep", waits.append)
    folder.people()
    folder.run("people", instance)
    assert waits == []
    folder.run("people", instance, tags={"dagster/schedule_name": "people"})
    assert waits == [pytest.approx(jitter_share("people") * 300)]


def test_shares_are_spread() -> None:
    shares = sorted(jitter_share(f"pipeline_{n}") for n in range(200))
    assert shares[0] >= 0
    assert shares[-1] < 1
    assert max(b - a for a, b in itertools.pairwise(shares)) < 0.1


def test_the_spec_can_have_no_schedule(folder: Folder) -> None:
    lines = PEOPLE.splitlines(keepends=True)
    folder.people(spec="".join(line for line in lines if not line.startswith("schedule")))
    repository = folder.definitions().get_repository_def()
    assert repository.has_job("people")
    assert list(repository.schedule_defs) == []
