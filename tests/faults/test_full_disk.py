"""The disk of the suite is full for whoever writes to it, and where nobody looks it is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.full_disk import disk_library

_ROOT = Path(__file__).parents[2]
_BEGIN = """
import sys
from pathlib import Path
from tests.faults.full_disk import FullDisk
folder = Path(sys.argv[1])
disk = FullDisk(folder / "full", int(sys.argv[2]) if sys.argv[2] else None, bare=False)
"""
_WRITERS = {
    "python": "(folder / 'full/a').write_bytes(b'x' * 300_000)",
    "copying": (
        "import shutil;"
        "(folder / 'b').write_bytes(b'x' * 300_000);"
        "shutil.copyfile(folder / 'b', folder / 'full/a')"
    ),
    "arrow": (
        "import pyarrow as pa, pyarrow.parquet as pq;"
        "pq.write_table(pa.table({'n': range(100_000)}), folder / 'full/a')"
    ),
    "duckdb": (
        "import duckdb;"
        "c = duckdb.connect(str(folder / 'full/a'));"
        "c.execute('CREATE TABLE t AS SELECT range AS n FROM range(300_000)');"
        "c.close()"
    ),
}


def _run(folder: Path, room: str, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "full").mkdir(exist_ok=True)
    env = {**os.environ, "LD_PRELOAD": str(disk_library())}
    command = [sys.executable, "-c", _BEGIN + code, str(folder), room]
    return subprocess.run(command, cwd=_ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("who", _WRITERS)
def test_all_that_is_written_is_counted(tmp_path: Path, who: str) -> None:
    done = _run(tmp_path, "", _WRITERS[who] + "\nprint(disk.taken, disk.refused)")
    assert done.stderr == ""
    taken, refused = map(int, done.stdout.split())
    assert refused == 0
    assert taken >= (tmp_path / "full/a").stat().st_size > 200_000


@pytest.mark.parametrize("who", _WRITERS)
@pytest.mark.parametrize("room", ["0", "5000", "150000"])
def test_who_writes_more_than_there_is_room_is_told(tmp_path: Path, who: str, room: str) -> None:
    done = _run(tmp_path, room, _WRITERS[who])
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert sum(path.stat().st_size for path in (tmp_path / "full").iterdir()) <= int(room)


def test_other_folders_have_room(tmp_path: Path) -> None:
    done = _run(tmp_path, "0", "(folder / 'a').write_bytes(b'x')")
    assert (done.returncode, done.stderr) == (0, "")


def test_old_bytes_may_be_written_over_and_empty_files_made(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_bytes(b"x" * 10)
    again = "f = open(folder / 'full/a', 'r+b', 0); f.write(b'y' * 10)\n"
    assert _run(tmp_path, "0", f"{again}(folder / 'full/b').touch()").returncode == 0
    assert (tmp_path / "full/a").read_bytes() == b"y" * 10


@pytest.mark.parametrize(
    "making",
    [
        "(folder / 'full/b').touch()",
        "(folder / 'full/b').mkdir()",
        "os.link(folder / 'full/a', folder / 'full/b')",
        "os.rename(folder / 'full/a', folder / 'full/b')",
        "os.chdir(folder / 'full'); open('b', 'w')",
    ],
)
def test_on_a_bare_disk_nothing_is_made(tmp_path: Path, making: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").touch()
    bare = "import os\ndisk = FullDisk(folder / 'full', 0, bare=True)\n"
    assert "No space left" in _run(tmp_path, "0", bare + making).stderr
    assert not (tmp_path / "full/b").exists()
