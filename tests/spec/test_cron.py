"""Our reading of cron is Dagster's: what is taken, and when it runs."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dagster import ScheduleDefinition, job
from dagster._core.errors import DagsterInvalidDefinitionError
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.spec.cron import find_zone, next_runs
from factory.spec.cron_fields import ALIASES, Cron, Mistake, parse_cron

ZONES = ["UTC", "Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Australia/Sydney"]
SETTINGS = settings(max_examples=250, deadline=None, derandomize=True)

# What Dagster takes and we do not, with the words by which we say so.
STRICTER = ("is every", "takes no step", "a step in", "starts at the end", "lists *",
            "must be * where", "is random", "must be 1-31", "must be 1-12")  # fmt: skip


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    item = st.one_of(
        st.just("*"),
        number,
        st.integers(1, (high - low) // 2 or 1).map("*/{}".format),
        st.builds("{}-{}".format, number, number),
        st.builds("{}-{}/{}".format, number, number, st.integers(1, 5)),
        st.builds("{}/{}".format, number, st.integers(1, 5)),
    )
    return st.lists(item, min_size=1, max_size=2).map(",".join)


DAYS = st.one_of(st.just("*"), _field(1, 31), st.sampled_from(["l", "?", "1,l", "L"]))
WEEKDAYS = st.one_of(
    st.just("*"),
    _field(0, 6),
    st.sampled_from(["5#2", "mon#1", "l5", "MON-FRI", "7", "sun", "5-7", "fri-mon", "0-7", "2,l5"]),
)
MONTHS = st.one_of(st.just("*"), _field(1, 12), st.sampled_from(["jan", "feb-apr", "nov-FEB"]))
CRONS = st.builds(
    "{} {} {} {} {}".format,
    st.one_of(st.integers(0, 59).map(str), _field(0, 59)),
    st.one_of(st.integers(0, 4).map(str), _field(0, 23)),
    DAYS,
    MONTHS,
    WEEKDAYS,
)
TYPOS = st.text("0123456789*/,-# LlRh@?adilymon", max_size=16)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 3, 1), timezones=st.just(UTC))


@job
def _job() -> None: ...


def dagster_takes(cron: str) -> bool:
    try:
        ScheduleDefinition(job=_job, cron_schedule=cron)
    except DagsterInvalidDefinitionError:
        return False
    return True


@SETTINGS
@given(st.one_of(CRONS, TYPOS, st.sampled_from(list(ALIASES))))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_we_take_dagster_takes_and_what_we_refuse_more_we_say(cron: str) -> None:
    ours, theirs = parse_cron(cron), dagster_takes(cron)
    if isinstance(ours, Cron) and ours.reachable:
        assert theirs
    elif theirs and isinstance(ours, Mistake):
        assert any(words in ours.message for words in STRICTER), ours.message


@SETTINGS
@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_it_runs_when_dagster_runs_it(cron: str, zone: str, after: datetime) -> None:
    parsed = parse_cron(cron)
    if not isinstance(parsed, Cron) or not parsed.reachable:
        assert next_runs(cron, zone, after, 5) == ()
        return
    after = after.replace(second=0, microsecond=0)
    start = (after + timedelta(seconds=1)).timestamp()
    theirs = [moment.timestamp() for moment in islice(_ticks(cron, zone, start), 5)]
    assert [moment.timestamp() for moment in next_runs(cron, zone, after, 5)] == theirs


def _ticks(cron: str, zone: str, start: float) -> object:
    return schedule_execution_time_iterator(start, cron, zone)


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", datetime(2026, 3, 28, 12), "2026-03-29T03:00:00+02:00"),  # skipped
        ("30 2 * * *", datetime(2026, 10, 24, 12), "2026-10-25T02:30:00+01:00"),  # twice
        ("0 2 29 2 *", datetime(2026, 1, 1), "2028-02-29T02:00:00+01:00"),
        ("0 9 13 * 5", datetime(2026, 11, 1), "2026-11-06T09:00:00+01:00"),
        ("0 9 * * 5#2", datetime(2026, 11, 1), "2026-11-13T09:00:00+01:00"),
        ("0 9 l * *", datetime(2026, 2, 1), "2026-02-28T09:00:00+01:00"),
    ],
)
def test_in_warsaw(cron: str, after: datetime, expected: str) -> None:
    (run,) = next_runs(cron, "Europe/Warsaw", after.replace(tzinfo=UTC), 1)
    assert run.isoformat() == expected


@pytest.mark.parametrize(
    ("cron", "covered", "better"),
    [
        ("0 25 * * *", "25", "0 1 * * *"),
        ("0  2 * 13 *", "13", "0  2 * 1 *"),
        ("0 2 * *", "0 2 * *", "0 2 * * *"),
        ("0 0 2 * * *", "0 0 2 * * *", "0 2 * * *"),
        ("99 25 * * *", "99", None),
        ("", "", "0 2 * * *"),
    ],
)
def test_a_mistake_knows_its_place_and_what_to_type(
    cron: str, covered: str, better: str | None
) -> None:
    mistake = parse_cron(cron)
    assert isinstance(mistake, Mistake)
    assert cron[mistake.start : mistake.end] == covered
    assert mistake.better == better


@given(TYPOS)
@SETTINGS
def test_what_is_offered_is_right(cron: str) -> None:
    mistake = parse_cron(cron)
    if isinstance(mistake, Mistake) and mistake.better is not None:
        assert isinstance(parse_cron(mistake.better), Cron)


@pytest.mark.parametrize("name", ["Warsaw", "", "../../etc/passwd", "Europe", "\x00", "UTC+1"])
def test_a_time_zone_that_is_none(name: str) -> None:
    assert find_zone(name) is None
    assert next_runs("0 2 * * *", name, datetime(2026, 1, 1, tzinfo=UTC), 1) == ()
