"""Which files a request means."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import Permanent
from factory.sources.choosing import (
    choose,
    fits,
    is_archive,
    is_data,
    local_name,
    safe_name,
    true_name,
)
from factory.spec.endings import ENDINGS


@pytest.mark.parametrize(
    "name",
    [
        *(f"a{ending}" for ending in ENDINGS),
        "A.CSV", "a.tar.zst", "a.tzst", "a.csv.gz",
        "a.json.zst", "a.csv.bz2", "a.csv.xz", "a.zip", "a.tar", "a.tar.gz",
        "a.tgz", "dir/a.csv",
    ],
)  # fmt: skip
def test_data_files(name: str) -> None:
    assert is_data(name)


@pytest.mark.parametrize("name", ["a.png", "README.md", "csv", "a.csv.png", "a.gz", "a", ""])
def test_other_files(name: str) -> None:
    assert not is_data(name)


def test_archives_have_members() -> None:
    assert [n for n in ("a.zip", "a.tar.zst", "a.tgz", "a.csv.gz", "a.csv") if is_archive(n)] == [
        "a.zip",
        "a.tar.zst",
        "a.tgz",
    ]


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "deep/a.csv", True),
        ("a.csv", "deep/a.csv", True),
        ("deep/*.csv", "deep/a.csv", True),
        ("deep/*.csv", "a.csv", False),
        ("data[1].csv", "data[1].csv", True),
        ("data[1].csv", "data1.csv", True),
        ("A.csv", "a.csv", False),
    ],
)
def test_globs(pattern: str, name: str, expected: bool) -> None:
    assert fits(name, [pattern]) is expected


LEFT = [".ipynb_checkpoints/a-checkpoint.csv", "d/~$a.xlsx", "d/.b.csv", ".old.zip"]


def test_what_tools_leave_behind_is_chosen_by_its_name_alone() -> None:
    names = ["a.csv", "d/a.xlsx", *LEFT]
    assert choose(names, [], "it") == ["a.csv", "d/a.xlsx"]
    assert choose(names, ["*.csv", "*.xlsx"], "it") == ["a.csv", "d/a.xlsx"]
    assert choose(names, ["d/~$*", ".ipynb_checkpoints/*"], "it") == sorted(LEFT[:2])
    assert choose(names, [".b.csv"], "it") == ["d/.b.csv"]
    assert choose(LEFT, [], "it", "d/.*") == sorted(LEFT)
    assert not any(map(is_data, LEFT))


def test_every_pattern_has_to_mean_something() -> None:
    with pytest.raises(Permanent, match=r'no file of it fits "Dead\*"') as caught:
        choose(["cases.csv", "deaths.csv"], ["*.csv", "Dead*"], "it")
    assert caught.value.hint == "there is: cases.csv, deaths.csv; write it under `files`"


@pytest.mark.parametrize("patterns", [[], ["*.db"]])
def test_with_a_sqlite_file_come_the_changes_beside_it(patterns: list[str]) -> None:
    names = ["d/w.db", "d/w.db-wal", "d/w.db-shm", "v.db-wal"]
    assert choose(names, patterns, "it") == ["d/w.db", "d/w.db-wal"]


@given(st.lists(st.text(max_size=20), max_size=5), st.lists(st.text(max_size=10), max_size=3))
def test_choosing_gives_known_names_in_order_or_refuses(
    names: list[str], patterns: list[str]
) -> None:
    try:
        chosen = choose(names, patterns, "it")
    except Permanent:
        chosen = []
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(names)


@given(st.text())
def test_a_safe_name_stays_where_it_is_put(name: str) -> None:
    path = PurePosixPath(safe_name(name))
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert path.parts
    assert str(path).isprintable()


@given(st.text(), st.text(max_size=200))
def test_a_local_name_fits_on_every_disk(identity: str, name: str) -> None:
    local = local_name(identity, name)
    assert "/" not in local
    assert len(f"{local}.part.json".encode("utf-8", "surrogatepass")) <= 255


def test_local_names_differ_where_identities_do() -> None:
    assert local_name("a@1/x.csv", "x.csv") != local_name("a@2/x.csv", "x.csv")


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.csv", b"PK\x03\x04", "a.csv.zip"),
        ("a.zip", b"PK\x03\x04", "a.zip"),
        ("A.XLSX", b"PK\x03\x04", "A.XLSX"),
        ("a.csv", b"\x1f\x8b", "a.csv.gz"),
        ("a.tgz", b"\x1f\x8b", "a.tgz"),
        ("a.csv", b"id,a", "a.csv"),
        ("a.csv", b"", "a.csv"),
    ],
)
def test_a_name_ends_as_its_bytes_call_for(
    tmp_path: Path, name: str, head: bytes, expected: str
) -> None:
    (tmp_path / "x").write_bytes(head)
    assert true_name(name, tmp_path / "x") == expected
