"""Files that are sent to Cloud Storage while they are being written."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from factory.buckets.gcs import GcsBucket
from tests.buckets.test_contract import quiet
from tests.standins.proxy import Wire
from tests.standins.tokens import PROJECT

PART = 256 << 10  # bytes, the least that the service takes
WHOLE = bytes(range(256)) * (PART // 256) * 3 + b"the end"


@pytest.fixture
def bucket(gcs_wire: Wire, gcs_bucket_name: str, monkeypatch: pytest.MonkeyPatch) -> GcsBucket:
    monkeypatch.setattr("factory.buckets.gcs._PART", PART)
    return GcsBucket(gcs_bucket_name, PROJECT, gcs_wire.url)


@pytest.fixture
def growing(tmp_path: Path, gcs_wire: Wire) -> Callable[[bytes], Path]:
    """Writes to the file, and waits until two parts of it were sent or tried."""
    path = tmp_path / "rows.parquet"

    def write(content: bytes) -> Path:
        path.write_bytes(content[: PART * 2 + 1])
        deadline = time.monotonic() + 30
        while len(gcs_wire.sent("PUT", "/upload/")) < 2 and not _refused(gcs_wire):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with path.open("ab") as file:
            file.write(content[PART * 2 + 1 :])
        return path

    return write


def _refused(wire: Wire) -> bool:
    return any(fault.broken for fault in wire.faults)


def names(bucket: GcsBucket) -> list[str]:
    return [stored.name for stored in bucket.list("")]


def test_parts_are_on_their_way_before_the_file_is_whole(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path, growing: Callable[[bytes], Path]
) -> None:
    with bucket.expecting(tmp_path / "rows.parquet", "raw"):
        stored = bucket.put("raw/a", growing(WHOLE), quiet)

    assert stored.size == len(WHOLE)
    assert bucket.read("raw/a") == WHOLE
    assert names(bucket) == ["raw/a"]
    [begun] = gcs_wire.sent("POST", "/upload/")
    assert begun.query["ifGenerationMatch"] == "0"
    sizes = [len(part.body) for part in gcs_wire.sent("PUT", "/upload/")]
    assert sizes == [PART, PART, PART, len(b"the end")]
    [copied] = gcs_wire.sent("POST", "/rewriteTo/")
    assert copied.query["ifGenerationMatch"] == "0"
    said = json.loads(copied.body)
    assert said["metadata"]["sha256"] == hashlib.sha256(WHOLE).hexdigest()


def test_a_file_of_one_part_is_sent_at_once(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    with bucket.expecting(path, "raw"):
        path.write_bytes(WHOLE[:PART])
        time.sleep(0.3)
        bucket.put("raw/a", path, quiet)

    [upload] = gcs_wire.sent("POST", "/upload/")
    assert upload.query["uploadType"] == "multipart"
    assert gcs_wire.sent("POST", "/rewriteTo/") == []


def test_a_file_that_is_begun_anew_is_sent_as_a_whole(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path, growing: Callable[[bytes], Path]
) -> None:
    """In place, by another file, and with other bytes at the same length."""
    other = WHOLE[::-1]
    for number, again in enumerate([_truncated, _replaced, _overwritten]):
        gcs_wire.requests.clear()
        with bucket.expecting(tmp_path / "rows.parquet", "raw"):
            again(growing(WHOLE), other)
            bucket.put(f"raw/{number}", tmp_path / "rows.parquet", quiet)

        assert bucket.read(f"raw/{number}") == other
    assert names(bucket) == ["raw/0", "raw/1", "raw/2"]


def _truncated(path: Path, content: bytes) -> None:
    path.write_bytes(b"")
    time.sleep(0.3)
    path.write_bytes(content)


def _replaced(path: Path, content: bytes) -> None:
    draft = path.with_name("draft")
    draft.write_bytes(content)
    draft.replace(path)


def _overwritten(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, content)
    os.close(descriptor)


@pytest.mark.parametrize(("method", "part"), [("POST", "/upload/"), ("PUT", "/upload/")])
def test_a_part_that_is_refused_costs_nothing_but_time(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path, growing: Callable[[bytes], Path],
    method: str, part: str,
) -> None:  # fmt: skip
    fault = gcs_wire.refuse(method, part, 404)

    with bucket.expecting(tmp_path / "rows.parquet", "raw"):
        bucket.put("raw/a", growing(WHOLE), quiet)

    assert fault.broken == 1
    assert bucket.read("raw/a") == WHOLE
    assert names(bucket) == ["raw/a"]


@pytest.mark.parametrize("lost", [True, False])
def test_a_copy_whose_answer_is_lost_or_refused(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path, growing: Callable[[bytes], Path],
    lost: bool,
) -> None:  # fmt: skip
    fault = (
        gcs_wire.lose_answer("POST", "/rewriteTo/")
        if lost
        else gcs_wire.refuse("POST", "/rewriteTo/", 404)
    )

    with bucket.expecting(tmp_path / "rows.parquet", "raw"):
        bucket.put("raw/a", growing(WHOLE), quiet)

    assert fault.broken == 1
    assert bucket.read("raw/a") == WHOLE
    assert names(bucket) == ["raw/a"]


def test_what_is_not_put_leaves_nothing_behind(
    bucket: GcsBucket, tmp_path: Path, growing: Callable[[bytes], Path]
) -> None:
    with suppress(ValueError), bucket.expecting(tmp_path / "rows.parquet", "raw"):
        growing(WHOLE)
        raise ValueError("a row cannot be read")

    assert names(bucket) == []


def test_an_object_that_is_there_already_is_adopted(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path, growing: Callable[[bytes], Path]
) -> None:
    bucket.put("raw/a", WHOLE, quiet)
    gcs_wire.requests.clear()

    with bucket.expecting(tmp_path / "rows.parquet", "raw"):
        bucket.put("raw/a", growing(WHOLE), quiet)

    assert gcs_wire.sent("POST", "/rewriteTo/") == []
    assert names(bucket) == ["raw/a"]
