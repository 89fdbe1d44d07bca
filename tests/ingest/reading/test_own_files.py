"""Files for libraries that read no streams: no second copy of what lies there unpacked."""

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factory.errors import Permanent
from factory.ingest.reading import ReadRequest, match_members, open_members, read_table
from tests.ingest.reading.bench import FOUND_OUT, fetched, table
from tests.ingest.reading.test_archives import zipped
from tests.ingest.reading.test_formats import parquet
from tests.ingest.reading.test_sqlite import sqlite, with_wal
from tests.ingest.reading.workbook import workbook

DATABASE, CHANGES = with_wal()
WHOLE = {
    "a.parquet": parquet(v=[1, 2]),
    "a.db": sqlite("CREATE TABLE t (v)", rows=[[1], [2]]),
    "a.xlsx": workbook([["v"], [1], [2]]),
}
KINDS: dict[str, dict[str, bytes]] = {
    **{name: {name: content} for name, content in WHOLE.items()},
    "changed": {"w.db": DATABASE, "w.db-wal": CHANGES},
    "packed": {"a.zip": zipped({"a.parquet": WHOLE["a.parquet"]})},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("links", [True, False])
def test_what_was_fetched_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _cannot)
    assert _rows_of(tmp_path, KINDS[kind]) == 2


def test_a_link_that_was_fetched_is_followed(tmp_path: Path) -> None:
    real = fetched(tmp_path, "a.parquet", WHOLE["a.parquet"])
    link = tmp_path / "link"
    link.symlink_to(real.path.name)
    request = ReadRequest(table(), FOUND_OUT, tmp_path / "deep" / "into", None, lambda *_: None)
    members = open_members([replace(real, path=link)], tmp_path)
    assert read_table(match_members(members, ()), request).rows == 2
    assert link.is_symlink()


@pytest.mark.parametrize("kind", WHOLE)
def test_what_lies_there_unpacked_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("shutil.copyfileobj", _cannot)
    assert _rows_of(tmp_path, KINDS[kind]) == 2


@pytest.mark.parametrize(
    ("kind", "writes"),
    [
        ("packed", "shutil.copyfileobj"),
        ("a.db", "pyarrow.parquet.ParquetWriter.write_table"),
        ("a.xlsx", "pyarrow.parquet.ParquetWriter.write_table"),
    ],
)
def test_a_full_disk_is_told_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, writes: str
) -> None:
    monkeypatch.setattr(writes, _is_full)
    with pytest.raises(Permanent, match=rf"no space left on device in {tmp_path}.*bytes free"):
        _rows_of(tmp_path, KINDS[kind])


def _rows_of(folder: Path, files: dict[str, bytes]) -> int:
    """How many were read; all files are as before, and nobody else has a name of them."""
    got = [fetched(folder, name, content) for name, content in files.items()]
    request = ReadRequest(table(), FOUND_OUT, folder / "into", None, lambda *_: None)
    result = read_table(match_members(open_members(got, folder), ()), request)
    assert [file.path.read_bytes() for file in got] == list(files.values())
    assert [file.path.stat().st_nlink for file in got] == [1] * len(got)
    return result.rows


def _cannot(*_: Any, **__: Any) -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def _is_full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
