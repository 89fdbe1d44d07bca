"""The local target writes in its own folder and nowhere else, whatever names it is given."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.buckets.local import LocalBucket
from factory.errors import FactoryError
from tests.buckets.test_contract import quiet

PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "a", "b", "link", "file", "~", "%2e%2e", "..\\..", "\0", "C:"]),
    st.text(max_size=6),
)
NAMES = st.tuples(
    st.sampled_from(["", "/", "//", "../", "link/"]), st.lists(PARTS, max_size=5)
).map(lambda parts: parts[0] + "/".join(parts[1]))


def outside(folder: Path) -> dict[str, bytes]:
    """Everything in the folder that is not the bucket's."""
    root = folder / "root"
    files = [path for path in folder.rglob("*") if root not in path.parents and path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def prepare(folder: Path) -> None:
    (folder / "secret").write_bytes(b"secret")
    inside = folder / "root" / "bucket"
    inside.mkdir(parents=True)
    (inside / "link").symlink_to(folder, target_is_directory=True)
    (inside / "file").symlink_to(folder / "secret")


@settings(max_examples=150)
@given(NAMES, st.one_of(st.just("bucket"), PARTS, NAMES))
def test_no_name_leads_out(name: str, bucket_name: str) -> None:
    with TemporaryDirectory() as text:
        folder = Path(text)
        prepare(folder)
        before = outside(folder)
        with suppress(FactoryError):
            bucket = LocalBucket(folder / "root", bucket_name)
            for act in (
                lambda: bucket.put(name, b"mine", quiet),
                lambda: bucket.delete(name),
                lambda: list(bucket.list(name)),
            ):
                with suppress(FactoryError):
                    act()
            with suppress(FactoryError):
                assert bucket.read(name) != b"secret"
            with suppress(FactoryError):
                copy = bucket.local_copy(name, folder)
                assert (folder / "root").resolve() in copy.resolve().parents
        assert outside(folder) == before


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../secret", "link/secret", "file", "a/../../secret"]
)
def test_the_ways_out_that_people_try(tmp_path: Path, name: str) -> None:
    prepare(tmp_path)
    bucket = LocalBucket(tmp_path / "root", "bucket")
    for act in (
        bucket.read,
        lambda n: bucket.put(n, b"", quiet),
        lambda n: bucket.local_copy(n, tmp_path),
    ):
        with pytest.raises(FactoryError):
            act(name)
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_bucket_that_is_itself_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a").write_bytes(b"theirs")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "bucket").symlink_to(tmp_path / "elsewhere")
    bucket = LocalBucket(tmp_path / "root", "bucket")
    for act in (lambda: bucket.put("b", b"", quiet), lambda: bucket.read("a"),
                lambda: list(bucket.list("")), lambda: bucket.delete("a")):  # fmt: skip
        with pytest.raises(FactoryError, match="leads out of the bucket's folder"):
            act()
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["a"]


def test_the_root_may_be_a_link_to_a_larger_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "disk")
    bucket = LocalBucket(tmp_path / "root", "bucket")
    bucket.put("a", b"x", quiet)
    assert (bucket.read("a"), [one.name for one in bucket.list("")]) == (b"x", ["a"])
