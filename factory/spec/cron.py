"""When a cron runs next, by Dagster's rules for daylight saving.

A time that the clock skips runs at the end of the gap, one that occurs twice runs at its second
occurrence; a cron of every hour runs once an hour of real time, whatever the clock does. Dagster
means that for clocks that change by daylight saving between one and three; what comes of the
others (Dublin's winter is its saving time, Cairo's clock changes at midnight) is followed, too.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from factory.spec.cron_fields import Cron, parse_cron

_EXPECTED = {1, 2, 3}  # the hours in which Dagster looks for a change of the clock
_YEARS = 60  # a fifth Monday in February comes every 28 years, with 2100 in between 40


@dataclass(frozen=True, slots=True)
class OddRun:
    """A time of the schedule that the clock skips or shows twice, and when it runs instead."""

    wall: datetime  # as the schedule says it, without a time zone
    runs: datetime
    skipped: bool  # else it comes twice, and `runs` is one of them


def next_runs(cron: str, timezone: str, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next `count` runs strictly after `after` (with a time zone), in `timezone`.

    Fewer if the cron has fewer; none if it cannot be read or the time zone is not known.
    """
    parsed = parse_cron(cron)
    zone = find_zone(timezone)
    if not isinstance(parsed, Cron) or not parsed.reachable or zone is None:
        return ()
    return tuple(islice(_runs(parsed, zone, after), count))


def odd_runs(cron: str, timezone: str, after: datetime) -> tuple[OddRun, ...]:
    """What changes of the clock do to a schedule in the year after `after`, in order.

    Nothing for a cron of every hour, which no change of the clock disturbs.
    """
    parsed = parse_cron(cron)
    zone = find_zone(timezone)
    if not isinstance(parsed, Cron) or not parsed.reachable or parsed.every_hour or zone is None:
        return ()
    days = _changes(timezone, after.astimezone(UTC).date())
    found = (odd for day in days if _comes(parsed, day) for odd in _odd(parsed, zone, day))
    return tuple(odd for odd in found if odd.runs > after)


@lru_cache(maxsize=64)
def _changes(timezone: str, first: date) -> tuple[date, ...]:
    """The days of a year on which the clock may change, in the time zone of that name."""
    zone = ZoneInfo(timezone)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    ends = [(start + timedelta(days=number)).astimezone(zone) for number in range(367)]
    around = [(a, b) for a, b in pairwise(ends) if a.utcoffset() != b.utcoffset()]
    return tuple(sorted({end.date() for pair in around for end in pair}))


def _odd(cron: Cron, zone: ZoneInfo, day: date) -> Iterator[OddRun]:
    for hour in cron.hours:
        for minute in cron.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute)
            first, second = (
                wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)
            )
            if first != second:
                (runs,) = _on_the_clock(wall, zone, cron)
                yield OddRun(wall, runs.astimezone(zone), skipped=first > second)


def _comes(cron: Cron, day: date) -> bool:
    return day.month in cron.months and _matches(cron, day, monthrange(day.year, day.month)[1])


def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of that name in the IANA database; None if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


def _runs(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    last = after
    first = after.astimezone(zone).date() - timedelta(days=1)
    for day in _days(cron, first):
        for moment in _moments(cron, zone, day):
            if moment > last:
                last = moment
                yield moment.astimezone(zone)


def _moments(cron: Cron, zone: ZoneInfo, day: date) -> list[datetime]:
    """The moments of a day, in UTC, by their times on the clock; of every hour, in order."""
    found: list[datetime] = []
    for hour in cron.hours:
        for minute in cron.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute)
            found += _on_the_clock(wall, zone, cron)
    return sorted(found) if cron.every_hour else found


def _on_the_clock(wall: datetime, zone: ZoneInfo, cron: Cron) -> tuple[datetime, ...]:
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return (first,)
    if first < second:
        once = first if cron.one_time and wall.hour not in _EXPECTED else second
        return (first, second) if cron.every_hour else (once,)
    return () if cron.every_hour else (_after_gap(wall, zone, cron),)


def _after_gap(wall: datetime, zone: ZoneInfo, cron: Cron) -> datetime:
    """What Dagster makes of a time that is skipped: the full hour and what summer adds to it.

    Where summer adds nothing, or at another hour, the time is still one that is skipped. Then
    the clock of before counts, or that of after if Dagster takes the time for a doubled one.
    """
    expected = wall.hour in _EXPECTED
    if expected:
        summer = (wall + timedelta(hours=1)).replace(tzinfo=zone).dst() or timedelta()
        wall = wall.replace(minute=0) + summer
    fold = int(expected and cron.one_time)
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _days(cron: Cron, first: date) -> Iterator[date]:
    for year in range(first.year, min(first.year + _YEARS, 9999)):
        for month in sorted(cron.months):
            if (year, month) < (first.year, first.month):
                continue
            length = monthrange(year, month)[1]
            for number in range(1, length + 1):
                day = date(year, month, number)
                if day >= first and _matches(cron, day, length):
                    yield day


def _matches(cron: Cron, day: date, length: int) -> bool:
    in_month = day.day in cron.days or (cron.last_day and day.day == length)
    weekday = day.isoweekday() % 7
    place = (day.day - 1) // 7 + 1
    is_last = day.day + 7 > length
    in_week = (
        weekday in cron.weekdays
        or (weekday, place) in cron.nth
        or (is_last and (weekday, -1) in cron.nth)
    )
    if cron.any_day:
        return cron.any_weekday or in_week
    if cron.any_weekday:
        return in_month
    return in_month or in_week
