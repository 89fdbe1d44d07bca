"""Zip archives as various programs write them."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from factory.errors import Refused
from factory.ingest.reading import match_members, open_members
from tests.ingest.reading.bench import fetched
from tests.ingest.reading.test_archives import BODY, contents, counting, zipped


def test_a_zip64_whose_sizes_stand_only_in_the_extra_field(tmp_path: Path) -> None:
    crc, name, none = zlib.crc32(BODY), b"a.csv", 0xFFFF_FFFF
    extra = struct.pack("<2H2Q", 1, 16, len(BODY), len(BODY))
    sizes = (crc, none, none, len(name), len(extra))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 33, *sizes) + name + extra + BODY
    extra = struct.pack("<2H3Q", 1, 24, len(BODY), len(BODY), 0)
    sizes = (crc, none, none, len(name), len(extra))
    central = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 33, *sizes, 0, 0, 0, 0, none
    ) + name + extra  # fmt: skip
    place = len(local) + len(central)
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(central), len(local)
    )  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, none, none, 0)
    packed = local + central + end64 + locator + end
    assert contents(tmp_path, "a.zip", packed) == {"a.csv": BODY}


def test_a_zip_written_to_a_pipe_has_its_sizes_behind(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("no place in a pipe")

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", BODY)
    assert out.getvalue()[6] & 8, "the flag of a data descriptor"
    assert contents(tmp_path, "a.zip", out.getvalue()) == {"a.csv": BODY}


def test_names_in_both_encodings_of_zips(tmp_path: Path) -> None:
    packed = zipped({"data/größe.csv": b"1", "日本.csv": b"2"})
    assert set(contents(tmp_path, "a.zip", packed)) == {"data/größe.csv", "日本.csv"}
    old = zipped({"gr##e.csv": b"1"}).replace(b"gr##e", "größe".encode("cp437"))
    assert set(contents(tmp_path, "a.zip", old)) == {"größe.csv"}


def test_a_part_of_a_split_zip_says_so(tmp_path: Path) -> None:
    whole = b"PK\x07\x08" + zipped({"a.csv": BODY, "b.csv": BODY}, 0)
    last = bytearray(whole[60_000:])
    struct.pack_into("<2H", last, last.index(b"PK\x05\x06") + 4, 1, 1)
    for name, part in (("a.z01", whole[:60_000]), ("a.zip", bytes(last))):
        with pytest.raises(Refused, match=f"{name} is one part of a zip that was split"):
            contents(tmp_path, name, part)
    assert len(contents(tmp_path, "a.zip", whole)) == 2  # one part that is all


@pytest.mark.parametrize("method", [8, 12, 14])
def test_the_directory_of_a_zip_is_read_for_all_members_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: int
) -> None:
    packed = zipped({f"{number}.csv": BODY for number in range(20)}, method)
    opened = counting(monkeypatch, "zipfile.ZipFile")
    assert set(contents(tmp_path, "a.zip", packed).values()) == {BODY}
    assert len(opened) == 2  # and whether it is a workbook


def test_folders_of_windows_are_folders(tmp_path: Path) -> None:
    packed = zipped({"d\\a.csv": BODY})
    assert list(contents(tmp_path, "a.zip", packed)) == ["d/a.csv"]
    member = match_members(
        open_members([fetched(tmp_path, "a.zip", packed)], tmp_path), ["d/*.csv"]
    )
    assert [each.name for each in member] == ["d/a.csv"]
