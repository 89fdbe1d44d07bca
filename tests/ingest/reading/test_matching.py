"""Which members of archives a table has, and what of the others matters."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from factory.errors import Permanent, Refused
from factory.ingest.reading import Member, match_members, open_members
from tests.ingest.reading.bench import fetched, read, table
from tests.ingest.reading.test_archives import BODY, tarred, zipped

UNREADABLE = {
    "photos.rar": b"Rar!\x1a\x07\x01" + bytes(600),
    "deep.zip": zipped({"i.zip": zipped({"b.csv": BODY})}),
    "cut.zip": zipped({"b.csv": BODY})[:-30],
    "unsafe.zip": zipped({"../b.csv": BODY}),
    "cut.tgz": tarred({"b.csv": BODY}, "w:gz")[:-900],
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_what_is_not_asked_for_refuses_no_archive(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    packed = pack({"train.csv": BODY, "d/" + name: UNREADABLE[name]})
    members = open_members([fetched(tmp_path, "a.zip", packed)], tmp_path)
    assert [m.name for m in match_members(members, ["train.csv"])] == ["train.csv"]
    for patterns in ([], ["*"], ["*.zip", "*.tgz", "*.rar"], ["b.csv"]):
        with pytest.raises(Permanent, match=f"i.zip is an archive in an archive in|{name}"):
            match_members(members, patterns)


def test_a_wildcard_may_mean_what_is_in_an_archive_that_cannot_be_opened(tmp_path: Path) -> None:
    for name, closed in (("cut.zip", True), ("unsafe.zip", True), ("photos.rar", False)):
        packed = zipped({"train.csv": BODY, name: UNREADABLE[name]})
        members = open_members([fetched(tmp_path, "a.zip", packed)], tmp_path)
        for patterns in (["*.csv"], ["train.csv", "b.csv"]):
            with pytest.raises(Permanent, match=name) if closed else contextlib.nullcontext():
                match_members(members, patterns)


def test_an_encrypted_member_is_refused_only_if_it_is_asked_for(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.csv": BODY, "b.csv": BODY}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    members = open_members([fetched(tmp_path, "a.zip", bytes(packed))], tmp_path)
    assert [m.name for m in match_members(members, ["b.csv"])] == ["b.csv"]
    with pytest.raises(Refused, match="a.csv in a.zip is encrypted"):
        match_members(members, [])


def test_members_of_one_name_are_told_apart_by_their_archives(tmp_path: Path) -> None:
    years = {f"{year}.zip": zipped({"d/data.csv": BODY, f"{year}.csv": BODY}) for year in (1, 2)}
    packed = {"all.zip": zipped(years), "b.tgz": tarred({"d/data.csv": BODY}, "w:gz")}
    files = [fetched(tmp_path, name, content) for name, content in packed.items()]
    files.append(fetched(tmp_path, "d/data.csv", BODY))
    members = open_members(files, tmp_path)
    data = ["all.zip/1.zip/d/data.csv", "all.zip/2.zip/d/data.csv", "b.tgz/d/data.csv"]
    for patterns in (["data.csv"], ["d/data.csv"], ["d/*"], ["dat*"]):
        assert [m.name for m in match_members(members, patterns)] == [*data, "d/data.csv"]
    assert [m.name for m in match_members(members, ["1*"])] == ["1.csv"]
    assert [m.name for m in match_members(members, [data[1], "b.tgz/*"])] == data[1:]


def test_source_file_tells_members_of_one_name_apart() -> None:
    zips = {f"{year}.zip": zipped({"data.csv": b"a\n%d\n" % year}) for year in (2023, 2024)}
    assert read(zips, table(source_file=True)).rows == [
        (2023, "2023.zip/data.csv"),
        (2024, "2024.zip/data.csv"),
    ]
    alone = read({"2023.zip": zips["2023.zip"]}, table(source_file=True))
    assert alone.rows == [(2023, "data.csv")]


def plain(*names: str) -> list[Member]:
    return [Member(name, 1, lambda: io.BytesIO(b"x")) for name in names]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ([], ["b/y.JSON", "x.csv"]),
        (["x.csv"], ["x.csv"]),
        (["y.JSON"], ["b/y.JSON"]),
        (["b/*"], ["b/y.JSON", "b/z.pdf"]),
        (["*.csv", "*.pdf"], ["b/z.pdf", "x.csv"]),
        ([".old/*.csv"], [".old/x.csv"]),
        (["~$*"], ["~$x.xlsx"]),
    ],
)
def test_globs_choose_members(patterns: list[str], names: list[str]) -> None:
    members = plain("x.csv", "b/y.JSON", "b/z.pdf")
    if patterns:
        members += plain(".old/x.csv", "~$x.xlsx")
    assert [member.name for member in match_members(members, patterns)] == names


def test_a_pattern_without_a_match_names_what_is_there() -> None:
    with pytest.raises(Permanent) as caught:
        match_members(plain("Covid Data.csv", "readme.md"), ["covid data.csv"])
    assert caught.value.message == 'no file matches "covid data.csv"'
    assert caught.value.hint == (
        'did you mean "Covid Data.csv"? there is "Covid Data.csv", "readme.md"'
    )
    assert [m.name for m in match_members(plain("no-suffix"), [])] == ["no-suffix"]
