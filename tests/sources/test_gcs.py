"""Cloud Storage as a source, with Google's client against its stand-in."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from factory.errors import Changed, Permanent, Retryable
from factory.ports import FetchRequest
from factory.sources.gcs import GcsSource
from factory.sources.transport import RetryPolicy
from tests.sources.conftest import ANYTHING
from tests.standins.proxy import Wire
from tests.standins.tokens import TokenServer

Ask = Callable[..., FetchRequest]
Put = Callable[[str, bytes], None]
MEDIA = "/download/storage/v1/b/"


@pytest.fixture
def put(gcs_endpoint: str, gcs_bucket_name: str) -> Put:
    """Writes an object."""

    def write(name: str, content: bytes) -> None:
        url = f"{gcs_endpoint}/upload/storage/v1/b/{gcs_bucket_name}/o"
        params = {"uploadType": "media", "name": name}
        requests.post(url, params=params, data=content, timeout=10).raise_for_status()

    return write


@pytest.fixture
def source(gcs_wire: Wire, gcs_bucket_name: str) -> Callable[[str], GcsSource]:
    """Sources in the bucket, whose requests are written down."""
    policy = RetryPolicy(sleep=lambda seconds: None)
    return lambda path: GcsSource(f"{gcs_bucket_name}/{path}", None, gcs_wire.url, policy=policy)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("in/a.csv", ["a.csv"]),
        ("in", ["a.csv", "deep/b b.csv"]),
        ("in/", ["a.csv", "deep/b b.csv"]),
        ("in/*.csv", ["a.csv", "deep/b b.csv"]),
        ("in/*/*.csv", ["deep/b b.csv"]),
        ("in/.d.csv", [".d.csv"]),
        ("in/.*", [".d.csv"]),
        ("", ["in/a.csv", "in/deep/b b.csv", "inside.csv"]),
    ],
)
def test_an_object_a_folder_or_a_glob(
    put: Put, source: Callable[[str], GcsSource], ask: Ask, asked: str, names: list[str]
) -> None:
    for name in ("in/a.csv", "in/deep/b b.csv", "inside.csv", "in/folder/", "in/.d.csv"):
        put(name, name.encode())
    subject = source(asked)
    files = subject.fetch(subject.version(), ask())
    assert [file.name for file in files] == names


def test_a_version_costs_one_call_beside_signing_in(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, google_credentials: TokenServer
) -> None:
    put("a.csv", b"1")
    version = source("a.csv").version()
    assert version.id.isdecimal()
    assert version.published is not None
    listing = [request for request in gcs_wire.requests if request.path.endswith("/o")]
    assert len(listing) == 1  # Google's client asks for the bucket, too, on a thread, for traces
    assert gcs_wire.sent("GET", MEDIA) == []
    assert listing[0].headers["authorization"].startswith("Bearer token-")


def test_the_generation_is_part_of_the_request(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, ask: Ask
) -> None:
    put("a.csv", b"1")
    version = source("a.csv").version()
    source("a.csv").fetch(version, ask())
    [media] = gcs_wire.sent("GET", MEDIA)
    assert media.query == {"alt": "media", "generation": version.id}


def test_an_object_replaced_after_the_version_is_not_passed_off_as_it(
    put: Put, source: Callable[[str], GcsSource], ask: Ask
) -> None:
    put("a.csv", b"old")
    version = source("a.csv").version()
    put("a.csv", b"new")
    with pytest.raises(Changed):
        source("a.csv").fetch(version, ask())


def test_an_object_removed_while_it_is_fetched_is_retryable(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, ask: Ask
) -> None:
    put("a.csv", b"1")
    version = source("a.csv").version()
    gcs_wire.refuse("GET", MEDIA, 404, times=9)
    with pytest.raises(Changed, match=r"a\.csv was replaced or removed"):
        source("a.csv").fetch(version, ask())


def test_faults_of_the_service_are_survived(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, ask: Ask
) -> None:
    put("a.csv", ANYTHING)
    version = source("a.csv").version()
    gcs_wire.refuse("GET", MEDIA, 503)
    gcs_wire.corrupt("GET", MEDIA)
    gcs_wire.lose_answer("GET", MEDIA)
    [file] = source("a.csv").fetch(version, ask())
    assert file.sha256 == hashlib.sha256(ANYTHING).hexdigest()
    assert len(gcs_wire.sent("GET", MEDIA)) == 4


def test_a_refusal_says_which_right_is_missing(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, ask: Ask
) -> None:
    put("a.csv", b"1")
    version = source("a.csv").version()
    gcs_wire.refuse("GET", MEDIA, 403, times=9)
    with pytest.raises(Permanent, match=r"a\.csv of .* \(403\)") as caught:
        source("a.csv").fetch(version, ask())
    assert "storage.objects.get" in str(caught.value)


def test_a_service_that_stays_down_is_retryable(
    put: Put, source: Callable[[str], GcsSource], gcs_wire: Wire, ask: Ask
) -> None:
    put("a.csv", b"1")
    version = source("a.csv").version()
    gcs_wire.refuse("GET", MEDIA, 503, times=9)
    with pytest.raises(Retryable, match="Cloud Storage answered 503"):
        source("a.csv").fetch(version, ask())


def test_no_bucket_of_that_name(gcs_endpoint: str) -> None:
    with pytest.raises(Permanent, match="cannot list gs://nobody-has-this/a.csv"):
        GcsSource("nobody-has-this/a.csv", None, gcs_endpoint).version()


def test_nothing_there_says_what_is(put: Put, source: Callable[[str], GcsSource]) -> None:
    put("in/cases.csv", b"1")
    with pytest.raises(Permanent, match=r'fits "in/case\.csv"; did you mean "in/cases\.csv"\?'):
        source("in/case.csv").version()


def test_credentials_that_were_meant_and_cannot_be_had_are_missed(
    source: Callable[[str], GcsSource], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoiled = tmp_path / "key.json"
    spoiled.write_text("{")
    for path in (spoiled, tmp_path / "missing.json"):
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        with pytest.raises(Permanent, match="cannot sign in to Cloud Storage"):
            source("a.csv").version()


def test_a_public_bucket_needs_no_credentials(
    put: Put,
    source: Callable[[str], GcsSource],
    gcs_wire: Wire,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    put("a.csv", b"1")
    subject = source("a.csv")
    assert subject.fetch(subject.version(), ask())
    assert all("authorization" not in request.headers for request in gcs_wire.requests)
