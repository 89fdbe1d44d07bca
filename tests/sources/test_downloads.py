"""Whatever the wire does, a download ends in the right bytes or the right error."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory.errors import Permanent, Refused, Retryable
from factory.sources.downloads import Arrived, Order, download
from factory.sources.meter import Meter
from factory.sources.transport import Transport
from tests.loopback.http import LoopbackWeb
from tests.loopback.wire import Fault, flip, reset, stall, status, truncate
from tests.sources.conftest import Clock, Reports

CONTENT = os.urandom(400_000)
Fetch = Callable[..., Arrived]


def order(url: str, identity: str = "covid 13") -> Order:
    return Order(
        name="covid.csv",
        what="the server",
        identity=identity,
        address=lambda: url,
        refused=lambda code: Permanent(f"refused with {code}"),
    )


@pytest.fixture
def fetch(web: LoopbackWeb, clock: Clock, tmp_path: Path) -> Fetch:
    """Downloads /covid.csv to one and the same place."""

    def run(
        transport: Transport | None = None,
        *,
        identity: str = "covid 13",
        max_bytes: int | None = None,
    ) -> Arrived:
        meter = Meter(max_bytes, Reports())
        wanted = order(f"{web.url}/covid.csv", identity)
        return download(wanted, tmp_path / "covid.csv", transport or clock.transport(), meter)

    return run


def assert_whole(arrived: Arrived, content: bytes = CONTENT) -> None:
    assert arrived.path.read_bytes() == content
    assert arrived.size == len(content)
    assert arrived.sha256 == hashlib.sha256(content).hexdigest()
    assert [path.name for path in arrived.path.parent.iterdir()] == ["covid.csv"]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537])
def test_files_of_every_size_arrive_whole(web: LoopbackWeb, fetch: Fetch, size: int) -> None:
    web.put("/covid.csv", CONTENT[:size])
    assert_whole(fetch(), CONTENT[:size])
    assert len(web.seen()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        reset(0),
        reset(200_000),
        truncate(0),
        truncate(200_000),
        status(500),
        status(502),
        status(503, body=b"<html>busy</html>"),
        status(429, retry_after="3"),
        status(408),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.at}",
)
def test_one_fault_is_survived(web: LoopbackWeb, fetch: Fetch, fault: Fault) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", fault)
    assert_whole(fetch())


def test_what_has_arrived_is_not_sent_again(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(262_144))
    assert_whole(fetch())
    first, second = web.seen()
    assert "Range" not in first.headers
    assert second.headers["Range"] == "bytes=262144-"
    assert second.headers["If-Range"] == web.pages["/covid.csv"].entity.headers["ETag"]
    assert second.status == 206
    assert first.sent + second.sent == len(CONTENT)


def test_the_body_of_an_error_never_reaches_the_file(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", reset(200_000))
    web.fault("*", status(503, body=b"please come back later" * 1000))
    assert_whole(fetch())


def test_a_server_without_ranges_sends_everything_again(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT, ranges=False)
    web.fault("*", truncate(200_000))
    assert_whole(fetch())
    assert [entry.sent for entry in web.seen()] == [200_000, len(CONTENT)]


def test_without_a_strong_etag_nothing_is_continued(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT, etag='W/"weak"')
    web.fault("*", truncate(200_000))
    assert_whole(fetch())
    assert all("Range" not in entry.headers for entry in web.seen())


def test_bytes_of_two_objects_are_never_mixed(web: LoopbackWeb, fetch: Fetch, clock: Clock) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(200_000))
    other = CONTENT[::-1]
    transport = clock.transport(while_waiting=lambda: web.put("/covid.csv", other))
    assert_whole(fetch(transport), other)


def test_a_server_that_continues_wrongly_is_not_believed(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(200_000))
    wrong = {"Content-Range": f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}", "Content-Length": "3"}
    web.fault("*", Fault("status", status=206, headers=wrong, body=b"abc"))
    assert_whole(fetch())


def test_a_part_that_nobody_asked_for_is_not_taken_for_the_whole(
    web: LoopbackWeb, fetch: Fetch
) -> None:
    web.put("/covid.csv", CONTENT)
    part = {"Content-Range": "bytes 0-2/3", "Content-Length": "3"}
    web.fault("*", Fault("status", status=206, headers=part, body=b"abc"))
    assert_whole(fetch())


def test_silence_is_a_fault_like_any_other(web: LoopbackWeb, fetch: Fetch, clock: Clock) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", stall(1.0, at=200_000))
    assert_whole(fetch(clock.transport(read_timeout=0.2)))
    assert "Range" in web.seen()[1].headers


def test_progress_wins_against_any_number_of_breaks(
    web: LoopbackWeb, fetch: Fetch, clock: Clock
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(70_000), times=5)
    assert_whole(fetch(clock.transport(attempts=2)))
    assert sum(entry.sent for entry in web.seen()) < 1.5 * len(CONTENT)


def test_attempts_without_progress_come_to_an_end(
    web: LoopbackWeb, fetch: Fetch, clock: Clock, tmp_path: Path
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", reset(), times=99)
    with pytest.raises(Retryable, match="the connection to the server broke off"):
        fetch()
    assert len(web.seen()) == 5
    assert clock.pauses == [1, 2, 4, 8]
    assert not (tmp_path / "covid.csv").exists()


def test_restarting_for_ever_is_not_progress(web: LoopbackWeb, fetch: Fetch, clock: Clock) -> None:
    web.put("/covid.csv", CONTENT, ranges=False)
    web.fault("*", truncate(200_000), times=99)
    with pytest.raises(Retryable, match=r"broke off, 200,000 bytes into covid.csv"):
        fetch()
    assert len(web.seen()) == 5


def test_a_longer_pause_than_a_step_may_sleep_is_left_to_the_run(
    web: LoopbackWeb, fetch: Fetch, clock: Clock
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", status(429, retry_after="3600"))
    with pytest.raises(Retryable) as caught:
        fetch()
    assert caught.value.retry_after == 3600
    assert clock.pauses == []


def test_the_pause_that_is_asked_for_is_taken(web: LoopbackWeb, fetch: Fetch, clock: Clock) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", status(429, retry_after="17"))
    assert_whole(fetch())
    assert clock.pauses == [17]


def test_another_process_goes_on_where_one_died(
    web: LoopbackWeb, fetch: Fetch, clock: Clock
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(200_000))
    with pytest.raises(Retryable):
        fetch(clock.transport(attempts=1))
    assert_whole(fetch())
    assert web.seen()[1].status == 206


def test_left_bytes_of_something_else_are_thrown_away(
    web: LoopbackWeb, fetch: Fetch, clock: Clock
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(200_000))
    with pytest.raises(Retryable):
        fetch(clock.transport(attempts=1), identity="covid 12")
    assert_whole(fetch(identity="covid 13"))
    assert "Range" not in web.seen()[1].headers


@pytest.mark.parametrize("note", ["", "{", "[]", '{"identity": "covid 13"}', '{"size": "x"}'])
def test_a_spoiled_note_is_no_obstacle(
    web: LoopbackWeb, fetch: Fetch, tmp_path: Path, note: str
) -> None:
    web.put("/covid.csv", CONTENT)
    (tmp_path / "covid.csv.part").write_bytes(b"rubbish")
    (tmp_path / "covid.csv.part.json").write_text(note)
    assert_whole(fetch())


def hashes(content: bytes) -> dict[str, str]:
    import base64

    import google_crc32c

    crc = base64.b64encode(google_crc32c.Checksum(content).digest()).decode()
    return {"x-goog-hash": f"crc32c={crc}"}


def test_a_flipped_bit_is_noticed_and_fetched_again(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT, headers=hashes(CONTENT))
    web.fault("*", flip(123_456))
    assert_whole(fetch())
    assert len(web.seen()) == 2


def test_a_bit_flipped_before_a_break_is_noticed(web: LoopbackWeb, fetch: Fetch) -> None:
    spoiled = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    web.put("/covid.csv", spoiled, etag='"one"', headers=hashes(CONTENT))
    web.fault("*", truncate(200_000))
    with pytest.raises(Retryable, match="arrived damaged: its crc32c is not the one announced"):
        fetch()


def test_damage_that_repeats_is_never_accepted(
    web: LoopbackWeb, fetch: Fetch, tmp_path: Path
) -> None:
    web.put("/covid.csv", CONTENT, headers=hashes(CONTENT))
    web.fault("*", flip(1), times=99)
    with pytest.raises(Retryable, match="arrived damaged"):
        fetch()
    assert len(web.seen()) == 3
    assert list(tmp_path.glob("covid.csv*")) == []


def test_content_md5_counts_too(web: LoopbackWeb, fetch: Fetch) -> None:
    import base64

    digest = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    web.put("/covid.csv", CONTENT, headers={"Content-MD5": digest})
    web.fault("*", flip(399_999))
    assert_whole(fetch())
    assert len(web.seen()) == 2


def test_too_much_is_refused_before_its_first_byte(
    web: LoopbackWeb, fetch: Fetch, tmp_path: Path
) -> None:
    web.put("/covid.csv", CONTENT)
    with pytest.raises(Refused, match=r"covid.csv is 400.0 KB, more than .* \(300.0 KB\)"):
        fetch(max_bytes=300_000)
    assert list(tmp_path.glob("covid.csv*")) == []


def test_too_much_is_refused_while_it_flows(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT, chunked=True)
    with pytest.raises(Refused, match=r"covid.csv was stopped at .* KB: .* is 300.0 KB"):
        fetch(max_bytes=300_000)


def test_exactly_the_limit_is_allowed(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT)
    assert_whole(fetch(max_bytes=len(CONTENT)))


def test_a_body_in_chunks_arrives_whole(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT, chunked=True)
    web.fault("*", truncate(200_000))
    assert_whole(fetch())


@pytest.mark.parametrize("code", [204, 304, 418])
def test_an_odd_answer_is_final(web: LoopbackWeb, fetch: Fetch, code: int) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", status(code, body=b""))
    with pytest.raises(Permanent, match=f"answered {code}"):
        fetch()


def test_a_disk_that_cannot_be_written_is_no_network_error(
    web: LoopbackWeb, clock: Clock, tmp_path: Path
) -> None:
    web.put("/covid.csv", CONTENT)
    target = tmp_path / "missing" / "covid.csv"
    with pytest.raises(Permanent, match="cannot keep covid.csv in .*: no such file"):
        download(order(f"{web.url}/covid.csv"), target, clock.transport(), Meter(None, Reports()))


FAULTS = st.one_of(
    st.builds(reset, st.integers(0, 400_000)),
    st.builds(truncate, st.integers(0, 399_999)),
    st.builds(flip, st.integers(0, 100)),
    st.sampled_from([status(503), status(429), status(500), status(502)]),
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(faults=st.lists(FAULTS, max_size=4))
def test_any_mix_of_faults_ends_well_or_in_a_retryable_error(
    web: LoopbackWeb, fetch: Fetch, tmp_path: Path, faults: list[Fault]
) -> None:
    for left in tmp_path.glob("covid.csv*"):
        left.unlink()
    web.put("/covid.csv", CONTENT, headers=hashes(CONTENT))
    with web.wire.fresh():
        for fault in faults:
            web.fault("*", fault)
        try:
            arrived = fetch()
        except Retryable:
            assert sum(fault.kind == "flip" for fault in faults) >= 3
        else:
            assert_whole(arrived)


def test_a_server_that_cannot_go_on_sends_all_anew(web: LoopbackWeb, fetch: Fetch) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(200_000))
    web.fault("*", status(416))
    assert_whole(fetch())
    assert [entry.status for entry in web.seen()] == [200, 416, 200]


def test_a_process_that_died_before_the_last_step_is_not_believed(
    web: LoopbackWeb, fetch: Fetch, clock: Clock, tmp_path: Path
) -> None:
    web.put("/covid.csv", CONTENT)
    web.fault("*", truncate(399_999))
    with pytest.raises(Retryable):
        fetch(clock.transport(attempts=1))
    with (tmp_path / "covid.csv.part").open("ab") as part:
        part.write(b"?" * (len(CONTENT) - part.tell()))
    assert_whole(fetch())


@pytest.mark.parametrize(
    "headers",
    [
        {"x-goog-hash": "crc32c=!!!,md5=AAAA"},
        {"x-goog-hash": "nonsense"},
        {"Content-MD5": "not base64"},
        {"x-goog-hash": "crc32c=AAAAAA==", "x-goog-stored-content-encoding": "gzip"},
    ],
)
def test_a_checksum_that_says_nothing_about_these_bytes_is_passed_over(
    web: LoopbackWeb, fetch: Fetch, headers: dict[str, str]
) -> None:
    web.put("/covid.csv", CONTENT, headers=headers)
    assert_whole(fetch())


def test_a_name_that_nobody_knows_is_said_to_be_one(clock: Clock, tmp_path: Path) -> None:
    meter = Meter(None, Reports())
    with pytest.raises(Retryable, match="no address is known for the server"):
        download(order("http://host.invalid/x"), tmp_path / "x", clock.transport(), meter)
