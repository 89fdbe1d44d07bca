"""Archives: what they hold, and what is refused."""

import bz2
import contextlib
import gzip
import io
import lzma
import struct
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import inflate64
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import Permanent, Refused
from factory.ingest.reading import match_members, open_members
from factory.ingest.reading.streams import refuse_bomb
from tests.ingest.reading.bench import fetched, read

BODY = b"a,b\n" + b"".join(b"%d,x%d\n" % (n, n) for n in range(5_000))
PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: zstandard.compress(content),
}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]  # mode is text
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def contents(folder: Path, name: str, content: bytes) -> dict[str, bytes]:
    found = {}
    for member in match_members(open_members([fetched(folder, name, content)], folder), ["*"]):
        with member.open() as stream:
            found[member.name] = stream.read()
        with member.open() as stream:  # a member can be opened again
            assert stream.read(3) == found[member.name][:3]
        assert member.size in (None, len(found[member.name]))
    return found


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_file_is_one_member_without_the_suffix(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](BODY)
    assert contents(tmp_path, f"d/a.csv.{suffix}", packed) == {"d/a.csv": BODY}
    assert contents(tmp_path, "no-suffix", packed) == {"no-suffix": BODY}


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_several_streams_in_one_file_are_read_to_the_end(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](BODY) + PACKERS[suffix](b"9,end\n")
    assert contents(tmp_path, f"a.csv.{suffix}", packed) == {"a.csv": BODY + b"9,end\n"}


@pytest.mark.parametrize("method", [0, 8, 12, 14])
def test_zip_methods(tmp_path: Path, method: int) -> None:
    packed = zipped({"d/a.csv": BODY, "empty.csv": b""}, method)
    assert contents(tmp_path, "a.zip", packed) == {"d/a.csv": BODY, "empty.csv": b""}


def test_zip64_is_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w") as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        member.write(BODY)
    assert contents(tmp_path, "a.zip", out.getvalue()) == {"a.csv": BODY}


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("x", "w:xz")]
)
def test_tars_plain_and_compressed(tmp_path: Path, name: str, mode: str) -> None:
    packed = tarred({"./d/a.csv": BODY, "b.csv": b"x"}, mode)
    assert contents(tmp_path, name, packed) == {"d/a.csv": BODY, "b.csv": b"x"}


def test_the_name_of_a_file_proves_nothing(tmp_path: Path) -> None:
    assert contents(tmp_path, "data.csv", zipped({"a.csv": BODY})) == {"a.csv": BODY}
    assert contents(tmp_path, "a.zip", BODY) == {"a.zip": BODY}
    assert contents(tmp_path, "a.csv", b"BZhang,x\n1,2\n") == {"a.csv": b"BZhang,x\n1,2\n"}


def test_an_archive_may_hold_archives_but_they_no_more(tmp_path: Path) -> None:
    inner = {
        "i.zip": zipped({"a.csv": BODY}),
        "b.csv.gz": gzip.compress(BODY),
        "t.tgz": tarred({"c.csv": BODY}, "w:gz"),
    }
    assert contents(tmp_path, "n.zip", zipped(inner)) == dict.fromkeys(
        ["a.csv", "b.csv", "c.csv"], BODY
    )
    deeper = zipped({"n.zip": zipped({"i.zip": zipped({"a.csv": BODY})})})
    with pytest.raises(Refused, match="archive in an archive in an archive"):
        contents(tmp_path, "deep.zip", deeper)


def test_what_nobody_meant_to_publish_is_skipped(tmp_path: Path) -> None:
    left = dict.fromkeys(
        ["__MACOSX/a.csv", "d/.hidden", ".ipynb_checkpoints/a.csv", "d/.x/y/b.csv", "~$a.xlsx",
         "d\\Thumbs.db", "d\\.x\\c.csv"],
        b"2",
    )  # fmt: skip
    assert contents(tmp_path, "a.zip", zipped({**left, "d/": b"", "d/a.csv": b"3"})) == {
        "d/a.csv": b"3"
    }
    assert contents(tmp_path, "a.tar", tarred({**left, "./d/a.csv": b"3"})) == {"d/a.csv": b"3"}


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "d/../../a.csv", "C:/a.csv", "..\\a.csv"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="points outside"):
        contents(tmp_path, "a.zip", zipped({name: BODY}))
    with pytest.raises(Refused, match="points outside"):
        contents(tmp_path, "a.tar", tarred({name: BODY}))


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link.csv")
    entry.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(Refused, match="is a link"):
        contents(tmp_path, "a.zip", out.getvalue())
    for kind, said in ((tarfile.SYMTYPE, "a link"), (tarfile.LNKTYPE, "a link"), (b"3", "device")):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            member = tarfile.TarInfo("x.csv")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        with pytest.raises(Refused, match=said):
            contents(tmp_path, "a.tar", out.getvalue())


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": BODY}))
    central = packed.index(b"PK\x01\x02")
    packed[6] |= 1
    packed[central + 8] |= 1
    with pytest.raises(Refused, match=r"a.csv in a.zip is encrypted"):
        contents(tmp_path, "a.zip", bytes(packed))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("a.csv", "2")
    with pytest.raises(Refused, match='two members called "a.csv"'):
        contents(tmp_path, "a.zip", out.getvalue())


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": BODY, "b.csv": BODY}))
    second = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", packed, second + 42, 0)
    with pytest.raises(Refused, match="overlaps another member"):
        contents(tmp_path, "a.zip", bytes(packed))


