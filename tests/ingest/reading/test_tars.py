"""Tar archives: of every age, damaged, and inside a compressed stream."""

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from factory.errors import Permanent, Refused
from factory.ingest.reading import open_members
from tests.ingest.reading.bench import fetched, read, table
from tests.ingest.reading.test_archives import BODY, contents, counting, tarred


def entry_of(name: str, size: int, content: bytes = b"", kind: bytes = tarfile.REGTYPE) -> bytes:
    """One member of a tar that says to be of `size` bytes, whatever it has."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.GNU_FORMAT) + content.ljust(-(-len(content) // 512) * 512, b"\0")


@pytest.mark.parametrize("size", [1 << 60, 1 << 87, 40 << 30, 5_000, -1, -512, -(1 << 60)])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_member_of_a_tar_larger_than_the_rest_is_damage(
    tmp_path: Path, size: int, kind: bytes, suffix: str
) -> None:
    packed = entry_of("a.csv", size, BODY[:400], kind) + bytes(1024)
    with pytest.raises(Permanent, match="a.tar.* is damaged"):
        contents(tmp_path, f"a.tar{suffix}", gzip.compress(packed) if suffix else packed)


def test_headers_of_a_tar_take_little_memory(tmp_path: Path) -> None:
    packed = entry_of("a", 2 << 20, bytes(2 << 20), tarfile.GNUTYPE_LONGNAME) + bytes(1024)
    with pytest.raises(Permanent, match="headers of more than 1,048,576 bytes"):
        contents(tmp_path, "a.tar", packed)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_of_a_tar_may_have_the_name_of_a_file(tmp_path: Path, suffix: str) -> None:
    folder = entry_of("a.csv", 0, kind=tarfile.DIRTYPE)
    packed = folder + entry_of("a.csv", len(BODY), BODY) + bytes(1024)
    packed = gzip.compress(packed) if suffix else packed
    assert contents(tmp_path, f"a.tar{suffix}", packed) == {"a.csv": BODY}


def test_the_label_of_a_tar_is_no_member(tmp_path: Path) -> None:
    label = entry_of("A label of 2024", 0, kind=b"V")
    assert contents(tmp_path, "a.tar", label + tarred({"a.csv": BODY})) == {"a.csv": BODY}


def test_a_tar_older_than_its_mark_is_one(tmp_path: Path) -> None:
    packed = bytearray(tarred({"a.csv": BODY}))
    packed[257:265] = bytes(8)
    packed[148:156] = b" " * 8
    packed[148:155] = b"%06o\0" % sum(packed[:512])
    assert contents(tmp_path, "a.tar", bytes(packed)) == {"a.csv": BODY}


def test_a_cut_tar_is_damaged_not_short(tmp_path: Path) -> None:
    packed = tarred({"a.csv": b"x" * 600, "b.csv": b"y" * 600})
    for size in (600, 512 * 3, 512 * 3 + 100, 512 * 5, 512 * 6):
        with pytest.raises(Permanent, match="is damaged"):
            contents(tmp_path, "a.tar", packed[:size])


def test_a_sparse_member_is_refused(tmp_path: Path) -> None:
    packed = bytearray(tarred({"a.csv": b"x"}))
    packed[156:157] = b"S"
    packed[148:156] = b" " * 8
    packed[148:155] = b"%06o\0" % sum(packed[:512])
    with pytest.raises(Refused, match="sparse file"):
        contents(tmp_path, "a.tar", bytes(packed))


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_compressed_tar_is_unpacked_once_for_all_small_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    packed = tarred({f"{number}.csv": BODY for number in range(20)}, mode)
    opened = counting(monkeypatch, "factory.ingest.reading.archives.opening.inflate")
    assert set(contents(tmp_path, "a.tgz", packed).values()) == {BODY}
    assert len(opened) == 2  # and whether it is a tar


@pytest.mark.parametrize("bound", ["shelf._SMALL", "room._ALWAYS"])
def test_a_member_that_is_not_kept_is_found_in_a_compressed_tar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(f"factory.ingest.reading.archives.{bound}", 5_000)
    monkeypatch.setattr("factory.ingest.reading.archives.room._SPARED", 0)
    monkeypatch.setattr("factory.ingest.reading.archives.room._DEAR", 0)
    monkeypatch.setattr("factory.ingest.reading.archives.room.CHUNK", 4_000)
    members = {f"{number}.csv": BODY + b"%d" % number for number in range(5)}
    members |= {"small.csv": b"a,b\n"}
    assert contents(tmp_path, "a.tgz", tarred(members, "w:gz")) == members


def _without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, bound in {"_ALWAYS": 0, "_SPARED": 0, "CHUNK": 0}.items():
        monkeypatch.setattr(f"factory.ingest.reading.archives.room.{name}", bound)


def test_small_members_are_kept_where_others_find_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_room(monkeypatch)
    body = b"a,b\n" * 2_000
    packed = tarred({f"{number}.csv": body for number in range(40)}, "w:gz")
    opened = counting(monkeypatch, "factory.ingest.reading.archives.opening.inflate")
    assert set(contents(tmp_path, "a.tgz", packed).values()) == {body}
    assert len(opened) < 10


def test_members_that_nobody_asks_for_are_not_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_room(monkeypatch)
    monkeypatch.setattr("factory.ingest.reading.archives.room._DEAR", 0)
    packed = tarred({f"{number}.csv": b"a,b\n" * 2_000 for number in range(40)}, "w:gz")
    opened = counting(monkeypatch, "factory.ingest.reading.archives.opening.inflate")
    assert len(open_members([fetched(tmp_path, "a.tgz", packed)], tmp_path)) == 40
    assert len(opened) == 2  # to see that it is a tar, and to list it


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_lies_behind_the_end_of_a_tar_is_not_left_out_silently(
    tmp_path: Path, suffix: str
) -> None:
    def packed(behind: bytes) -> bytes:
        whole = tarred({"a.csv": BODY}) + behind
        return gzip.compress(whole) if suffix else whole

    assert contents(tmp_path, f"a.tar{suffix}", packed(bytes(50_000))) == {"a.csv": BODY}
    for behind in (tarred({"b.csv": BODY}), b"x"):
        with pytest.raises(Permanent, match="behind its end there are other bytes"):
            contents(tmp_path, f"a.tar{suffix}", packed(behind))


def test_names_of_other_encodings_are_text(tmp_path: Path) -> None:
    packed = tarred({"caf_.csv": BODY, "caf+.csv": BODY})
    header = packed[:512].replace(b"caf_", b"caf\xe9")
    whole = sum(header) - sum(header[148:156]) + 8 * ord(" ")
    packed = header[:148] + b"%06o\0 " % whole + header[156:] + packed[512:]
    assert contents(tmp_path, "a.tar", packed) == {"café.csv": BODY, "caf+.csv": BODY}
    seen = read({"a.tar": packed}, table(source_file=True))
    assert {row[-1] for row in seen.rows} == {"café.csv", "caf+.csv"}


def test_what_all_headers_say_is_not_in_memory_at_once(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(60):
            entry = tarfile.TarInfo(f"{number}.csv")
            entry.pax_headers = {"comment": "x" * 500_000}
            archive.addfile(entry)
    got = [fetched(tmp_path, "a.tar", out.getvalue())]
    tracemalloc.start()
    try:
        assert len(open_members(got, tmp_path)) == 60
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_of_large_members_only_the_first_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factory.ingest.reading.archives.shelf._SMALL", 5_000)
    packed = tarred({f"{number}.csv": BODY for number in range(20)}, "w:gz")
    opened = counting(monkeypatch, "factory.ingest.reading.archives.opening.inflate")
    assert set(contents(tmp_path, "a.tgz", packed).values()) == {BODY}
    assert len(opened) == 3  # to see that it is a tar, to list it, and for the first
