"""What only a folder has to fear: links, races, full names."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from factory.buckets.local import LocalBucket
from factory.errors import Conflict, Permanent
from tests.buckets.test_contract import quiet


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", ".hidden", "a\\b"])
def test_a_bucket_is_one_folder_of_the_root(tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent, match="cannot be the name of a bucket"):
        LocalBucket(tmp_path, name)


def test_an_object_is_a_plain_file_for_people(tmp_path: Path) -> None:
    stored = LocalBucket(tmp_path, "b").put("raw/v=1/a b.txt", b"x", quiet)

    assert (tmp_path / "b" / "raw" / "v=1" / "a b.txt").read_bytes() == b"x"
    assert stored.uri == f"file://{tmp_path}/b/raw/v=1/a%20b.txt"


def test_a_local_copy_is_the_object_itself(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path, "b")
    bucket.put("a", b"x", quiet)

    assert bucket.local_copy("a", tmp_path / "unused") == tmp_path / "b" / "a"
    assert not (tmp_path / "unused").exists()


def test_later_changes_of_the_origin_do_not_reach_the_object(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.write_bytes(b"landed")
    bucket = LocalBucket(tmp_path, "b")
    bucket.put("a", origin, quiet)

    origin.write_bytes(b"edited")

    assert bucket.read("a") == b"landed"


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path / "root", "b")
    bucket.put("a", b"", quiet)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (tmp_path / "root" / "b" / "link").symlink_to(tmp_path / "outside")

    with pytest.raises(Permanent, match="leads out of the bucket"):
        bucket.read("link/secret")
    with pytest.raises(Permanent, match="leads out of the bucket"):
        bucket.put("link/new", b"", quiet)
    assert [stored.name for stored in bucket.list("")] == ["a"]


def test_nothing_is_left_behind_by_a_put_that_fails(tmp_path: Path) -> None:
    def failing(*_: object) -> None:
        raise KeyboardInterrupt

    bucket = LocalBucket(tmp_path, "b")
    with pytest.raises(KeyboardInterrupt):
        bucket.put("raw/a", b"content", failing)

    assert list(bucket.list("")) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("links", [True, False])
def test_of_many_writers_one_wins_and_nobody_sees_a_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Also where the file system has no hard links."""
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    bucket = LocalBucket(tmp_path, "b")

    def put(number: int) -> bytes | None:
        content = bytes([number]) * 100_000
        try:
            bucket.put("raw/a", content, quiet)
        except Conflict:
            return None
        return content

    with ThreadPoolExecutor(8) as pool:
        won = [content for content in pool.map(put, range(16)) if content is not None]

    assert len(won) == 1
    assert bucket.read("raw/a") == won[0]
    assert [s.name for s in bucket.list("")] == ["raw/a"]


def test_a_file_that_is_taken_is_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    before = file.stat().st_ino

    LocalBucket(tmp_path / "root", "b").take("raw/a", file, quiet)

    assert (tmp_path / "root" / "b" / "raw" / "a").stat().st_ino == before
    assert (tmp_path / "root" / "b" / "raw" / "a").stat().st_nlink == 1


def test_a_file_of_another_disk_is_taken_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far(self: Path, _: Path) -> Path:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(self))

    monkeypatch.setattr(Path, "rename", far)
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    bucket = LocalBucket(tmp_path / "root", "b")

    assert bucket.take("raw/a", file, quiet).size == 4
    assert bucket.read("raw/a") == b"rows"
    assert not file.exists()


def _no_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_puts_and_deletes_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path, "b")

    def come_and_go(number: int) -> None:
        for _ in range(20):
            bucket.put(f"raw/x/{number}", b"1", quiet)
            bucket.delete(f"raw/x/{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come_and_go, range(4)))

    assert list(bucket.list("")) == []


def test_an_object_cannot_lie_under_another(tmp_path: Path) -> None:
    bucket = LocalBucket(tmp_path, "b")
    bucket.put("a", b"", quiet)

    with pytest.raises(Permanent, match=r"/b/a"):
        bucket.put("a/b", b"", quiet)
