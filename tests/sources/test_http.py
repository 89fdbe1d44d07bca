"""Files on the web: what makes a version, what a file is called, what may be seen."""

import base64
import hashlib
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from factory.errors import Changed, FactoryError, Permanent, Refused, Retryable
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.http import HttpSource
from factory.spec.variables import resolve
from tests.loopback.http import LoopbackWeb
from tests.loopback.wire import reset, status, truncate
from tests.sources.conftest import ANYTHING, Clock

MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PASSWORD = "open-sesame"
Ask = Callable[..., FetchRequest]
Make = Callable[..., HttpSource]


@pytest.fixture
def source(web: LoopbackWeb, clock: Clock) -> Make:
    """Sources at a path of the loopback web; keywords are environment variables."""

    def make(path: str = "/data.csv", *, max_bytes: int | None = None, **env: str) -> HttpSource:
        url = path if "://" in path else f"{web.url}{path}"
        resolver = partial(resolve, env=env)
        return HttpSource(url, resolver, max_bytes=max_bytes, transport=clock.transport())

    return make


def fetch(source: HttpSource, request: FetchRequest) -> FetchedFile:
    [file] = source.fetch(source.version(), request)
    return file


# ---- versions --------------------------------------------------------------------------------


def test_etag_and_last_modified_make_a_version_in_one_cheap_call(
    web: LoopbackWeb, source: Make
) -> None:
    web.put("/data.csv", ANYTHING, etag='"abc"', modified=MODIFIED)
    version = source().version()
    assert version.id == "20260102T030405Z-" + hashlib.sha256(b'"abc"').hexdigest()[:12]
    assert version.label == "of 2026-01-02 03:04:05 UTC"
    assert version.published == MODIFIED
    assert version.page == f"{web.url}/data.csv"
    assert [(entry.label, entry.sent) for entry in web.seen()] == [("HEAD /data.csv", 0)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"etag": '"1"'}, {"etag": '"2"'}),
        ({"etag": 'W/"1"'}, {"etag": 'W/"2"'}),
        ({"etag": '"1"', "modified": MODIFIED}, {"etag": '"2"', "modified": MODIFIED}),
        (
            {"etag": None, "modified": MODIFIED},
            {"etag": None, "modified": MODIFIED + timedelta(seconds=1)},
        ),
    ],
)
def test_another_validator_is_another_version(
    web: LoopbackWeb, source: Make, first: dict[str, object], second: dict[str, object]
) -> None:
    web.put("/data.csv", b"1", **first)  # type: ignore[arg-type]  # one of several keywords
    before = source().version().id
    assert source().version().id == before
    web.put("/data.csv", b"1", **second)  # type: ignore[arg-type]  # one of several keywords
    assert source().version().id != before


def test_another_length_is_another_version(web: LoopbackWeb, source: Make) -> None:
    web.put("/data.csv", b"1", etag=None, modified=MODIFIED)
    before = source().version().id
    web.put("/data.csv", b"22", etag=None, modified=MODIFIED)
    assert source().version().id != before


def test_a_page_made_for_each_request_is_known_by_its_bytes(web: LoopbackWeb, source: Make) -> None:
    now = datetime.now(UTC)
    web.put("/data.csv", b"1", etag=None, modified=now + timedelta(seconds=5))
    version = source().version()
    assert version.id == f"sha256-{hashlib.sha256(b'1').hexdigest()[:16]}"
    assert version.published is None


@pytest.mark.parametrize("head", [405, 501, 403, 404])
def test_where_head_is_not_answered_the_first_byte_is(
    web: LoopbackWeb, source: Make, head: int
) -> None:
    web.put("/data.csv", ANYTHING, modified=MODIFIED)
    with_head = source().version()
    web.put("/data.csv", ANYTHING, modified=MODIFIED, head=head)
    assert source().version() == with_head
    assert web.seen()[-1].headers["Range"] == "bytes=0-0"
    assert web.seen()[-1].status == 206


def test_an_empty_file_without_head_has_a_version(web: LoopbackWeb, source: Make) -> None:
    web.put("/data.csv", b"", etag=None, head=405)
    assert source().version().id.startswith("sha256-")


def test_without_validators_the_file_is_sent_once(web: LoopbackWeb, source: Make, ask: Ask) -> None:
    web.put("/data.csv", ANYTHING, etag=None)
    file = fetch(source(), ask())
    assert file.path.read_bytes() == ANYTHING
    assert len(web.seen("GET *")) == 1


def test_a_version_known_by_its_bytes_can_be_fetched_by_another_process(
    web: LoopbackWeb, source: Make, ask: Ask
) -> None:
    web.put("/data.csv", ANYTHING, etag=None)
    version = source().version()
    [file] = source().fetch(version, ask())
    assert file.path.read_bytes() == ANYTHING


