"""Sources connect to the public internet and to what the project allows, and to nothing else."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from factory.errors import Permanent, Refused, Retryable
from factory.ports import FetchRequest
from factory.sources.http import HttpSource
from factory.sources.kaggle import KaggleSource
from factory.sources.reach import EVERYWHERE, Reach
from factory.sources.transport import RetryPolicy, Transport
from factory.spec.networks import allowed
from tests.loopback.http import LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle
from tests.loopback.tls import secure_web, self_signed
from tests.sources.conftest import LOOPBACK

REFUSED = "is a loopback address, and sources ask only the public internet"
Ask = Callable[..., FetchRequest]


def source(url: str, reach: Reach = LOOPBACK) -> HttpSource:
    return HttpSource(url, str, transport=Transport(RetryPolicy(attempts=1), reach=reach))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def named(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> list[str]:
    """A name server that answers with the next of the addresses; the questions it was asked."""
    real, questions = socket.getaddrinfo, []

    def lookup(host: str, *args: object, **options: object) -> object:
        key = str(host).partition(".")[0]
        if key not in names:
            return real(host, *args, **options)  # type: ignore[arg-type]  # passed on as it came
        questions.append(host)
        answers = names[key]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        found = [real(address, *args, **options) for address in answer.split()]  # type: ignore[arg-type]
        return [entry for entries in found for entry in entries]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return questions


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"]
)
def test_no_spelling_of_a_private_address_is_asked(web: LoopbackWeb, host: str) -> None:
    web.put("/data.csv", b"1")
    with pytest.raises(Refused, match=REFUSED) as caught:
        source(web.url.replace("127.0.0.1", host) + "/data.csv", Reach()).version()
    assert caught.value.hint is not None
    assert "allow_private: [127.0.0.1]" in caught.value.hint
    assert web.seen() == []


def test_what_is_allowed_is_asked(web: LoopbackWeb) -> None:
    web.put("/data.csv", b"1")
    for entry in ("127.0.0.0/8", "127.0.0.1"):
        assert source(f"{web.url}/data.csv", Reach(allowed([entry]))).version()


def test_a_name_that_leads_inside_is_refused_by_its_address(
    web: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, inside=["127.0.0.1"])
    address = web.url.replace("127.0.0.1", "inside.example") + "/data.csv"
    with pytest.raises(Refused, match=r"inside\.example \(127\.0\.0\.1\) is a loopback"):
        source(address, Reach()).version()
    web.put("/data.csv", b"1")
    assert source(address, Reach(allowed(["inside.example"]))).version()
    assert {entry.headers["Host"] for entry in web.seen()} == {address.split("/")[2]}


def test_a_name_server_that_changes_its_mind_gains_nothing(
    web: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged and connected to is one address: nobody looks the name up again in between."""
    web.put("/data.csv", b"1")
    questions = named(monkeypatch, rebinds=["127.0.0.1", "127.0.0.2"])
    only = Reach(allowed(["127.0.0.1"]))
    address = web.url.replace("127.0.0.1", "rebinds.example") + "/data.csv"
    assert source(address, only).version()
    assert len(questions) == 1
    with pytest.raises(Refused, match=r"\(127\.0\.0\.2\)"):
        source(address, only).version()


