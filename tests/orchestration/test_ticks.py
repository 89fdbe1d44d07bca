"""Which ticks start a run: Dagster's own scheduler over edits, downtimes and restarts."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import pytest

from tests.orchestration.projects import PEOPLE, Folder
from tests.orchestration.scheduler import QUEUE, Clock, Scheduler, scheduler_on

# Dagster warns of its own `environment_vars` when it lists schedules.
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

AT_TWO = 'schedule: "0 2 * * *"\n'
DAY = "2026-11-23"


def spec(schedule: str) -> str:
    lines = PEOPLE.splitlines(keepends=True)
    return "".join(schedule if line.startswith("schedule") else line for line in lines)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


@pytest.fixture
def scheduler(folder: Folder, clock: Clock) -> Iterator[Scheduler]:
    """At 00:50 it has seen the schedule of 02:00; its last look is an hour old at 01:50."""
    with (
        dg.instance_for_test(overrides=QUEUE) as instance,
        scheduler_on(folder.root, instance, clock) as scheduler,
    ):
        folder.people(spec=spec(AT_TWO))
        scheduler.look(f"{DAY} 00:50")
        yield scheduler


def save(folder: Folder, scheduler: Scheduler, when: str, schedule: str) -> None:
    """The user saves the file, the code location reloads, the daemon looks a moment later."""
    scheduler.clock.set(f"{DAY} {when}")
    folder.people(spec=spec(schedule))
    scheduler.load()
    scheduler.look(f"{DAY} {when[:-2]}{int(when[-2:]) + 1:02}")


def test_a_tick_starts_one_run(scheduler: Scheduler) -> None:
    for when in ("01:59", "02:00", "02:01", "02:02"):
        scheduler.look(f"{DAY} {when}")
    assert scheduler.runs() == [f"{DAY}T02:00:00+00:00"]
    assert scheduler.ticks() == [("23 02:00", "SUCCESS", None)]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_cron_whose_time_has_passed_is_not_fired_by_saving_it(
    folder: Folder, scheduler: Scheduler, restarted: bool
) -> None:
    if restarted:
        scheduler.restart()
    save(folder, scheduler, "01:35", 'schedule: "34 1 * * *"\n')
    assert scheduler.runs() == []
    ((when, status, reason),) = scheduler.ticks()
    assert (when, status) == ("23 01:34", "SKIPPED")
    assert reason == (
        "pipelines/health/people.yaml:13: this schedule is in force since Mon 23 Nov 01:35 UTC, "
        "not at Mon 23 Nov 01:34 UTC; next Tue 24 Nov 01:34 UTC"
    )
    scheduler.look("2026-11-24 01:34")
    assert scheduler.runs() == ["2026-11-24T01:34:00+00:00"]


def test_another_time_zone_fires_nothing_either(folder: Folder, scheduler: Scheduler) -> None:
    save(folder, scheduler, "01:20", 'schedule: {cron: "0 2 * * *", timezone: Europe/Warsaw}\n')
    scheduler.look(f"{DAY} 02:00")  # Dagster takes no notice of a time zone alone until then
    assert scheduler.runs() == []  # 02:00 in Warsaw was 01:00
    assert scheduler.ticks()[0][:2] == ("23 01:00", "SKIPPED")
    save(folder, scheduler, "02:05", AT_TWO)
    assert scheduler.runs() == []


@pytest.mark.parametrize("looked", [False, True])
def test_switching_on_fires_nothing_of_before(
    folder: Folder, scheduler: Scheduler, looked: bool
) -> None:
    scheduler.clock.set(f"{DAY} 01:55")
    folder.people(spec=spec('schedule: {cron: "0 2 * * *", enabled: false}\n'))
    scheduler.load()
    if looked:
        scheduler.look(f"{DAY} 02:01")
    save(folder, scheduler, "02:05", AT_TWO)
    assert scheduler.runs() == []


@pytest.mark.parametrize("looked", [False, True])
def test_a_file_that_was_renamed_and_comes_back_fires_nothing(
    folder: Folder, scheduler: Scheduler, looked: bool
) -> None:
    home, away = (folder.root / f"pipelines/health/{name}.yaml" for name in ("people", "folk"))
    home.rename(away)
    scheduler.clock.set(f"{DAY} 01:58")
    scheduler.load()
    if looked:
        scheduler.look(f"{DAY} 01:59")
    away.rename(home)
    scheduler.clock.set(f"{DAY} 02:01")
    scheduler.load()
    scheduler.look(f"{DAY} 02:02")
    assert scheduler.runs() == []


def test_a_reload_neither_fires_nor_loses_a_tick(scheduler: Scheduler) -> None:
    scheduler.clock.set(f"{DAY} 02:01")
    scheduler.load()
    scheduler.look(f"{DAY} 02:02")  # what was due at 02:00 while it reloaded
    scheduler.load()
    scheduler.look(f"{DAY} 02:03")
    assert scheduler.runs() == [f"{DAY}T02:00:00+00:00"]


def test_a_mended_file_makes_up_nothing_of_the_time_when_it_was_broken(
    folder: Folder, scheduler: Scheduler
) -> None:
    quarantine = (folder.root / "factory.yaml").read_text() + "on_invalid: quarantine\n"
    folder.write("factory.yaml", quarantine)
    save(folder, scheduler, "01:50", "schedule: nonsense\n")
    save(folder, scheduler, "02:10", AT_TWO)
    assert scheduler.runs() == []
    assert [status for _, status, _ in scheduler.ticks()] == ["SKIPPED", "SKIPPED"]


def test_after_a_downtime_the_newest_missed_tick_runs_once(scheduler: Scheduler) -> None:
    scheduler.look(f"{DAY} 02:00")
    end_all(scheduler.instance)
    scheduler.restart()
    scheduler.clock.set("2026-11-27 09:29")
    scheduler.load()
    for when in ("09:30", "09:31"):
        scheduler.look(f"2026-11-27 {when}")
    assert scheduler.runs() == [f"{DAY}T02:00:00+00:00", "2026-11-27T02:00:00+00:00"]


def test_catchup_none_leaves_a_missed_tick_out_and_says_so(
    folder: Folder, scheduler: Scheduler
) -> None:
    save(folder, scheduler, "01:00", 'schedule: {cron: "0 2 * * *", catchup: none}\n')
    scheduler.look(f"{DAY} 02:04")  # busy, not down
    end_all(scheduler.instance)
    scheduler.restart()
    scheduler.look("2026-11-27 09:30")
    assert scheduler.runs() == [f"{DAY}T02:00:00+00:00"]
    assert scheduler.ticks()[-1] == (
        "27 02:00",
        "SKIPPED",
        "missed 7h 30m ago, and catchup is none; next Sat 28 Nov 02:00 UTC",
    )


def test_the_next_tick_skips_while_a_run_waits_in_the_queue(scheduler: Scheduler) -> None:
    scheduler.look(f"{DAY} 02:00")
    (run,) = scheduler.instance.get_runs()
    scheduler.look("2026-11-24 02:00")
    _, status, reason = scheduler.ticks()[-1]
    assert status == "SKIPPED"
    assert reason is not None
    assert reason.startswith("people is waiting in the queue since ")
    assert f"run {run.run_id}, started by its schedule; next Wed 25 Nov 02:00 UTC" in reason


def end_all(instance: dg.DagsterInstance) -> None:
    for run in instance.get_runs():
        if not run.is_finished:
            instance.report_run_failed(run)


def test_a_scheduler_that_is_killed_in_a_tick_neither_loses_nor_doubles_it(folder: Folder) -> None:
    points = ["TICK_CREATED", "TICK_HELD", "RUN_CREATED", "RUN_LAUNCHED", "RUN_ADDED"]
    folder.people(spec=spec(AT_TWO))
    script = [sys.executable, "-m", "tests.orchestration.killed_scheduler", str(folder.root)]
    done = subprocess.run([*script, *points], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    once = {
        "ticks": [["23 02:00", "SUCCESS", None]],
        "runs": [f"{DAY}T02:00:00+00:00"],
        "statuses": ["QUEUED"],
        "queued": 1,
    }
    assert json.loads(done.stdout) == dict.fromkeys(points, once)