def test_a_limit_holds_while_the_version_is_found_out(web: LoopbackWeb, source: Make) -> None:
    web.put("/data.csv", ANYTHING, etag=None)
    with pytest.raises(Refused, match=r"400\.0 KB"):
        source(max_bytes=1000).version()


@pytest.mark.parametrize("etag", ["md5", None])
def test_a_file_that_changed_after_the_version_is_not_passed_off_as_it(
    web: LoopbackWeb, source: Make, ask: Ask, etag: str | None
) -> None:
    web.put("/data.csv", b"old", etag=etag)
    version = source().version()
    web.put("/data.csv", b"new", etag=etag)
    with pytest.raises(Changed, match="changed while it was fetched"):
        source().fetch(version, ask())
    assert len(web.seen("GET *")) == (1 if etag else 2)


def test_a_file_that_changes_within_a_download_is_noticed(
    web: LoopbackWeb, ask: Ask, clock: Clock
) -> None:
    web.put("/data.csv", ANYTHING)
    web.fault("GET *", truncate(200_000))
    transport = clock.transport(while_waiting=lambda: web.put("/data.csv", ANYTHING[::-1]))
    source = HttpSource(f"{web.url}/data.csv", str, transport=transport)
    with pytest.raises(Changed):
        source.fetch(source.version(), ask())


def test_a_server_that_says_less_to_get_than_to_head_is_believed(
    web: LoopbackWeb, source: Make, ask: Ask
) -> None:
    web.put("/data.csv", ANYTHING, modified=MODIFIED)
    version = source().version()
    web.put("/data.csv", ANYTHING, etag=None, modified=MODIFIED)
    with pytest.raises(Changed):  # another ETag might have been there: it is not the same word
        source().fetch(version, ask())
    web.put("/data.csv", ANYTHING, etag=None)
    assert source().fetch(version, ask())


# ---- names and kinds -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "name"),
    [
        ("/data.csv", {}, "data.csv"),
        ("/my%20data.csv?x=1", {}, "my data.csv"),
        ("/export", {"Content-Type": "text/csv; charset=utf-8"}, "export.csv"),
        ("/export", {"Content-Type": "application/json"}, "export.json"),
        ("/export", {"Content-Disposition": 'attachment; filename="cases.csv"'}, "cases.csv"),
        (
            "/export",
            {"Content-Disposition": "attachment; filename*=UTF-8''F%C3%A4lle.csv"},
            "Fälle.csv",
        ),
        (
            "/x",
            {"Content-Disposition": 'attachment; filename="../../etc/passwd.csv"'},
            "passwd.csv",
        ),
        ("/", {"Content-Type": "text/csv"}, "download.csv"),
    ],
)
def test_a_file_is_called_what_the_server_calls_it(
    web: LoopbackWeb, source: Make, ask: Ask, path: str, headers: dict[str, str], name: str
) -> None:
    web.put(path.partition("?")[0].replace("%20", " "), b"a,b\n", headers=headers)
    assert fetch(source(path), ask()).name == name


def test_bytes_that_are_packed_say_so_in_the_name(web: LoopbackWeb, source: Make, ask: Ask) -> None:
    packed = b"\x1f\x8b\x08\x00rest"
    web.put("/data.csv", packed, headers={"Content-Encoding": "gzip"})
    file = fetch(source(), ask())
    assert (file.name, file.path.read_bytes()) == ("data.csv.gz", packed)
    assert all(entry.headers["Accept-Encoding"] == "identity" for entry in web.seen())


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><p>sign in", b"\n <HTML>", b"\xef\xbb\xbf<html>"]
)
def test_a_web_page_is_no_data(web: LoopbackWeb, source: Make, ask: Ask, page: bytes) -> None:
    web.put("/data.csv", page)
    with pytest.raises(Permanent, match="is a web page, not a data file"):
        fetch(source(), ask())


def test_patterns_may_mean_members_of_an_archive(web: LoopbackWeb, source: Make, ask: Ask) -> None:
    web.put("/all.zip", b"PK\x03\x04rest")
    assert fetch(source("/all.zip"), ask("cases.csv")).name == "all.zip"


# ---- getting there ---------------------------------------------------------------------------


