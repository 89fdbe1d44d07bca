"""Our reading of cron is Dagster's: what is taken, and when it runs."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dagster_shared.check import CheckError
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.spec.cron import find_zone, next_runs, odd_runs
from factory.spec.cron_fields import ALIASES, Cron, Mistake, parse_cron
from tests.spec.cron_agreement import ZONES, compare, dagster_fails, other_runs, ticks, verdict

SETTINGS = settings(max_examples=250)


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


@SETTINGS
@given(st.one_of(CRONS, TYPOS, st.sampled_from(list(ALIASES))))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_we_take_dagster_takes_and_what_we_refuse_more_we_say(cron: str) -> None:
    assert verdict(cron) in {"agree", "stricter"}


@SETTINGS
@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_it_runs_when_dagster_runs_it(cron: str, zone: str, after: datetime) -> None:
    parsed = parse_cron(cron)
    if not isinstance(parsed, Cron) or not parsed.reachable:
        assert next_runs(cron, zone, after, 5) == ()
        return
    assert other_runs(cron, zone, after.replace(second=0, microsecond=0)) == ""


def test_some_of_the_ten_thousand() -> None:
    verdicts, differences = compare(seed=20261122, count=300)
    assert differences == []
    assert verdicts["agree"] > 200


@pytest.mark.parametrize(
    ("zone", "after"),
    [
        ("Africa/Casablanca", datetime(2026, 3, 21)),  # no saving time before, none after
        ("Europe/Dublin", datetime(2026, 3, 28)),  # winter is the saving time
        ("Africa/Cairo", datetime(2026, 4, 23)),  # at midnight
        ("Africa/Cairo", datetime(2026, 10, 29)),
        ("America/Havana", datetime(2026, 3, 7)),
        ("Pacific/Chatham", datetime(2026, 9, 26)),  # at a quarter to three
    ],
)
@pytest.mark.parametrize("minutes", ["0", "30", "15,45"])
def test_clocks_that_change_in_other_ways_are_followed(
    minutes: str, zone: str, after: datetime
) -> None:
    for hour in (0, 1, 2, 3, 23):
        cron = f"{minutes} {hour} * * *"
        assert not other_runs(cron, zone, after)
        times = [time.timestamp() for time in islice(ticks(cron, zone, after), 4)]
        told = odd_runs(cron, zone, after.replace(tzinfo=UTC))
        soon = [odd.runs.timestamp() for odd in told if odd.runs.timestamp() <= times[-1]]
        assert set(soon) <= set(times)


@pytest.mark.parametrize("zone", [*ZONES, "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 1 * * *", "15,45 1-3 * * *", "0 */2 * * 0"])
def test_dagster_does_what_the_note_on_changing_clocks_says(cron: str, zone: str) -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)
    said = odd_runs(cron, zone, after)
    for odd in said:
        start = odd.runs - timedelta(hours=4)
        times = list(islice(ticks(cron, zone, start), 12))
        assert odd.runs in times
        assert (odd.wall in [time.replace(tzinfo=None) for time in times]) != odd.skipped
        if not odd.skipped:
            first = odd.wall.replace(tzinfo=odd.runs.tzinfo, fold=0)
            assert first.timestamp() not in [time.timestamp() for time in times]
    changes = {"UTC": 0, "Asia/Kolkata": 0}.get(zone, 1)
    assert bool(said) <= bool(changes)


def test_every_run_off_the_clock_is_told_of() -> None:
    """Daily at half past two: whatever Dagster runs at another time has a note."""
    for zone in ("Europe/Warsaw", "America/New_York"):
        after = datetime(2026, 1, 1, tzinfo=UTC)
        times = islice(ticks("30 2 * * *", zone, after), 366)
        off = [time for time in times if (time.hour, time.minute) != (2, 30)]
        told = [odd.runs for odd in odd_runs("30 2 * * *", zone, after) if odd.skipped]
        assert off == told
        assert len(off) == 1


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


def test_dagster_still_fails_on_the_29th_in_march_of_a_leap_year() -> None:
    """If this fails, Dagster is mended, and `dagster_fails` can go."""
    parsed, after = parse_cron("0 2 29 * *"), datetime(2028, 3, 5, tzinfo=UTC)
    assert isinstance(parsed, Cron)
    assert dagster_fails(parsed, after)
    with pytest.raises(CheckError):
        next(ticks("0 2 29 * *", "UTC", after))
    [run] = next_runs("0 2 29 * *", "UTC", after, 1)
    assert run.isoformat() == "2028-03-29T02:00:00+00:00"


@pytest.mark.parametrize(
    ("cron", "covered", "better"),
    [
        ("0 25 * * *", "25", "0 1 * * *"),
        ("0  2 * 13 *", "13", "0  2 * 1 *"),
        ("0 2 * *", "0 2 * *", "0 2 * * *"),
        ("0 0 2 * * *", "0 0 2 * * *", "0 2 * * *"),
        ("99 25 * * *", "99", None),
        ("14:05", "14:05", "5 14 * * *"),
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