def test_of_several_addresses_only_the_permitted_are_tried(
    web: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.put("/data.csv", b"1")
    named(monkeypatch, mixed=["127.0.0.2 127.0.0.3 127.0.0.1"])
    address = web.url.replace("127.0.0.1", "mixed.example") + "/data.csv"
    # nobody listens on 127.0.0.3; 127.0.0.2 is not permitted
    assert source(address, Reach(allowed(["127.0.0.3", "127.0.0.1"]))).version()


@pytest.mark.parametrize("target", ["http://127.0.0.2:1/x", "http://169.254.169.254/latest"])
def test_a_redirect_is_judged_again(web: LoopbackWeb, ask: Ask, target: str) -> None:
    web.redirect("/data.csv", target)
    only = Reach(allowed(["127.0.0.1"]))
    with pytest.raises(Refused, match="sources ask only the public internet"):
        source(f"{web.url}/data.csv", only).version()


def test_a_redirect_in_the_middle_of_a_fetch_is_judged_too(web: LoopbackWeb, ask: Ask) -> None:
    web.put("/data.csv", b"1")
    here = source(f"{web.url}/data.csv", Reach(allowed(["127.0.0.1"])))
    version = here.version()
    web.redirect("/data.csv", "http://127.0.0.2:1/data.csv")
    with pytest.raises(Refused, match=r"127\.0\.0\.2 is a loopback address"):
        here.fetch(version, ask())


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://host/x", "gopher://127.0.0.1/"])
def test_a_redirect_stays_on_the_web(web: LoopbackWeb, target: str) -> None:
    web.redirect("/data.csv", target)
    with pytest.raises(Permanent, match="does not begin with http"):
        source(f"{web.url}/data.csv").version()


def test_a_name_that_no_name_server_takes_is_no_fault_of_ours(web: LoopbackWeb) -> None:
    with pytest.raises(Retryable, match="no address is known"):
        source("http://" + "a" * 70 + ".example/x").version()


# ---- proxies ---------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used_wherever_it_is(
    web: LoopbackWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy looks names up; whoever set it answers for where it leads."""
    monkeypatch.setenv("http_proxy", web.url)
    web.put("/data.csv", b"1")
    assert source("http://data.example/data.csv", Reach()).version()
    assert web.seen()[0].headers["Host"] == "data.example"


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "169.254.169.254", "[::1]"])
def test_an_address_that_says_what_it_is_does_not_reach_the_proxy(
    web: LoopbackWeb, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    with pytest.raises(Refused, match="sources ask only the public internet"):
        source(f"http://{host}/data.csv", Reach()).version()
    assert web.seen() == []


# ---- TLS -------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with secure_web(tmp_path) as (web, address, _):
        web.put("/data.csv", b"1")
        with pytest.raises(Permanent, match=r"certificate was refused \(self.signed") as caught:
            source(f"{address}/data.csv").version()
        assert "REQUESTS_CA_BUNDLE" in str(caught.value.hint)
        assert web.seen() == []


def test_a_certificate_is_held_against_the_name_that_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the connection goes to an address: name and authority both have to be right."""
    named(monkeypatch, other=["127.0.0.1"])
    with secure_web(tmp_path) as (web, address, certificate):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        web.put("/data.csv", b"1")
        assert source(f"{address}/data.csv").version()
        with pytest.raises(Permanent, match="certificate was refused"):
            source(address.replace("localhost", "other.example") + "/data.csv").version()


def test_a_redirect_never_gives_up_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with secure_web(tmp_path) as (secure, address, certificate), LoopbackWeb() as plain:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        plain.put("/data.csv", b"1")
        secure.redirect("/data.csv", f"{plain.url}/data.csv?signature=s3cr3t-signature")
        with pytest.raises(Refused, match="from https to http") as caught:
            source(f"{address}/data.csv").version()
        assert plain.seen() == []
        assert "s3cr3t" not in str(caught.value)


# ---- services whose endpoint the project names ---------------------------------------------------


def test_kaggles_own_answers_are_judged_and_a_named_endpoints_are_not(
    kaggle: LoopbackKaggle, ask: Ask
) -> None:
    kaggle.publish("owner/slug", {"data.csv": b"a\n1\n"})
    strict = Transport(RetryPolicy(attempts=1))
    here = KaggleSource("owner/slug", None, kaggle.endpoint, {"HOME": "/none"}, transport=strict)
    with pytest.raises(Refused, match=REFUSED):
        here.version()
    trusting = Transport(RetryPolicy(attempts=1), reach=EVERYWHERE)
    there = KaggleSource("owner/slug", None, kaggle.endpoint, {"HOME": "/none"}, transport=trusting)
    assert there.fetch(there.version(), ask())


def test_kaggle_with_tls_does_not_lead_to_a_store_without(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with LoopbackKaggle(tls=context) as kaggle:
        kaggle.publish("owner/slug", {"data.csv": b"a\n1\n"})
        endpoint = kaggle.endpoint.replace("http://127.0.0.1", "https://localhost")
        here = KaggleSource("owner/slug", None, endpoint, {"HOME": "/none"})
        with pytest.raises(Permanent, match="from https to http"):
            here.fetch(here.version(), ask())
        assert kaggle.seen("store *") == []
