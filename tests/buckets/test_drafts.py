"""What a process leaves that dies while it writes, and what one is writing still."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from factory.buckets.drafts import adopting, drafting, sweep_drafts
from factory.buckets.local import LocalBucket
from tests.buckets.test_contract import quiet

_WRITER = """
import sys
from pathlib import Path
from factory.buckets.local import LocalBucket

def wait(*_):
    print("half", flush=True)
    sys.stdin.readline()

LocalBucket(Path(sys.argv[1]), "b-b-b").put("raw/x", b"x" * 9_000_000, wait)
"""


@contextmanager
def _writer(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is in the middle of a put."""
    command = [sys.executable, "-c", _WRITER, str(root)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        yield process


def _drafts(root: Path) -> list[Path]:
    return [path for path in (root / ".incoming").iterdir() if path.name != "lock"]


def test_what_a_killed_process_was_writing_goes(tmp_path: Path) -> None:
    with _writer(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    assert len(_drafts(tmp_path)) == 1

    LocalBucket(tmp_path, "another").tidy()

    assert _drafts(tmp_path) == []


def test_what_a_living_process_is_writing_stays(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path, "b-b-b")
    with _writer(tmp_path) as process:
        bucket.tidy()
        assert len(_drafts(tmp_path)) == 1
        process.communicate("\n" * 9)

    assert process.returncode == 0
    assert bucket.read("raw/x") == b"x" * 9_000_000
    assert _drafts(tmp_path) == []


def test_what_this_process_is_writing_stays(tmp_path: Path) -> None:
    with drafting(tmp_path) as (path, file):
        file.write(b"x")
        sweep_drafts(tmp_path)
        assert path.exists()
    assert not path.exists()


def test_what_this_process_has_adopted_stays(tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    with adopting(tmp_path / "drafts", file) as path:
        sweep_drafts(tmp_path / "drafts")
        assert path.read_bytes() == b"rows"
        assert not file.exists()
    assert not path.exists()


def test_a_draft_that_is_swept_before_it_is_locked_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    taken: list[Path] = []
    locked = fcntl.flock

    def late(file: int, how: int) -> None:
        if not taken:
            taken.extend(tmp_path.iterdir())
            taken[0].unlink()
        locked(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    bucket = LocalBucket(tmp_path / "root", "b-b-b")
    with drafting(tmp_path) as (path, _):
        assert path.exists()
        assert path != taken[0]
    assert bucket.put("a", b"a", quiet).size == 1


def test_where_a_file_system_knows_no_locks_nothing_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def unknown(*_: object) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr(fcntl, "flock", unknown)
    with drafting(tmp_path) as (path, _):
        sweep_drafts(tmp_path)
        assert path.exists()
