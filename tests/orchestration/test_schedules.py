"""Ticks: when they start a run, when they skip, and what a dead run does."""

import datetime
import itertools
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from factory.orchestration import dead_runs, landed
from factory.orchestration.dead_runs import process_tag
from factory.orchestration.landed import jitter_share
from factory.orchestration.processes import name_of, this_process
from factory.orchestration.tags import PROCESS
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
    started, reason = tick(folder, instance)
    assert started == 0
    assert reason is not None
    verb = "is waiting in the queue" if status == "NOT_STARTED" else "is still running"
    assert re.fullmatch(
        rf"people {verb} since \w{{3}} \d\d \w{{3}} \d\d:\d\d Europe/Warsaw: "
        rf"run {run.run_id}, started by hand; next \w{{3}} \d\d \w{{3}} 02:00 Europe/Warsaw",
        reason,
    )


def test_a_finished_run_is_in_nobodys_way(folder: Folder, instance: dg.DagsterInstance) -> None:
    start(instance, dg.DagsterRunStatus.SUCCESS)
    assert tick(folder, instance) == (1, None)


def test_a_run_that_was_silent_for_long_is_taken_for_dead(
    folder: Folder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(instance, dg.DagsterRunStatus.STARTED)
    later = time.time() + 2 * 3600
    monkeypatch.setattr(dead_runs.time, "time", lambda: later)
    assert tick(folder, instance) == (1, None)
    dead = instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.status == dg.DagsterRunStatus.FAILURE


def test_a_run_of_its_assets_alone_is_in_the_way_too(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    """What the button "Materialize" of the page of an asset starts: no pipeline's job."""

    def materialize(key: str) -> dg.DagsterRun:
        return create_run_for_test(
            instance,
            job_name="__ASSET_JOB",
            status=dg.DagsterRunStatus.STARTED,
            asset_selection=frozenset({dg.AssetKey(key.split("/"))}),
        )

    materialize("registry/strangers")
    assert tick(folder, instance) == (1, None)
    run = materialize("registry/people")
    started, reason = tick(folder, instance)
    assert started == 0
    assert run.run_id in (reason or "")


def test_a_killed_command_is_in_nobodys_way(folder: Folder, instance: dg.DagsterInstance) -> None:
    run = start(instance, dg.DagsterRunStatus.STARTED)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        instance.add_run_tags(run.run_id, {PROCESS: f"{run.run_id} {name_of(process.pid)}"})
        assert tick(folder, instance)[0] == 0
        process.kill()
        process.wait()
    assert tick(folder, instance) == (1, None)
    (record,) = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
    event = record.event_log_entry.dagster_event
    assert event is not None
    assert (event.message or "").startswith(
        f"its process is gone without a word (pid {process.pid} on {socket.gethostname()}): "
    )


def test_a_re_execution_is_not_dead_because_the_run_before_is(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    run = start(instance, dg.DagsterRunStatus.STARTED)
    instance.add_run_tags(run.run_id, {PROCESS: "another-run host/boot/1/1"})
    assert tick(folder, instance)[0] == 0


def test_the_sensor_ends_the_dead_and_frees_their_pools(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    (living, dead, elsewhere) = (start(instance, dg.DagsterRunStatus.STARTED) for _ in range(3))
    gone = this_process().rpartition("/")[0] + "/1"  # its number is another's now
    instance.add_run_tags(living.run_id, {PROCESS: process_tag(living.run_id)})
    instance.add_run_tags(dead.run_id, {PROCESS: f"{dead.run_id} {gone}"})
    instance.add_run_tags(elsewhere.run_id, {PROCESS: f"{elsewhere.run_id} other/boot/1/1"})
    storage = instance.event_log_storage
    storage.set_concurrency_slots("disk", 1)
    storage.claim_concurrency_slot("disk", dead.run_id, "landed__people")
    sensor = folder.definitions().resolve_sensor_def("dead_runs")
    said = sensor(dg.build_sensor_context(instance=instance))
    assert isinstance(said, dg.SkipReason)
    assert said.skip_message == f"ended {dead.run_id}: their processes are gone"
    assert storage.get_concurrency_info("disk").active_slot_count == 0
    assert {run.run_id for run in instance.get_runs() if run.is_finished} == {dead.run_id}


def test_only_a_scheduled_run_waits_its_share_of_the_jitter(
    folder: Folder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(landed, "sleep", waits.append)
    folder.people(spec=PEOPLE.replace("concurrency: {pool: disk}\n", ""))
    folder.run("people", instance)
    assert waits == []
    scheduled = {"dagster/schedule_name": "people"}
    folder.run("people", instance, tags=scheduled)
    assert waits == [pytest.approx(jitter_share("people") * 300)]
    folder.people()
    folder.run("people", instance, tags=scheduled)
    assert len(waits) == 1  # it would hold its pool meanwhile


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
