"""`python -m tests.orchestration.killed_scheduler FOLDER POINT…`: the scheduler, killed at points
of a tick and started again, in processes of its own. Prints what came of each, as JSON.

The points are Dagster's own (`check_for_debug_crash`). The folder holds a project with a pipeline
`people` that is due at 02:00.
"""

import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import dagster as dg

import factory.definitions  # noqa: F401 - loaded once, before the forks
from tests.orchestration.scheduler import QUEUE, Clock, scheduler_on

DAY = "2026-11-23"


def main(root: Path, points: list[str]) -> None:
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps({point: _killed_at(point, root) for point in points}))


def _killed_at(point: str, root: Path) -> object:
    home = root / point
    home.mkdir()
    answer = home / "answer.json"

    def first_life() -> None:
        _looks(root, home, ["01:50", "02:00"], {"people": {point: signal.SIGKILL}})

    def second_life() -> None:
        answer.write_text(json.dumps(_looks(root, home, ["02:01", "02:02"], None)))

    assert _forked(first_life) == -signal.SIGKILL, point
    assert _forked(second_life) == 0, point
    return json.loads(answer.read_text())


def _forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _looks(
    root: Path, home: Path, times: list[str], crashes: dict[str, dict[str, int]] | None
) -> object:
    clock = Clock()
    time.time = clock.time
    with (
        dg.instance_for_test(QUEUE, temp_dir=str(home)) as instance,
        scheduler_on(root, instance, clock, crashes) as scheduler,
    ):
        for when in times:
            scheduler.look(f"{DAY} {when}")
        queued = dg.DagsterEventType.PIPELINE_ENQUEUED
        return {
            "ticks": scheduler.ticks(),
            "runs": scheduler.runs(),
            "statuses": [run.status.value for run in instance.get_runs()],
            "queued": sum(
                len(instance.all_logs(run.run_id, of_type=queued)) for run in instance.get_runs()
            ),
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
