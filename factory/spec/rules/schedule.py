"""bad-cron, unreachable-cron, cron-either-day, cron-clock-change, bad-timezone: runs when meant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from factory.spec.cron import OddRun, find_zone, next_runs, odd_runs
from factory.spec.cron_fields import FIELDS, Cron, Mistake, parse_cron
from factory.spec.document import Document
from factory.spec.nodes import ScalarNode, text_at
from factory.spec.problems import Problem

_ABBREVIATIONS = {
    "cet": "Europe/Paris", "cest": "Europe/Paris", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "edt": "America/New_York", "cst": "America/Chicago",
    "cdt": "America/Chicago", "bst": "Europe/London", "ist": "Asia/Kolkata", "jst": "Asia/Tokyo",
    "z": "UTC", "msk": "Europe/Moscow",
}  # fmt: skip
_CURLY = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb"


def problems(document: Document) -> Iterator[Problem]:
    """Whatever is wrong with the cron and the time zone of the schedule."""
    zone = text_at(document.tree, "schedule", "timezone")
    if zone is not None and "${" not in str(zone.value):
        yield from _timezone(zone)
    cron = text_at(document.tree, "schedule", "cron")
    if cron is not None and "${" not in str(cron.value):
        yield from _cron(cron, str(zone.value) if zone is not None else "UTC")


def _cron(node: ScalarNode, zone: str) -> Iterator[Problem]:
    text = str(node.value)
    parsed, inner = parse_cron(text), text.strip(_CURLY)
    if inner != text and isinstance(parse_cron(inner), Cron):
        message = f"{text[0]} and {text[-1]} are no quote marks to YAML, but a part of the text"
        yield Problem("bad-cron", message, node.mark, 'straight ones are "', _example(inner, zone))
    elif isinstance(parsed, Mistake):
        mark = node.part(parsed.start, parsed.end)
        help_text = _example(parsed.better or "0 2 * * *", zone)
        yield Problem("bad-cron", parsed.message, mark, parsed.label, help=help_text)
    elif not parsed.reachable:
        message = "there is no such day, so it would never run"
        yield Problem("unreachable-cron", message, node.mark, help=_example("0 2 28 2 *", zone))
    else:
        if parsed.either_day:
            yield _either_day(node, text, zone)
        if odd := odd_runs(text, zone, now()):
            yield _clock_change(node, parsed, zone, odd)


def _either_day(node: ScalarNode, text: str, zone: str) -> Problem:
    """Cron's oldest trap: Friday the 13th is every Friday and every 13th."""
    dates = ", ".join(f"{run:%a %d %b}" for run in _runs(text, zone, 4))
    return Problem(
        "cron-either-day",
        "with both day fields given, cron runs on days that match either",
        node.mark,
        "a day of the month, or a day of the week",
        notes=(f"next on {dates}",),
        severity="warning",
    )


def _clock_change(node: ScalarNode, cron: Cron, zone: str, odd: tuple[OddRun, ...]) -> Problem:
    """One of each kind is told of: the next time that is skipped, and the next that is doubled."""
    skipped = next((run for run in odd if run.skipped), None)
    doubled = next((run for run in odd if not run.skipped), None)
    told = sorted(filter(None, (skipped, doubled)), key=lambda run: run.runs)
    better = _other_hour(str(node.value), cron, zone)
    return Problem(
        "cron-clock-change",
        f"the clock in {zone} changes when this runs",
        node.mark,
        "daylight saving",
        help=_example(better, zone) if better else None,
        notes=tuple(map(_odd_words, told)),
        severity="warning",
    )


def _odd_words(odd: OddRun) -> str:
    when = f"{odd.wall:%a %d %b %Y}: {odd.wall:%H:%M}"
    if odd.skipped:
        return f"{when} does not come, Dagster runs it at {odd.runs:%H:%M %Z}"
    which = "second" if odd.runs.fold else "first"
    return f"{when} comes twice, Dagster runs it once, the {which} time ({odd.runs:%Z})"


def _other_hour(text: str, cron: Cron, zone: str) -> str | None:
    """The same schedule at the first hour of the day that no change of the clock touches."""
    words = text.split()
    if len(cron.hours) != 1 or len(words) != len(FIELDS):
        return None
    for hour in range(cron.hours[0] + 1, 24):
        other = " ".join([words[0], str(hour), *words[2:]])
        if not odd_runs(other, zone, now()):
            return other
    return None


def _example(cron: str, zone: str) -> str:
    runs = ", ".join(_words(run) for run in _runs(cron, zone, 3))
    known = zone if find_zone(zone) else "UTC"
    return f'for example "{cron}" would run next on {runs} ({known})'


def _words(run: datetime) -> str:
    """Without the year, where it is clear."""
    far = run - now() > timedelta(days=300)
    return f"{run:%a %d %b %Y %H:%M}" if far else f"{run:%a %d %b %H:%M}"


def _runs(cron: str, zone: str, count: int) -> tuple[datetime, ...]:
    return next_runs(cron, zone if find_zone(zone) else "UTC", now(), count)


def now() -> datetime:
    """The time that examples count from."""
    return datetime.now(UTC)


def _timezone(node: ScalarNode) -> Iterator[Problem]:
    name = str(node.value)
    if find_zone(name) is not None:
        return
    near = _ABBREVIATIONS.get(name.lower()) or _nearest_zone(name)
    message = f'"{name}" is no time zone of the IANA database'
    label = f"did you mean {near}?" if near else ""
    help_text = f"write timezone: {near or 'Europe/Warsaw'}"
    yield Problem("bad-timezone", message, node.mark, label, help=help_text)


def _nearest_zone(name: str) -> str | None:
    """By the whole name, else by its last part: "Warsaw" is Europe/Warsaw."""
    from zoneinfo import available_timezones

    from factory.spec.near import nearest

    zones = sorted(available_timezones(), reverse=True)
    by_city = {zone.rsplit("/", 1)[-1].lower(): zone for zone in zones if "/" in zone}
    plain = name.strip().replace(" ", "_")
    city = by_city.get(plain.lower())
    return city or nearest(plain, zones) or by_city.get(nearest(plain, by_city) or "")