def test_a_member_larger_than_it_declares_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": BODY}))
    struct.pack_into("<L", packed, packed.index(b"PK\x01\x02") + 24, 100)
    with pytest.raises(Refused, match="more than the 100 bytes it declares"):
        contents(tmp_path, "a.zip", bytes(packed))


def test_bombs_are_refused_by_what_they_declare_and_by_what_flows(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": BODY}))
    struct.pack_into("<L", packed, packed.index(b"PK\x01\x02") + 24, 0xFFFF_FFF0)
    with pytest.raises(Refused, match="zip bomb"):
        contents(tmp_path, "a.zip", bytes(packed))
    refuse_bomb("honest", 1 << 20, 1 << 30)
    with pytest.raises(Refused, match="1,000 times"):
        refuse_bomb("flowing", 1 << 20, (1 << 30) + 1)


def test_a_flowing_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factory.ingest.reading.streams._LARGE", 1 << 20)
    with pytest.raises(Refused, match="zip bomb"):
        contents(tmp_path, "a.zst", zstandard.compress(bytes(64 << 20)))


@pytest.mark.parametrize("inner", ["gz", "xz", "zst"])
@pytest.mark.parametrize("outer", ["gz", "zip", "bz2"])
def test_a_bomb_in_a_bomb_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inner: str, outer: str
) -> None:
    monkeypatch.setattr("factory.ingest.reading.streams._LARGE", 1 << 20)
    bomb = PACKERS[inner](bytes(64 << 20))
    packed = zipped({"a.csv.gz": bomb}) if outer == "zip" else PACKERS[outer](bomb)
    with pytest.raises(Refused, match="zip bomb"):
        contents(tmp_path, "a.csv.gz.gz", packed)


def test_what_inner_archives_hold_counts_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factory.ingest.reading.streams._LARGE", 3 << 20)
    inner = {f"{number}.zip": zipped({f"{number}.csv": bytes(1 << 20)}) for number in range(9)}
    with pytest.raises(Refused, match="1,000 times its size: it looks like a zip bomb"):
        contents(tmp_path, "a.zip", zipped(inner))


@pytest.mark.parametrize("again", ["a//b.csv", "./a/b.csv", "a\\b.csv", "a/./b.csv"])
def test_two_ways_to_write_one_path_are_one_name(tmp_path: Path, again: str) -> None:
    for name, pack in (("a.zip", zipped), ("a.tar", tarred)):
        with pytest.raises(Refused, match=r'two members called "a/b.csv" and "') as caught:
            contents(tmp_path, name, pack({"a/b.csv": b"1", again: b"2"}))
        assert again in caught.value.message
    members = {"a/b.csv": b"1", "a/B.csv": b"2", "b.csv": b"3"}
    assert contents(tmp_path, "a.zip", zipped(members)) == members


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_bytes_behind_the_end_are_told_and_zeros_are_padding(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](BODY)
    name = f"a.csv.{suffix}"
    padded = packed + bytes(512)
    assert contents(tmp_path, name, padded) == {"a.csv": BODY}
    assert contents(tmp_path, name, padded + packed) == {"a.csv": BODY * 2}
    for junk in (b"j", b"junk" * 99, bytes(4) + b"junk"):
        with pytest.raises(Permanent, match=f"behind its end there are bytes that are no {suffix}"):
            contents(tmp_path, name, packed + junk)


