"""Patience, limits and progress."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import Refused, Retryable
from factory.sources.meter import Meter
from factory.sources.transport import RetryPolicy, busy, retry_after, scrub
from factory.spec.units import size_text
from tests.sources.conftest import Reports

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60.0),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize("ours", [timedelta(days=-10), timedelta(days=10)])
def test_a_pause_is_told_by_the_clock_of_who_asks_for_it(ours: timedelta) -> None:
    there = datetime.now(UTC) - ours
    response = requests.Response()
    response.status_code = 503
    response.headers["Date"] = format_datetime(there, usegmt=True)
    response.headers["Retry-After"] = format_datetime(there + timedelta(seconds=5), usegmt=True)
    assert busy("Kaggle", response).retry_after == 5.0


def test_pauses_grow_to_a_limit_and_are_never_all_equal() -> None:
    pauses: list[float] = []
    for chance in (0.0, 1.0):
        policy = RetryPolicy(
            attempts=99,
            longest_delay=10,
            sleep=pauses.append,
            chance=lambda: chance,  # noqa: B023 - called in its round
        )
        for failures in range(1, 7):
            policy.wait(failures, Retryable("busy"))
    assert pauses == [0.5, 1, 2, 4, 5, 5, 1, 2, 4, 8, 10, 10]


def test_the_last_failure_is_raised() -> None:
    error = Retryable("busy")
    with pytest.raises(Retryable) as caught:
        RetryPolicy(attempts=3, sleep=lambda seconds: None).wait(3, error)
    assert caught.value is error


def test_scrubbing_reaches_the_first_cause() -> None:
    last = RuntimeError("GET http://host/x?Signature=abcdef")
    last.__cause__ = OSError("GET /x?Signature=abcdef&Expires=1 failed")
    assert str(scrub(last)) == "GET http://host/x?Signature=***"
    assert str(last.__cause__) == "GET /x?Signature=***&Expires=*** failed"


def test_progress_is_told_ten_times_a_second_at_most() -> None:
    reports, moment = Reports(), [0.0]
    meter = Meter(None, reports, clock=lambda: moment[0])
    for step in range(1, 1001):
        moment[0] = step / 1000
        meter.flow("a.csv", step, 1000)
    meter.whole("a.csv", 1000)
    assert 10 <= len(reports.lines) <= 12
    assert reports.lines[-1] == ("fetch", "a.csv", 1000, 1000, "bytes")


def test_the_limit_is_on_all_files_together() -> None:
    meter = Meter(1000, Reports())
    meter.admit("a.csv", 600)
    meter.whole("a.csv", 600)
    meter.flow("b.csv", 400, None)
    with pytest.raises(Refused, match=r"b.csv is 401 bytes beside 600 bytes fetched before it"):
        meter.admit("b.csv", 401)
    with pytest.raises(Refused, match=r"b.csv was stopped at 401 bytes beside 600 bytes"):
        meter.flow("b.csv", 401, None)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (999_949, "999.9 KB"),
        (999_950, "1.0 MB"),
        (5_200_000_000, "5.2 GB"),
        (3 * 10**15, "3,000.0 TB"),
    ],
)
def test_sizes_are_said_as_specs_write_them(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(0, 10**18))
def test_a_size_is_never_said_in_a_thousand_of_a_smaller_unit(size: int) -> None:
    text = size_text(size)
    assert text.endswith("TB") or float(text.split()[0]) < 1000
