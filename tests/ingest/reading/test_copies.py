"""What is kept of archives while they are read."""

import errno
import gc
import io
import os
import random
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import Permanent, Refused
from factory.ingest.reading.archives import opening
from factory.ingest.reading.archives.copies import Copies
from factory.ingest.reading.archives.opening import open_members
from tests.ingest.reading.bench import fetched
from tests.ingest.reading.test_archives import PACKERS, contents, tarred, zipped

TEXT = b"".join(b"%d,%d,some text\n" % (n, zlib.crc32(b"%d" % n)) for n in range(20_000))
STEPS = st.tuples(st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]), st.integers(-9, 9))


@given(st.lists(st.integers(0, 300_000), max_size=4), st.lists(STEPS, max_size=6))
def test_a_copy_is_read_like_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], steps: list[tuple[int, int]]
) -> None:
    copies = Copies(tmp_path_factory.getbasetemp())
    starts = [sum(sizes[:n]) for n in range(len(sizes) + 1)]
    chunks = [TEXT[a:b] for a, b in pairwise(starts)]
    other, opened = copies.add([b"another"]), copies.add(chunks)
    whole = io.BytesIO(b"".join(chunks))
    with opened() as copy, other() as beside:
        assert copy.read() == whole.read()
        for whence, tenths in steps:
            offset = tenths * starts[-1] // 10
            if whence == os.SEEK_SET or whole.tell() + offset < 0:
                offset = abs(offset)
            if whence == os.SEEK_END:
                offset = -abs(offset)
            assert copy.seek(offset, whence) == whole.seek(offset, whence)
            assert copy.read(200_000) == whole.read(200_000)
            assert beside.read(3) == b"another"[beside.tell() - 3 : beside.tell()]
            beside.seek(0)


def test_no_file_is_seen_and_none_is_open_when_nobody_reads(tmp_path: Path) -> None:
    before = _open_files()
    opened = Copies(tmp_path).add([TEXT])
    assert list(tmp_path.iterdir()) == []
    with opened() as copy:
        assert copy.read() == TEXT
    del opened, copy
    gc.collect()
    assert _open_files() <= before


def _open_files() -> set[str]:
    """Where the system tells."""
    folder = Path("/proc/self/fd")
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_full_disk_is_told_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(Permanent, match=rf"no space left on device in {tmp_path} .*bytes free"):
        Copies(tmp_path).add([TEXT])


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_members_of_a_compressed_tar_take_about_as_much_as_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = _watched(monkeypatch)
    packed = PACKERS[kind](tarred({f"{n}.csv": TEXT[n:] for n in range(4)}))
    members = open_members([fetched(tmp_path, "a.tar", packed)], tmp_path)
    assert len(members) == 4
    apart = sum(len(PACKERS["gz"](TEXT[n:])) for n in range(4))
    assert 0 < made[0].size < 1.5 * apart


def test_a_zip_in_a_compressed_tar_is_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _watched(monkeypatch)
    inner = zipped({"a.csv": TEXT})
    packed = PACKERS["gz"](tarred({"a.zip": inner}))
    with open_members([fetched(tmp_path, "a.tgz", packed)], tmp_path)[0].open() as stream:
        assert stream.read() == TEXT
    assert made[0].size < 1.1 * len(inner)


def test_what_xz_packs_and_nothing_else_does_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factory.ingest.reading.archives.room._LEAST", 1 << 20)
    monkeypatch.setattr("factory.ingest.reading.archives.room._RATIO", 3)
    monkeypatch.setattr("factory.ingest.reading.archives.room._ALWAYS", 0)
    monkeypatch.setattr("factory.ingest.reading.archives.room._SPARED", 0)
    monkeypatch.setattr("factory.ingest.reading.archives.room._DEAR", 0)
    noise = random.Random(7).randbytes(300_000)
    inner = {f"{n}.zip": zipped({f"{n}.csv": noise}) for n in range(9)}
    with pytest.raises(
        Refused, match=r"\d.zip, and what is beside it, unpacks to more than 3 times"
    ):
        contents(tmp_path, "a.tar.xz", PACKERS["xz"](tarred(inner)))
    assert len(contents(tmp_path, "a.tar", tarred(inner))) == 9


def _watched(monkeypatch: pytest.MonkeyPatch) -> list[Copies]:
    """The copies that will be made."""
    made: list[Copies] = []

    class Watched(Copies):
        def __init__(self, into: Path) -> None:
            super().__init__(into)
            made.append(self)

    monkeypatch.setattr(opening, "Copies", Watched)
    return made
