"""A disk that is full, wherever a run writes: the kernel refuses, and we say how much and where."""

import errno
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from factory.buckets.local import LocalBucket
from factory.disks import no_room
from factory.errors import FactoryError, Permanent
from factory.ports import FetchRequest
from factory.sources.file import FileSource
from factory.sources.kaggle import KaggleSource
from factory.warehouses.duckdb_file import writing
from tests.loopback.kaggle import LoopbackKaggle

SMALL = 1 << 20  # bytes that a file may have
LARGE = 3 << 20


@contextmanager
def little_room() -> Iterator[None]:
    """The kernel takes no file above SMALL, as a file system takes none that it has no room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))  # Python ignores its signal
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refusal(act: Callable[[], object]) -> FactoryError:
    with pytest.raises(FactoryError) as caught, little_room():
        act()
    assert isinstance(caught.value, Permanent)
    assert "du -xsh" in str(caught.value.hint)
    return caught.value


def quiet(*_: object) -> None:
    """Nobody watches."""


def fetch(source: KaggleSource | FileSource, into: Path) -> object:
    return source.fetch(source.version(), FetchRequest((), into, None, quiet))


def test_a_local_bucket_says_what_the_object_needs(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path, "b")
    error = refusal(lambda: bucket.put("raw/rows.parquet", b"x" * LARGE, quiet))
    assert f"cannot keep rows.parquet: file too large in {tmp_path}" in error.message
    assert f"(at least {LARGE:,} bytes needed, " in error.message
    assert not list(bucket.list(""))
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_work_folder_says_what_is_still_to_come(tmp_path: Path) -> None:
    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/rows", {"rows.csv": b"a,b\n1,2\n" * (LARGE // 8)})
        source = KaggleSource("owner/rows", None, kaggle.endpoint, {"HOME": str(tmp_path)})
        error = refusal(lambda: fetch(source, tmp_path))
    assert f"cannot keep rows.csv: file too large in {tmp_path} (at least " in error.message


def test_a_copy_of_a_file_says_what_is_still_to_come(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"a\n" * (LARGE // 2))
    source = FileSource("rows.csv", tmp_path)
    error = refusal(lambda: fetch(source, tmp_path))
    assert f"rows.csv: file too large in {tmp_path} (at least " in error.message


def test_a_full_disk_is_known_before_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/rows", {"rows.csv": b"a,b\n1,2\n" * 1000})
        source = KaggleSource("owner/rows", None, kaggle.endpoint, {"HOME": str(tmp_path)})
        error = refusal(lambda: fetch(source, tmp_path))
    assert "no space left on device" in error.message
    assert "at least 8,000 bytes needed, 1,000 bytes free" in error.message
    assert not list(tmp_path.rglob("*.part"))


def test_duckdb_says_which_folder_is_full(tmp_path: Path) -> None:
    def write() -> None:
        with writing(tmp_path / "w.duckdb", 1, needed=5000) as connection:
            connection.execute("CREATE TABLE t AS SELECT md5(i::TEXT) FROM range(300000) r(i)")

    error = refusal(write)
    assert f"cannot write the DuckDB file {tmp_path}/w.duckdb: file too large" in error.message
    assert "at least 5,000 bytes needed" in error.message


def test_the_device_s_own_no_is_understood(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, Path("/dev/full").open("wb") as f:
        f.write(b"x" * SMALL)
    assert "no space left on device" in str(no_room("write", caught.value, tmp_path))
    assert no_room("write", OSError(errno.EACCES, "no"), tmp_path) is None
    assert no_room("write", ValueError("bad"), tmp_path) is None
