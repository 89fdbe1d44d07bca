"""What every bucket does. The same tests on a folder and on Cloud Storage."""

from pathlib import Path

import pytest

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.errors import Conflict, Permanent
from factory.ports import Bucket, Phase
from tests.standins.tokens import PROJECT


@pytest.fixture(params=["local", "gcs"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
    if request.param == "local":
        return LocalBucket(tmp_path / "buckets", "landing")
    endpoint = request.getfixturevalue("gcs_endpoint")
    return GcsBucket(request.getfixturevalue("gcs_bucket_name"), PROJECT, endpoint)


def quiet(phase: Phase, item: str, done: int, total: int | None, unit: str) -> None:
    pass


class Heard(list[tuple[str, str, int, int | None, str]]):
    """A progress that remembers."""

    def __call__(self, phase: Phase, item: str, done: int, total: int | None, unit: str) -> None:
        self.append((phase, item, done, total, unit))


def test_an_object_is_what_was_put(bucket: Bucket, tmp_path: Path) -> None:
    stored = bucket.put("raw/covid/v=1/a.json", b'{"a": 1}', quiet)

    assert (stored.name, stored.size) == ("raw/covid/v=1/a.json", 8)
    assert stored.uri == bucket.uri("raw/covid/v=1/a.json")
    assert bucket.read("raw/covid/v=1/a.json") == b'{"a": 1}'
    assert bucket.local_copy(stored.name, tmp_path / "copies").read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize("size", [0, 1, 3 << 20, (8 << 20) + 1, 9 << 20])
def test_a_file_of_any_size_arrives_whole(bucket: Bucket, tmp_path: Path, size: int) -> None:
    """Cloud Storage takes up to 8 MB in one request, and more in parts."""
    origin = tmp_path / "origin"
    origin.write_bytes(bytes(range(251)) * (size // 251) + b"x" * (size % 251))

    stored = bucket.put("big.bin", origin, quiet)

    assert stored.size == size
    copy = bucket.local_copy("big.bin", tmp_path / "copies")
    assert copy.read_bytes() == origin.read_bytes()


def test_progress_tells_bytes_up_to_the_whole(bucket: Bucket, tmp_path: Path) -> None:
    heard = Heard()
    origin = tmp_path / "origin"
    origin.write_bytes(b"x" * (5 << 20))

    bucket.put("raw/a.bin", origin, heard)

    assert heard[-1] == ("land", "raw/a.bin", 5 << 20, 5 << 20, "bytes")
    assert [done for _, _, done, _, _ in heard] == sorted(done for _, _, done, _, _ in heard)


def test_equal_content_is_adopted(bucket: Bucket, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.write_bytes(b"same")

    first = bucket.put("a", b"same", quiet)

    assert bucket.put("a", b"same", quiet) == first
    assert bucket.put("a", origin, quiet) == first


def test_a_file_that_is_taken_is_an_object_and_no_file_any_more(
    bucket: Bucket, tmp_path: Path
) -> None:
    heard = Heard()
    for _ in range(2):  # equal content is adopted
        file = tmp_path / "rows"
        file.write_bytes(b"same")

        stored = bucket.take("raw/a", file, heard)

        assert (stored.name, stored.size, stored.uri) == ("raw/a", 4, bucket.uri("raw/a"))
        assert not file.exists()
    assert bucket.read("raw/a") == b"same"
    assert [each.name for each in bucket.list("")] == ["raw/a"]
    assert ("land", "raw/a", 4, 4, "bytes") in heard


def test_a_file_is_not_taken_for_an_object_of_other_content(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("a", b"same", quiet)
    file = tmp_path / "rows"
    file.write_bytes(b"othr")

    with pytest.raises(Conflict, match="exists already with other content"):
        bucket.take("a", file, quiet)
    assert bucket.read("a") == b"same"


@pytest.mark.parametrize("other", [b"othr", b"", b"longer than it was"])
def test_other_content_is_a_conflict_and_changes_nothing(bucket: Bucket, other: bytes) -> None:
    bucket.put("a", b"same", quiet)

    with pytest.raises(Conflict, match="exists already with other content"):
        bucket.put("a", other, quiet)

    assert bucket.read("a") == b"same"


def test_objects_are_listed_by_name(bucket: Bucket) -> None:
    for name in ("raw/b", "raw/a/2", "raw/a/10", "raw-2/x", "other", "raw/a.b"):
        bucket.put(name, name.encode(), quiet)

    listed = list(bucket.list("raw/"))

    assert [stored.name for stored in listed] == ["raw/a.b", "raw/a/10", "raw/a/2", "raw/b"]
    assert [stored.size for stored in listed] == [7, 8, 7, 5]
    assert [stored.uri for stored in listed] == [bucket.uri(s.name) for s in listed]


def test_a_prefix_need_not_end_at_a_slash(bucket: Bucket) -> None:
    for name in ("raw/v=1/a", "raw/v=10/a", "raw/w"):
        bucket.put(name, b"", quiet)

    assert [stored.name for stored in bucket.list("raw/v=1")] == ["raw/v=1/a", "raw/v=10/a"]
    assert len(list(bucket.list(""))) == 3
    assert list(bucket.list("nothing/like/it")) == []


def test_what_is_not_there(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("there", b"", quiet)

    assert bucket.read("gone") is None
    bucket.delete("gone")
    with pytest.raises(Permanent, match="there is no object"):
        bucket.local_copy("gone", tmp_path)


def test_a_deleted_object_is_gone_and_may_come_again(bucket: Bucket) -> None:
    bucket.put("raw/a/b", b"1", quiet)
    bucket.put("raw/c", b"3", quiet)

    bucket.delete("raw/a/b")

    assert bucket.read("raw/a/b") is None
    assert [stored.name for stored in bucket.list("")] == ["raw/c"]
    bucket.put("raw/a/b", b"2", quiet)
    assert bucket.read("raw/a/b") == b"2"


@pytest.mark.parametrize("name", ["Covid Data.csv", "ünï/cödé 数.csv", "a=b&c?d#e%20", "v=1/+~@:,"])
def test_names_may_hold_what_datasets_hold(bucket: Bucket, name: str) -> None:
    bucket.put(name, name.encode(), quiet)

    assert bucket.read(name) == name.encode()
    assert [stored.name for stored in bucket.list("")] == [name]


@pytest.mark.parametrize(
    "name",
    ["", "/etc/x", "../x", "a/../../x", "a//b", "a/", ".", "a/./b", "a\\..\\b", "a\nb", "x" * 1025],
)
def test_names_that_lead_elsewhere_are_refused(bucket: Bucket, tmp_path: Path, name: str) -> None:
    with pytest.raises(Permanent, match="cannot be the name of an object"):
        bucket.put(name, b"", quiet)
    with pytest.raises(Permanent):
        bucket.read(name)
    with pytest.raises(Permanent):
        bucket.delete(name)
    with pytest.raises(Permanent):
        bucket.local_copy(name, tmp_path)


def test_tidying_takes_no_object(bucket: Bucket) -> None:
    bucket.tidy()
    bucket.put("raw/a", b"a", quiet)
    bucket.tidy()
    assert bucket.read("raw/a") == b"a"
