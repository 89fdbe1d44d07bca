"""Local files: what a path means, and copies that later writes do not reach."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.errors import Permanent
from factory.ports import FetchRequest
from factory.sources.downloads import Changed
from factory.sources.file import FileSource

Ask = Callable[..., FetchRequest]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder whose own name looks like a glob."""
    folder = tmp_path / "proj[1]*"
    for name in ("a.csv", "b.csv", "notes.md", "2025/a.csv", "2025/deep/c.json", "[odd].csv"):
        (folder / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "data" / name).write_text(name)
    return folder


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("data/a.csv", ["a.csv"]),
        ("./data/../data/a.csv", ["a.csv"]),
        ("data", ["2025/a.csv", "2025/deep/c.json", "[odd].csv", "a.csv", "b.csv"]),
        ("data/", ["2025/a.csv", "2025/deep/c.json", "[odd].csv", "a.csv", "b.csv"]),
        ("data/?.csv", ["a.csv", "b.csv"]),
        ("data/*/*.csv", ["2025/a.csv"]),
        ("data/**/*.csv", ["2025/a.csv", "[odd].csv", "a.csv", "b.csv"]),
        ("data/**", ["2025/a.csv", "2025/deep/c.json", "[odd].csv", "a.csv", "b.csv"]),
        ("data/[odd].csv", ["[odd].csv"]),
    ],
)
def test_a_path_a_folder_or_a_glob(root: Path, ask: Ask, asked: str, names: list[str]) -> None:
    source = FileSource(asked, root)
    assert [file.name for file in source.fetch(source.version(), ask())] == names


@pytest.mark.parametrize("asked", ["data/w.db", "data/*.db", "data"])
def test_changes_beside_a_sqlite_file_are_part_of_it(root: Path, ask: Ask, asked: str) -> None:
    (root / "data" / "w.db").write_text("w")
    source = FileSource(asked, root)
    before = source.version()
    (root / "data" / "w.db-wal").write_text("changes")
    after = source.version()
    assert after.id != before.id
    fetched = source.fetch(after, ask("*.db"))
    assert [file.name for file in fetched] == ["w.db", "w.db-wal"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("data/2025", ["a.csv", "deep/c.json"]),
        ("data/2025/*", ["a.csv"]),
        ("data/2025/.b.csv", [".b.csv"]),
        ("data/2025/.*.csv", [".b.csv"]),
        ("data/2025/.ipynb_checkpoints", ["a-checkpoint.csv"]),
        ("data/*/.ipynb_checkpoints/*", ["2025/.ipynb_checkpoints/a-checkpoint.csv"]),
    ],
)
def test_what_tools_leave_behind_comes_only_if_it_is_named(
    root: Path, ask: Ask, asked: str, names: list[str]
) -> None:
    for name in (".b.csv", ".ipynb_checkpoints/a-checkpoint.csv", "~$c.xlsx"):
        (root / "data" / "2025" / name).parent.mkdir(exist_ok=True)
        (root / "data" / "2025" / name).write_text(name)
    source = FileSource(asked, root)
    assert [file.name for file in source.fetch(source.version(), ask())] == names


def test_an_absolute_path_needs_no_root(root: Path, ask: Ask) -> None:
    source = FileSource(str(root / "data" / "a.csv"), Path("/nonexistent"))
    assert source.fetch(source.version(), ask())[0].path.read_text() == "a.csv"


def test_the_home_folder_is_known(root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root))
    source = FileSource("~/data/a.csv", Path("/nonexistent"))
    assert source.fetch(source.version(), ask())[0].name == "a.csv"


def test_the_version_is_of_names_and_contents_only(root: Path) -> None:
    source = FileSource("data", root)
    before = source.version()
    os.utime(root / "data" / "a.csv", (1_750_000_000, 1_750_000_000))
    assert source.version().id == before.id
    (root / "data" / "a.csv").rename(root / "data" / "z.csv")
    assert source.version().id != before.id


def test_it_was_published_when_its_newest_file_was_written(root: Path) -> None:
    for path in (root / "data").rglob("*.*"):
        os.utime(path, (1_750_000_000, 1_750_000_000))
    os.utime(root / "data" / "b.csv", (1_760_000_000, 1_760_000_000))
    version = FileSource("data", root).version()
    assert version.published == datetime.fromtimestamp(1_760_000_000, UTC)
    assert version.label.startswith("6 files, content ")


def test_a_file_that_changed_after_the_version_is_not_passed_off_as_it(
    root: Path, ask: Ask
) -> None:
    source = FileSource("data", root)
    version = source.version()
    (root / "data" / "notes.md").write_text("changed")
    with pytest.raises(Changed):
        source.fetch(version, ask("a.csv"))


def test_a_file_is_read_again_only_if_it_was_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FileSource("data/a.csv", root)
    before = source.version()
    with monkeypatch.context() as patched:
        patched.delattr(hashlib, "file_digest")
        assert source.version() == before
    (root / "data" / "a.csv").write_text("b.csv")
    assert source.version().id != before.id


def test_later_writes_do_not_reach_what_was_fetched(root: Path, ask: Ask) -> None:
    source = FileSource("data/a.csv", root)
    [file] = source.fetch(source.version(), ask())
    (root / "data" / "a.csv").write_text("later")
    assert file.path.read_text() == "a.csv"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("data/aa.csv", 'fits "aa.csv"; did you mean "a.csv"?'),
        ("data/*.parquet", 'no file of the folder .* fits "\\*.parquet"'),
        ("dada/a.csv", 'there is no folder ".*/dada" to look for "dada/a.csv" in'),
    ],
)
def test_nothing_there_says_what_is(root: Path, asked: str, message: str) -> None:
    with pytest.raises(Permanent, match=message.replace("?", "\\?")):
        FileSource(asked, root).version()


def test_an_empty_folder_has_no_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(Permanent, match="no file of the folder"):
        FileSource("data", tmp_path).version()


def test_a_file_that_cannot_be_read_is_named(root: Path) -> None:
    (root / "data" / "loop.csv").symlink_to("/proc/self/mem")
    with pytest.raises(Permanent, match=r"loop\.csv cannot be read: "):
        FileSource("data/loop.csv", root).version()


def test_a_file_that_goes_while_others_are_copied_is_named(root: Path, ask: Ask) -> None:
    source = FileSource("data/*.csv", root)
    version = source.version()

    def progress(*_: object) -> None:
        (root / "data" / "b.csv").unlink(missing_ok=True)

    with pytest.raises(Permanent, match=r"b\.csv cannot be copied: no such file or directory"):
        source.fetch(version, replace(ask("*.csv"), progress=progress))