@pytest.mark.parametrize("name", ["a.zip", "setup.exe"])
@pytest.mark.parametrize("outer", [False, True])
def test_a_zip_behind_a_program_is_one(tmp_path: Path, name: str, outer: bool) -> None:
    extracting = b"MZ and a program" * 99 + zipped({"b.csv": BODY})
    content = zipped({name: extracting}) if outer else extracting
    assert contents(tmp_path, "c.zip" if outer else name, content) == {"b.csv": BODY}
    text = b"MZ,b\n1,2\n"
    assert contents(tmp_path, name, text) == {name: text}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_cut_file_is_damaged_not_short(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](BODY)
    with pytest.raises(Permanent, match="is damaged"):
        contents(tmp_path, f"a.csv.{suffix}", packed[: len(packed) // 2])


@pytest.mark.parametrize("place", [60, 2_000, -60])
def test_a_changed_byte_in_a_zip_is_found(tmp_path: Path, place: int) -> None:
    packed = bytearray(zipped({"a.csv": BODY}))
    end = packed.index(b"PK\x01\x02")
    packed[place if place > 0 else end + place] ^= 0x55
    with pytest.raises(Permanent, match="is damaged|holds more than"):
        contents(tmp_path, "a.zip", bytes(packed))


def counting(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    """A list that grows with each call of the function or class of that name."""
    module, _, attribute = name.rpartition(".")
    real, calls = getattr(sys.modules[module], attribute), list[object]()

    def counted(*args: object, **more: object) -> object:
        calls.append(args)
        return real(*args, **more)

    monkeypatch.setattr(name, counted)
    return calls


def test_a_table_is_read_from_an_archive() -> None:
    assert read({"rows.csv.zip": zipped({"rows.csv": BODY})}).rows[-1] == (4_999, "x4999")


def deflate64(content: bytes) -> bytes:
    """A zip as Windows' Explorer writes large files: method 9."""
    packer = inflate64.Deflater()
    body = packer.deflate(content) + packer.flush()
    crc, name = zlib.crc32(content), b"a.csv"
    sizes = (crc, len(body), len(content), len(name))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 21, 0, 9, 0, 33, *sizes, 0) + name + body
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 21, 21, 0, 9, 0, 33, *sizes, *[0] * 6) + name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def test_deflate64(tmp_path: Path) -> None:
    wide = b"a,b\n" + b"".join(b"%d,%s\n" % (n, b"far" * 9_000) for n in range(9))
    for content in (BODY, wide, b""):
        assert contents(tmp_path, "a.zip", deflate64(content)) == {"a.csv": content}
    packed = bytearray(deflate64(BODY))
    packed[5_000] ^= 1
    with pytest.raises(Permanent, match="is damaged|holds more than"):
        contents(tmp_path, "a.zip", bytes(packed))


@pytest.mark.parametrize(
    ("head", "kind"), [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x01", "RAR")]
)
def test_archives_of_other_kinds_say_what_they_are(tmp_path: Path, head: bytes, kind: str) -> None:
    with pytest.raises(Refused, match=f"a.csv is a {kind} archive, which is not supported"):
        contents(tmp_path, "a.csv", head + bytes(600))


@pytest.mark.parametrize("first", [0x50, 0x5F])
def test_a_zstd_file_may_begin_with_a_frame_for_others(tmp_path: Path, first: int) -> None:
    frame = bytes([first]) + struct.pack("<3sL", b"\x2a\x4d\x18", 6) + b"others"
    packed = zstandard.compress(BODY)
    assert contents(tmp_path, "a.csv.zst", frame + packed + frame) == {"a.csv": BODY}
    with pytest.raises(Permanent, match="is damaged: it ends too early"):
        contents(tmp_path, "a.csv.zst", frame + packed + frame[:-1])


DAMAGED = {
    "a.zip": zipped({"a.csv": BODY[:3_000], "b.csv": b"x,y\n1,2\n"}),
    "64.zip": deflate64(BODY[:3_000]),
    "stored.zip": zipped({"a.csv": BODY[:3_000]}, zipfile.ZIP_STORED),
    "bzip2.zip": zipped({"a.csv": BODY[:3_000]}, zipfile.ZIP_BZIP2),
    "lzma.zip": zipped({"a.csv": BODY[:3_000]}, zipfile.ZIP_LZMA),
    "a.csv.gz": gzip.compress(BODY[:3_000]),
    "a.csv.bz2": bz2.compress(BODY[:3_000]),
    "a.csv.xz": lzma.compress(BODY[:3_000]),
    "a.csv.zst": zstandard.ZstdCompressor(write_checksum=True).compress(BODY[:3_000]),
    "a.tgz": tarred({"a.csv": BODY[:3_000], "b.csv": b"x"}, "w:gz"),
}


@pytest.mark.parametrize("name", DAMAGED)
@given(st.data())
@settings(max_examples=40)
def test_damage_gives_an_error_or_the_right_bytes(name: str, data: st.DataObject) -> None:
    good = DAMAGED[name]
    damaged = bytearray(good)
    for place in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=3)):
        damaged[place] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(1, len(good))) :]
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Permanent):
        found = set(contents(Path(folder), name, bytes(damaged)).values())
        assert found <= {BODY[:3_000], b"x,y\n1,2\n", b"x", bytes(damaged)}
