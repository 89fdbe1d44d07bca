"""What the wire must show, and what it may do to us. Cloud Storage behind a proxy."""

import base64
import hashlib
import json
import threading
from pathlib import Path

import pytest
from google_crc32c import Checksum

from factory.buckets.gcs import GcsBucket
from factory.errors import Conflict, Permanent, Retryable
from tests.buckets.test_contract import quiet
from tests.standins.proxy import Wire, proxy
from tests.standins.tokens import PROJECT, TokenServer

SMALL, LARGE = 1000, (8 << 20) + 1  # bytes: one request, or parts


@pytest.fixture
def bucket(gcs_wire: Wire, gcs_bucket_name: str) -> GcsBucket:
    return GcsBucket(gcs_bucket_name, PROJECT, gcs_wire.url)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_upload_says_all_that_protects_it(bucket: GcsBucket, gcs_wire: Wire, size: int) -> None:
    content = b"y" * size

    bucket.put("raw/a.bin", content, quiet)

    [upload] = gcs_wire.sent("POST", "/upload/")
    assert upload.query["ifGenerationMatch"] == "0"
    assert upload.query["uploadType"] == ("multipart" if size == SMALL else "resumable")
    described = (
        upload.body.split(b"\r\n\r\n")[1].split(b"\r\n")[0] if size == SMALL else upload.body
    )
    said = json.loads(described)
    assert said["metadata"]["sha256"] == hashlib.sha256(content).hexdigest()
    crc32c = base64.b64encode(Checksum(content).digest()).decode()
    everything = b"".join(r.body + str(r.headers).encode() for r in gcs_wire.requests)
    assert crc32c.encode() in everything


def test_nothing_is_asked_on_the_side(
    bucket: GcsBucket, gcs_wire: Wire, gcs_bucket_name: str
) -> None:
    """Google's client would look at the bucket, in a thread of its own."""
    bucket.put("there", b"y", quiet)
    assert bucket.read("there") == b"y"

    for thread in threading.enumerate():
        if "_background" in thread.name:  # that of Google's client
            thread.join(10)
    assert gcs_wire.requests
    assert not [r for r in gcs_wire.requests if r.path.endswith(f"/b/{gcs_bucket_name}")]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_lost_answer_of_an_upload_is_adopted(
    bucket: GcsBucket, gcs_wire: Wire, size: int
) -> None:
    fault = gcs_wire.lose_answer("POST" if size == SMALL else "PUT", "/upload/")

    stored = bucket.put("a", b"z" * size, quiet)

    assert fault.broken == 1
    assert stored.size == size
    assert bucket.read("a") == b"z" * size


def test_a_lost_answer_to_other_content_is_a_conflict(bucket: GcsBucket, gcs_wire: Wire) -> None:
    """Somebody else was first between our look and our upload."""
    bucket.put("a", b"theirs", quiet)
    gcs_wire.refuse("GET", "/o/a", 404)

    with pytest.raises(Conflict, match="exists already with other content"):
        bucket.put("a", b"ours", quiet)

    assert bucket.read("a") == b"theirs"


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_for_a_moment(
    bucket: GcsBucket, gcs_wire: Wire, status: int
) -> None:
    fault = gcs_wire.refuse("POST", "/upload/", status)

    bucket.put("a", b"x", quiet)

    assert fault.broken == 1
    assert bucket.read("a") == b"x"


def test_a_refused_token_is_renewed(
    bucket: GcsBucket, gcs_wire: Wire, google_credentials: TokenServer
) -> None:
    bucket.put("a", b"x", quiet)
    issued = google_credentials.issued
    gcs_wire.refuse("GET", "/o/a", 401)

    assert bucket.read("a") == b"x"
    assert google_credentials.issued == issued + 1


def test_a_download_that_was_corrupted_on_the_way_is_not_taken_for_the_object(
    bucket: GcsBucket, gcs_wire: Wire, tmp_path: Path
) -> None:
    bucket.put("a", b"x" * 100, quiet)
    gcs_wire.corrupt("GET", "/o/a")

    with pytest.raises(Retryable, match="cannot read"):
        bucket.local_copy("a", tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert bucket.local_copy("a", tmp_path).read_bytes() == b"x" * 100


def test_rights_on_objects_are_enough(gcs_endpoint: str, gcs_bucket_name: str) -> None:
    """Nobody needs to let the factory look at the bucket's own settings."""
    with proxy(gcs_endpoint) as wire:
        wire.refuse("GET", f"/b/{gcs_bucket_name}", 403, times=100, whole=True)
        bucket = GcsBucket(gcs_bucket_name, PROJECT, wire.url)

        bucket.put("a", b"x", quiet)

        assert bucket.read("a") == b"x"
        assert bucket.read("b") is None
        assert len(list(bucket.list(""))) == 1


def test_a_missing_bucket_says_how_to_make_it(gcs_endpoint: str, tmp_path: Path) -> None:
    bucket = GcsBucket("nobody-made-it", PROJECT, gcs_endpoint)

    for call in (
        lambda: bucket.read("a"),
        lambda: bucket.put("a", b"", quiet),
        lambda: bucket.list(""),
        lambda: bucket.delete("a"),
        lambda: bucket.local_copy("a", tmp_path),
    ):
        with pytest.raises(Permanent, match="does not exist") as caught:
            call()
        assert "gcloud storage buckets create gs://nobody-made-it" in str(caught.value)


def test_a_bucket_in_the_code_costs_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)

    assert GcsBucket("b", None, None).uri("raw/a b") == "gs://b/raw/a b"
