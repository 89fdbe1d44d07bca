"""A timeout ends the work, whatever it is stuck in, and leaves nothing behind."""

import shutil
import subprocess
import sys
from textwrap import dedent

import dagster as dg
import pytest

from factory.orchestration.instance import project_instance
from tests.e2e.projects import ROOT, factory
from tests.orchestration.projects import PEOPLE, Folder

LATE = "pipelines/health/people.yaml:4: the run took longer than its timeout of 4.0 s"
KILLED = f"{LATE}, and did not stop when told, so its process was ended"
GONE = "its process is gone without a word"


@pytest.fixture
def people(folder: Folder) -> Folder:
    spec = PEOPLE.replace("timeout: 30m", "timeout: 4s").replace(", jitter: 5m", "")
    folder.people(spec=spec)
    shutil.copy(ROOT / "dagster.yaml", folder.root)
    return folder


@pytest.mark.parametrize(
    ("how", "code", "reason"), [("deaf", 1, KILLED), ("greedy", 1, GONE), ("thread", 1, LATE)]
)
def test_a_run_that_hangs_is_ended_with_its_process(
    people: Folder, how: str, code: int, reason: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.orchestration.overdue", how],
        cwd=people.root,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "DAGSTER_DISABLE_TELEMETRY": "yes"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    if how == "greedy":
        assert "_lock_twice" in done.stderr  # where it hung
    else:
        assert list((people.root / ".factory/work").glob("people/*")) == []
    people.people(spec=PEOPLE.replace(", jitter: 5m", ""))
    again = factory(people.root, "run", "people")
    assert again.returncode == 0, again.stderr
    with project_instance(people.root) as instance:
        newest, ended = instance.get_runs()
        assert newest.status == dg.DagsterRunStatus.SUCCESS
        assert ended.status == dg.DagsterRunStatus.FAILURE
        assert reason in said(instance, ended)
        assert instance.event_log_storage.get_concurrency_info("disk").claimed_slots == []


def said(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id, of_type=kinds)]
    return "\n".join(f"{event.message} {event.event_specific_data}" for event in events if event)


def test_a_step_that_is_not_in_the_main_thread_is_told_too() -> None:
    done = said_by(
        """\
        import threading
        from factory.errors import TimedOut
        from factory.orchestration.deadline import deadline

        def step():
            try:
                with deadline(0.2, 0.0, print):
                    while True:
                        pass
            except TimedOut as exc:
                print(str(exc).splitlines()[0])

        thread = threading.Thread(target=step)
        thread.start()
        thread.join()
        """
    )
    assert done.stdout == "the run took longer than its timeout of 0.2 s\n", done.stderr


def test_a_block_that_ends_in_time_is_left_alone() -> None:
    done = said_by(
        """\
        import time
        from factory.orchestration import deadline as d

        d.GRACE = 0.2
        with d.deadline(0.3, 0.0, print):
            pass
        time.sleep(1.5)
        print("alive")
        """
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_a_traced_step_that_ends_in_time_goes_on() -> None:
    """CPython 3.11 never leaves a block in which an exception was taken back while it is traced."""
    done = said_by(
        """\
        import threading
        from factory.orchestration.deadline import deadline

        def step():
            with deadline(30.0, 0.0, print):
                pass
            print("gone on")

        threading.settrace(lambda *event: None)
        thread = threading.Thread(target=step, daemon=True)
        thread.start()
        thread.join(20)
        """
    )
    assert done.stdout == "gone on\n", done.stderr


def said_by(script: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own, which a deadline may end."""
    return subprocess.run(
        [sys.executable, "-c", dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