def test_redirects_are_followed_and_the_password_stays_behind(
    web: LoopbackWeb, source: Make, ask: Ask
) -> None:
    with LoopbackWeb() as elsewhere:
        elsewhere.put("/stored", ANYTHING)
        web.redirect("/a.csv", "/b.csv")
        web.redirect("/b.csv", f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/stored")
        address = web.url.replace("http://", "http://ana:${PASSWORD}@")
        file = fetch(source(f"{address}/a.csv", PASSWORD=PASSWORD), ask())
        assert file.name == "a.csv"
        assert file.path.read_bytes() == ANYTHING
        assert all("Authorization" in entry.headers for entry in web.seen())
        assert all("Authorization" not in entry.headers for entry in elsewhere.seen())


def test_a_circle_of_redirects_ends(web: LoopbackWeb, source: Make) -> None:
    web.redirect("/data.csv", "/data.csv")
    with pytest.raises(Permanent, match="redirects more than 10 times"):
        source().version()


def test_user_and_password_sign_the_request(web: LoopbackWeb, source: Make, ask: Ask) -> None:
    web.put("/data.csv", b"1", user=("ana", "p:ß@/1"))
    address = f"{web.url}/data.csv".replace("http://", "http://ana:p%3A%C3%9F%40%2F1@")
    assert fetch(source(address), ask()).size == 1
    basic = base64.b64encode("ana:p:ß@/1".encode()).decode()
    assert web.seen()[0].headers["Authorization"] == f"Basic {basic}"


def test_netrc_is_left_alone(
    web: LoopbackWeb, source: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123 - the path is text for the environment
        file.write("machine 127.0.0.1 login ana password x\n")
    monkeypatch.setenv("NETRC", netrc)
    web.put("/data.csv", b"1")
    source().version()
    assert "Authorization" not in web.seen()[0].headers


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "data.csv", "http://", "https:///x", "http://[x", ""]
)
def test_an_address_is_one_of_the_web(source: Make, url: str) -> None:
    with pytest.raises(Permanent, match="is not a web address"):
        HttpSource(url, str).version()


@pytest.mark.parametrize(
    ("code", "words"),
    [(401, "is not open to us"), (403, "is not open to us"), (404, "there is nothing at")],
)
def test_a_refusal_says_what_to_do(
    web: LoopbackWeb, source: Make, ask: Ask, code: int, words: str
) -> None:
    web.put("/data.csv", b"1")
    version = source().version()
    web.fault("*", status(code), times=9)
    for call in (source().version, lambda: source().fetch(version, ask())):
        with pytest.raises(Permanent, match=words) as caught:
            call()
        assert f"({code})" in caught.value.message
        assert caught.value.hint


def test_a_busy_server_is_waited_for(web: LoopbackWeb, source: Make, clock: Clock) -> None:
    web.put("/data.csv", b"1")
    web.fault("*", status(503, retry_after="7"), times=2)
    assert source().version()
    assert clock.pauses == [7, 7]


# ---- what may be seen ------------------------------------------------------------------------


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("secret", ["s3cr3t-value", "with space & more/ß", "half%2Fencoded"])
@pytest.mark.parametrize("fault", [reset(), status(503), status(403), status(404)])
def test_a_secret_of_the_query_is_never_seen(
    web: LoopbackWeb, source: Make, ask: Ask, secret: str, fault: object
) -> None:
    web.put("/data.csv", b"1")
    wanted = source("/data.csv?key=${API_KEY}&n=1", API_KEY=secret)
    version = wanted.version()
    web.fault("*", fault, times=99)  # type: ignore[arg-type]  # parametrize is untyped
    for call in (wanted.version, lambda: wanted.fetch(version, ask())):
        with pytest.raises(FactoryError) as caught:
            call()
        assert secret not in printed(caught.value)
        assert web.seen()[-1].path.partition("key=")[2].partition("&")[0] not in printed(
            caught.value
        )
    assert "${API_KEY}" in str(caught.value)
    assert version.page == f"{web.url}/data.csv"


def test_a_password_is_never_seen(web: LoopbackWeb, source: Make) -> None:
    web.fault("*", reset(), times=99)
    address = f"{web.url}/data.csv".replace("http://", "http://ana:${PASSWORD}@")
    with pytest.raises(Retryable) as caught:
        source(address, PASSWORD=PASSWORD).version()
    assert PASSWORD not in printed(caught.value)
    assert "ana:" not in str(caught.value)


def test_a_signature_that_a_redirect_leads_to_is_never_seen(web: LoopbackWeb, source: Make) -> None:
    web.redirect("/data.csv", "/stored?Signature=nobody-told-us-of-this")
    web.fault("* /stored", reset(), times=99)
    with pytest.raises(Retryable) as caught:
        source().version()
    assert "nobody-told-us-of-this" not in printed(caught.value)


def test_a_variable_that_is_not_set_is_named(source: Make) -> None:
    with pytest.raises(Permanent, match="API_KEY is not set"):
        source("/data.csv?key=${API_KEY}").version()


def test_a_version_carries_no_link_with_an_unknown_host(source: Make, web: LoopbackWeb) -> None:
    web.put("/data.csv", b"1")
    assert source("${BASE}://127.0.0.1", BASE="x")  # it is resolved only when it is asked
    version = source(
        "${SCHEME}://" + web.url.removeprefix("http://") + "/data.csv", SCHEME="http"
    ).version()
    assert isinstance(version, SourceVersion)
    assert version.page is None
