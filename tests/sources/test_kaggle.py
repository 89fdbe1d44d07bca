"""Kaggle: versions, choosing files, signing in, and what goes over the wire."""

import io
import os
import traceback
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.errors import FactoryError, Permanent, Refused, Retryable
from factory.ports import FetchRequest, SourceVersion
from factory.sources.kaggle import KaggleSource
from tests.loopback.kaggle import LoopbackKaggle
from tests.loopback.wire import flip, reset, silent_port, stall, status, truncate
from tests.sources.conftest import ANYTHING, Clock, Reports

NAME = "meirnizri/covid19-dataset"
Ask = Callable[..., FetchRequest]


@pytest.fixture
def source(kaggle: LoopbackKaggle, clock: Clock, tmp_path: Path) -> Callable[..., KaggleSource]:
    """Sources of the loopback Kaggle, in a home without credentials."""

    def make(pinned: str | None = None, name: str = NAME, **env: str) -> KaggleSource:
        home = {"HOME": str(tmp_path / "home"), **env}
        return KaggleSource(name, pinned, kaggle.endpoint, home, transport=clock.transport())

    return make


def version(number: int) -> SourceVersion:
    return SourceVersion(str(number), f"version {number}")


# ---- versions --------------------------------------------------------------------------------


def test_the_newest_version_costs_one_call(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.publish(NAME, {"a.csv": b"2"})
    assert source().version() == SourceVersion(
        id="2",
        label="version 2",
        published=datetime(2026, 1, 3, 3, 4, 5, 678000, tzinfo=UTC),
        licence="CC0: Public Domain",
        page=f"https://www.kaggle.com/datasets/{NAME}/versions/2",
    )
    assert [entry.label for entry in kaggle.seen()] == ["api GetDataset"]


def test_a_pinned_version_is_found(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.publish(NAME, {"a.csv": b"2"})
    pinned = source("1").version()
    assert (pinned.id, pinned.published) == (
        "1",
        datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    )
    assert len(kaggle.seen()) == 1


def test_a_pinned_version_that_is_not_there(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.publish(NAME, {"a.csv": b"2"})
    with pytest.raises(Permanent, match="has no version 3") as caught:
        source("3").version()
    assert caught.value.hint == "it has versions 1 to 2; leave version out for the newest"


@pytest.mark.parametrize("reference", ["covid", "a/b/c", "/b", "a/", "", " / "])
def test_a_reference_is_owner_and_name(reference: str) -> None:
    with pytest.raises(Permanent, match="is not a Kaggle dataset"):
        KaggleSource(reference, None, None, {})


@pytest.mark.parametrize("pinned", ["latest", "1.5", "-1", ""])
def test_a_pinned_version_is_a_number(pinned: str) -> None:
    with pytest.raises(Permanent, match="not a whole number"):
        KaggleSource(NAME, pinned, None, {})


# ---- fetching --------------------------------------------------------------------------------


def test_the_version_asked_for_is_fetched_though_a_newer_one_came(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": b"old"})
    asked = source().version()
    kaggle.publish(NAME, {"a.csv": b"new", "b.csv": b"b"})
    [file] = source().fetch(asked, ask())
    assert file.path.read_bytes() == b"old"


def test_versions_in_one_folder_do_not_mix(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": b"old"})
    kaggle.publish(NAME, {"a.csv": b"new"})
    [new] = source().fetch(version(2), ask())
    [old] = source().fetch(version(1), ask())
    assert (old.path.read_bytes(), new.path.read_bytes()) == (b"old", b"new")


def test_owners_of_one_slug_do_not_mix(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish("ana/covid", {"a.csv": b"hers"})
    kaggle.publish("bob/covid", {"a.csv": b"his"})
    [hers] = source(name="ana/covid").fetch(version(1), ask())
    [his] = source(name="bob/covid").fetch(version(1), ask())
    assert (hers.path.read_bytes(), his.path.read_bytes()) == (b"hers", b"his")


def test_a_big_file_that_comes_zipped_is_called_what_it_is(clock: Clock, ask: Ask) -> None:
    content = b"id,age\n" + b"1,2\n" * 10_000
    with LoopbackKaggle(zip_above=1000) as kaggle:
        kaggle.publish(NAME, {"Covid Data.csv": content})
        source = KaggleSource(NAME, None, kaggle.endpoint, {"HOME": "/none"})
        [file] = source.fetch(source.version(), ask("Covid Data.csv"))
    assert file.name == "Covid Data.csv.zip"
    with zipfile.ZipFile(file.path) as archive:
        assert archive.read("Covid Data.csv") == content


def test_a_workbook_is_a_zip_by_nature(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"cases.xlsx": b"PK\x03\x04rest"})
    [file] = source().fetch(version(1), ask())
    assert file.name == "cases.xlsx"


def test_all_pages_of_the_listing_are_read(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {f"{n:02}.csv": bytes([n]) for n in range(45)})
    files = source().fetch(version(1), ask("?[05].csv"))
    assert [file.name for file in files] == [
        f"{n:02}.csv" for n in (0, 5, 10, 15, 20, 25, 30, 35, 40)
    ]
    assert len(kaggle.seen("api ListDatasetFiles")) == 3


def test_archives_come_when_a_pattern_may_mean_a_member(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packing:
        packing.writestr("deaths.csv", "a\n1\n")
    kaggle.publish(NAME, {"all.zip": archive.getvalue(), "cases.csv": b"a\n"})
    files = source().fetch(version(1), ask("deaths.csv"))
    assert [file.name for file in files] == ["all.zip"]
    files = source().fetch(version(1), ask("deaths.csv", "cases.csv"))
    assert [file.name for file in files] == ["all.zip", "cases.csv"]
    files = source().fetch(version(1), ask("cases.csv"))
    assert [file.name for file in files] == ["cases.csv"]


def test_a_dataset_without_data_says_what_it_has(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {f"{n}.png": b"x" for n in range(12)})
    with pytest.raises(Permanent, match=f"{NAME} version 1 has no data file") as caught:
        source().fetch(version(1), ask())
    assert caught.value.hint is not None
    assert caught.value.hint.endswith("and 2 more")


def test_a_name_cannot_leave_its_folder(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask, tmp_path: Path
) -> None:
    kaggle.publish(NAME, {"../../evil.csv": b"x", "/etc/cron.csv": b"y"})
    request = ask()
    files = source().fetch(version(1), request)
    assert [file.name for file in files] == ["evil.csv", "etc/cron.csv"]
    assert all(file.path.parent == request.into for file in files)


def test_progress_is_told_by_file(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask, reports: Reports
) -> None:
    kaggle.publish(NAME, {"a.csv": ANYTHING, "b.csv": b"b"})
    source().fetch(version(1), ask())
    assert reports.lines[-1] == ("fetch", "b.csv", 1, 1, "bytes")
    assert ("fetch", "a.csv", len(ANYTHING), len(ANYTHING), "bytes") in reports.lines


def test_the_limit_counts_all_files_and_is_known_before_any(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": b"x" * 600, "b.csv": b"x" * 600})
    with pytest.raises(Refused, match="1.2 KB"):
        source().fetch(version(1), ask(max_bytes=1000))
    assert kaggle.seen("store *") == []


# ---- the wire --------------------------------------------------------------------------------


def test_the_object_store_never_sees_a_credential(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.accept("Bearer token-of-ana")
    kaggle.publish(NAME, {"a.csv": ANYTHING}, private=True)
    kaggle.fault("store *", truncate(100_000))
    source(KAGGLE_API_TOKEN="token-of-ana").fetch(version(1), ask())
    assert all(e.headers["Authorization"] == "Bearer token-of-ana" for e in kaggle.seen("api *"))
    assert len(kaggle.seen("store *")) == 2
    assert all("Authorization" not in entry.headers for entry in kaggle.seen("store *"))


@pytest.mark.parametrize(
    "fault",
    [reset(200_000), truncate(200_000), flip(300_000), stall(1.0, 200_000), status(503)],
    ids=lambda fault: fault.kind,
)
def test_a_fault_of_the_object_store_is_survived(
    kaggle: LoopbackKaggle, ask: Ask, clock: Clock, fault: object
) -> None:
    kaggle.publish(NAME, {"a.csv": ANYTHING})
    kaggle.fault("store *", fault)  # type: ignore[arg-type]  # parametrize is untyped
    transport = clock.transport(read_timeout=0.3)
    source = KaggleSource(NAME, None, kaggle.endpoint, {"HOME": "/none"}, transport=transport)
    [file] = source.fetch(version(1), ask())
    assert file.path.read_bytes() == ANYTHING
    assert len(kaggle.seen("store *")) == 2
    assert len(kaggle.seen("api DownloadDataset")) == 1


@pytest.mark.parametrize("rpc", ["GetDataset", "ListDatasetFiles", "DownloadDataset"])
@pytest.mark.parametrize(
    "fault",
    [status(429, retry_after="2"), status(500), status(503), reset(), truncate()],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_a_fault_of_the_api_is_survived(
    kaggle: LoopbackKaggle,
    source: Callable[..., KaggleSource],
    ask: Ask,
    rpc: str,
    fault: object,
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    if rpc == "DownloadDataset" and fault == truncate():
        fault = reset()  # a redirect has no body that could be cut
    kaggle.fault(f"api {rpc}", fault, times=2)  # type: ignore[arg-type]  # parametrize is untyped
    [file] = source().fetch(source().version(), ask())
    assert file.path.read_bytes() == b"1"


def test_an_expired_address_is_asked_for_anew_and_the_part_is_kept(
    kaggle: LoopbackKaggle, ask: Ask, clock: Clock
) -> None:
    kaggle.publish(NAME, {"a.csv": ANYTHING})
    kaggle.fault("store *", truncate(262_144))
    transport = clock.transport(while_waiting=kaggle.expire_addresses)
    source = KaggleSource(NAME, None, kaggle.endpoint, {"HOME": "/none"}, transport=transport)
    [file] = source.fetch(version(1), ask())
    assert file.path.read_bytes() == ANYTHING
    assert [entry.status for entry in kaggle.seen("store *")] == [200, 403, 206]
    assert sum(entry.sent for entry in kaggle.seen("store a.csv")) == len(ANYTHING)


def test_a_store_that_keeps_refusing_is_final(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": ANYTHING})
    kaggle.fault("store *", status(403), times=99)
    with pytest.raises(Permanent, match=r"keeps refusing a\.csv of .* \(403\)"):
        source().fetch(version(1), ask())
    assert len(kaggle.seen("api DownloadDataset")) == 3


def test_an_answer_that_is_no_redirect_is_not_taken_for_the_file(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.fault("api DownloadDataset", status(200, b"{}"))
    with pytest.raises(Permanent, match="answered 200 in place of an address"):
        source().fetch(version(1), ask())


def test_nobody_there(clock: Clock) -> None:
    with silent_port() as endpoint:
        asked = f"{endpoint}/v?key=not-for-logs"
        source = KaggleSource(NAME, None, asked, {}, transport=clock.transport())
        with pytest.raises(Retryable, match=f"Kaggle at {endpoint}/v refuses connections"):
            source.version()
    assert clock.pauses == [1, 2, 4, 8]


def test_an_answer_that_is_not_json_is_retryable(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.fault("api *", status(200, b"<html>maintenance</html>"))
    with pytest.raises(Retryable, match="answer to GetDataset could not be understood"):
        source().version()


@pytest.mark.parametrize(
    "body",
    [b'{"code": 404, "message": "gone"}', b'{"error": {"code": 404, "message": "gone"}}'],
)
def test_an_error_inside_a_good_status_is_an_error(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], body: bytes
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.fault("api *", status(200, body, content_type="application/json"))
    with pytest.raises(Permanent, match=r"\(404: gone\)"):
        source().version()


# ---- signing in ------------------------------------------------------------------------------


def test_public_data_needs_no_account(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    assert source().fetch(source().version(), ask())
    assert all("Authorization" not in entry.headers for entry in kaggle.seen())


def test_a_stale_credential_is_named_and_public_data_is_said_to_need_none(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    with pytest.raises(Permanent, match="credential from KAGGLE_API_TOKEN") as caught:
        source(KAGGLE_API_TOKEN="stale-token").version()
    assert "a public dataset needs no credential at all" in str(caught.value)
    assert len(kaggle.seen()) == 1


def test_a_stale_file_is_named(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], tmp_path: Path
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    file = tmp_path / "home" / ".kaggle" / "kaggle.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"username": "ana", "key": "0123456789abcdef"}')
    with pytest.raises(Permanent) as caught:
        source().version()
    assert str(file) in str(caught.value)
    assert "0123456789abcdef" not in str(caught.value)


def test_no_dataset_of_that_name(source: Callable[..., KaggleSource]) -> None:
    with pytest.raises(Permanent, match=f"no dataset {NAME} for us, not signed in") as caught:
        source().version()
    assert f"https://www.kaggle.com/datasets/{NAME}" in str(caught.value)


def test_a_private_dataset_without_a_credential(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"}, private=True)
    with pytest.raises(Permanent, match=r"\(403: .* denied\)") as caught:
        source().version()
    assert "if it is private, set KAGGLE_API_TOKEN" in str(caught.value)


def test_secrets_stay_out_of_errors_and_their_causes(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource], ask: Ask
) -> None:
    token = "a-token-nobody-may-see"
    kaggle.accept(f"Bearer {token}")
    kaggle.publish(NAME, {"a.csv": os.urandom(1000)})
    kaggle.fault("store *", reset(), times=99)
    with pytest.raises(FactoryError) as caught:
        source(KAGGLE_API_TOKEN=token).fetch(version(1), ask())
    printed = "".join(traceback.format_exception(caught.value))
    signature = kaggle.seen("store *")[0].path.split("X-Goog-Signature=")[1]
    assert token not in printed
    assert signature not in printed
    assert "ConnectionError" in printed or "ProtocolError" in printed


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b'{"code": 503, "message": "Later."}', Retryable, "Kaggle answered 503: Later"),
        (b'{"code": 401, "message": "Who?"}', Permanent, "only to those who sign in"),
        (b'{"code": 400, "message": "Bad."}', Permanent, r"refused the request for .*: 400: Bad"),
        (b"[]", Permanent, "has no published version"),
        (b'{"error": "text"}', Permanent, "has no published version"),
        (b"{", Retryable, "could not be understood"),
    ],
)
def test_every_answer_of_the_api_has_a_meaning(
    kaggle: LoopbackKaggle,
    source: Callable[..., KaggleSource],
    body: bytes,
    error: type[FactoryError],
    words: str,
) -> None:
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.fault("api *", status(200, body, content_type="application/json"))
    with pytest.raises(error, match=words):
        source().version()


def test_a_private_dataset_of_others(
    kaggle: LoopbackKaggle, source: Callable[..., KaggleSource]
) -> None:
    kaggle.accept("Bearer token-of-ana")
    kaggle.publish(NAME, {"a.csv": b"1"})
    kaggle.fault("api *", status(403))
    with pytest.raises(Permanent, match="signed in by KAGGLE_API_TOKEN") as caught:
        source(KAGGLE_API_TOKEN="token-of-ana").version()
    assert "if it is private, ask its owner for access" in str(caught.value)
