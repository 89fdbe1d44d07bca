"""Snapshots of good texts, and the work folders of runs."""

import errno
import gc
import os
import signal
import sys
import threading
import time
from itertools import count
from pathlib import Path
from types import FrameType

import dagster as dg
import duckdb
import pytest

from factory.errors import Permanent
from factory.orchestration.snapshots import Snapshots
from factory.orchestration.work import work_folder


def test_a_text_that_was_kept_can_be_had(tmp_path: Path) -> None:
    snapshots = Snapshots(str(tmp_path))
    snapshots.keep({"pipelines/a.yaml": "é: 1\n"})
    assert snapshots.get("pipelines/a.yaml") == "é: 1\n"
    assert snapshots.get("pipelines/b.yaml") is None


def test_only_what_is_still_there_is_remembered(tmp_path: Path) -> None:
    snapshots = Snapshots(str(tmp_path))
    snapshots.keep({"a.yaml": "1", "x/b.yaml": "2"})
    snapshots.forget_all_but(["x/b.yaml"])
    assert snapshots.get("a.yaml") is None
    assert snapshots.get("x/b.yaml") == "2"


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("hush")
    snapshots = Snapshots(str(tmp_path))
    assert snapshots.get("../../secret.yaml") is None
    snapshots.keep({"../../secret.yaml": "overwritten"})
    assert secret.read_text() == "hush"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / ".factory").write_text("a file is in the way")
    snapshots = Snapshots(str(tmp_path))
    snapshots.keep({"a.yaml": "1"})
    assert snapshots.get("a.yaml") is None


@pytest.mark.parametrize("where", ["run1", "run1/land/new"])
def test_a_disk_without_room_for_a_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Before the step, and within it; the whole of it is in the faults of `disk-bare-step`."""
    made = os.mkdir

    def full(path: str, *rest: int) -> None:
        if Path(path) == tmp_path / ".factory/work/p" / where:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        made(path, *rest)

    monkeypatch.setattr(os, "mkdir", full)
    with (
        pytest.raises(Permanent, match="cannot keep what the run works with: no space") as caught,
        work_folder(str(tmp_path), "p", "run1", "land") as work,
    ):
        (work / "new").mkdir()
    assert "free some space" in str(caught.value.hint)


def test_what_was_fetched_survives_a_failure_and_not_a_success(tmp_path: Path) -> None:
    def die_half_way() -> None:
        with work_folder(str(tmp_path), "p", "run1", "land") as work:
            (work / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die_half_way()
    with work_folder(str(tmp_path), "p", "run1", "land") as work:
        assert (work / "half").read_text() == "x"
    assert not (tmp_path / ".factory/work/p").exists()


def test_a_run_that_is_stopped_leaves_no_folder(tmp_path: Path) -> None:
    def stop_half_way() -> None:
        with work_folder(str(tmp_path), "p", "run1", "land") as work:
            (work / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert not (tmp_path / ".factory/work/p").exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, dg.DagsterExecutionInterruptedError])
def test_a_stop_that_surprises_a_lock_stays_a_stop(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    def release_too_often() -> None:
        with work_folder(str(tmp_path), "p", "run1", "land"):
            lock = threading.Lock()
            try:
                raise stop
            finally:
                lock.release()

    with pytest.raises(KeyboardInterrupt):
        release_too_often()
    assert not (tmp_path / ".factory/work/p").exists()


def test_an_error_while_another_is_handled_stays_one(tmp_path: Path) -> None:
    def fail_twice() -> None:
        with work_folder(str(tmp_path), "p", "run1", "land"):
            try:
                raise ValueError
            finally:
                raise OSError

    with pytest.raises(OSError, match="^$"):
        fail_twice()


def test_a_stop_in_the_middle_of_a_query_stays_a_stop(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def ask() -> None:
        # With one thread: signals are seen between the pieces of work that the caller itself does.
        one = duckdb.connect(config={"threads": 1})
        with work_folder(str(tmp_path), "p", "run1", "land"), one as connection:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.2)
            rows = "range(900000) a, range(900000) b"
            connection.execute(f"SELECT sum(a.range * b.range) FROM {rows}")

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            ask()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert not (tmp_path / ".factory/work/p").exists()


def test_what_dead_runs_have_left_goes_after_two_days(tmp_path: Path) -> None:
    home = tmp_path / ".factory/work/p"
    for name, age in (("old", 3), ("young", 1)):
        (home / name).mkdir(parents=True)
        then = time.time() - age * 24 * 3600
        os.utime(home / name, (then, then))
    with work_folder(str(tmp_path), "p", "now", "land"):
        assert sorted(path.name for path in home.iterdir()) == ["now", "young"]


def test_a_stop_at_any_moment_leaves_no_folder(tmp_path: Path) -> None:
    """Also while the folder is made, and while it is removed after all went well."""
    moment = next(moment for moment in count() if not _stopped(tmp_path, moment))
    assert moment > 50


def _stopped(root: Path, moment: int) -> bool:
    """Whether work that is stopped at the moment of that number was not over by then."""
    moments, stopped = count(), False

    def interrupt(_frame: FrameType, event: str, _argument: object) -> None:
        if event in {"call", "c_return"} and next(moments) == moment:
            sys.setprofile(None)
            raise KeyboardInterrupt

    try:
        sys.setprofile(interrupt)
        with work_folder(str(root), "p", "run1", "land") as work:
            (work / "rows").touch()
        sys.setprofile(None)
    except KeyboardInterrupt:
        stopped = True
    left = root / ".factory/work/p"
    if left.exists():  # what was stopped on its way out is closed when it is collected
        gc.collect()
    assert not left.exists(), f"stopped at moment {moment}"
    return stopped
