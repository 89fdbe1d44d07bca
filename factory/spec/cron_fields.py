"""Cron as Dagster runs it: five fields or an alias, read into sets, and its next runs.

Written out here and not left to a library for two reasons: a mistake is shown at the field that
has it, and daylight saving follows Dagster's rules, which those of the cron libraries do not.
Stricter than Dagster only where cron surprises: random fields, steps wider than their field,
`5-5` (every value), `*` in a list, day or month 0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

ALIASES = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_LONGEST = 300  # characters

_WORD = re.compile(r"\S+")
_ITEM = re.compile(
    r"(?P<low>\*|[0-9]{1,4}|[a-z]{3})(-(?P<high>[0-9]{1,4}|[a-z]{3}))?(/(?P<step>[0-9]{1,4}))?"
)
_NTH = re.compile(r"(?P<day>[0-7]|[a-z]{3})#(?P<nth>[1-5])")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_LAST = re.compile(r"l(?P<day>[0-6])")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five: its name, its bounds, and the names that stand for numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, _MONTHS),
    Field("day of the week", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """What a cron text means. Days of the week count from Sunday, 0.

    `nth` holds (day, n) for the n-th such day of a month; n = -1 is the last one.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    last_day: bool
    any_day: bool
    any_weekday: bool
    every_hour: bool

    @property
    def either_day(self) -> bool:
        """Whether both day fields are given: cron then runs on days that match either."""
        return not self.any_day and not self.any_weekday

    @property
    def one_time(self) -> bool:
        """Whether Dagster takes it for daily, weekly or monthly: one time, on plain days."""
        plain_day = self.any_weekday and len(self.days) == 1 and max(self.days) <= 28
        return (
            len(self.hours) == len(self.minutes) == 1
            and len(self.months) == 12
            and not self.nth
            and not self.last_day
            and (self.any_day or plain_day)
        )

    @property
    def reachable(self) -> bool:
        """Whether there is such a day of the month at all: 31 February is none.

        Days of the week do not save it: Dagster then cannot compute the ticks.
        """
        if self.any_day or self.last_day:
            return True
        return any(min(self.days) <= _LONGEST_MONTH.get(month, 31) for month in self.months)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a cron text, and the stretch `start:end` of it that is."""

    message: str
    start: int
    end: int
    label: str = ""
    better: str | None = None  # the whole text, put right


class _Wrong(Exception):
    """A field that cannot be read. `better` is a field in its place."""

    def __init__(self, message: str, better: str | None = None) -> None:
        self.message = message
        self.better = better
        super().__init__(message)


@lru_cache(maxsize=4096)
def parse_cron(text: str) -> Cron | Mistake:
    """The meaning of `text`, or the first mistake in it."""
    lowered = text.lower()
    if lowered.strip().startswith("@"):
        full = ALIASES.get(lowered)
        return _alias_mistake(text) if full is None else parse_cron(full)
    words = list(_WORD.finditer(lowered))
    if len(words) != len(FIELDS) or len(text) > _LONGEST:
        return _count_mistake(text, [word[0] for word in words])
    read = []
    for field, word in zip(FIELDS, words, strict=True):
        try:
            read.append(_read(field, word[0]))
        except _Wrong as wrong:
            return _field_mistake(text, field, word, wrong)
    if read[4].nth and words[2][0] not in {"*", "?"}:
        # Dagster's scheduler takes such a cron and then cannot compute its ticks.
        clash = _Wrong("day of the month must be * where the day of the week has # or L", "*")
        return _field_mistake(text, FIELDS[2], words[2], clash)
    return _cron([word[0] for word in words], read)


@dataclass(frozen=True, slots=True)
class _Values:
    numbers: frozenset[int]
    nth: frozenset[tuple[int, int]] = frozenset()
    last_day: bool = False


def _cron(texts: Sequence[str], read: Sequence[_Values]) -> Cron:
    minutes, hours, days, months, weekdays = read
    return Cron(
        minutes=tuple(sorted(minutes.numbers)),
        hours=tuple(sorted(hours.numbers)),
        days=days.numbers,
        months=months.numbers,
        weekdays=weekdays.numbers,
        nth=weekdays.nth,
        last_day=days.last_day,
        any_day=texts[2] in {"*", "?"} or (len(days.numbers) == 31 and "*" in texts[4]),
        any_weekday=texts[4] in {"*", "?"} or (len(weekdays.numbers) == 7 and "*" in texts[2]),
        every_hour=len(hours.numbers) == 24,
    )


def _read(field: Field, text: str) -> _Values:
    numbers: set[int] = set()
    nth: set[tuple[int, int]] = set()
    last_day = False
    if text == "?" and field in (FIELDS[2], FIELDS[4]):
        text = "*"
    items = text.split(",")
    if "*" in items and len(items) > 1:
        raise _Wrong(f'"{text}" lists * with others, and * is every {field.name}', "*")
    for item in items:
        if field is FIELDS[2] and item == "l":
            last_day = True
        elif field is FIELDS[4] and (special := _special_day(item)) is not None:
            nth.add(special)
        else:
            numbers |= _numbers(field, item)
    if nth and numbers and len(numbers) < 7:
        raise _Wrong("day of the week may not mix plain days and those with # or L")
    return _Values(frozenset(numbers), frozenset(nth), last_day)


def _special_day(item: str) -> tuple[int, int] | None:
    if match := _NTH.fullmatch(item):
        return _number(FIELDS[4], match["day"]) % 7, int(match["nth"])
    if match := _LAST.fullmatch(item):
        return int(match["day"]), -1
    return None


def _numbers(field: Field, item: str) -> set[int]:
    match = _ITEM.fullmatch(item)
    if item.startswith("r"):
        raise _Wrong(f'"{item}" is random, and a schedule should say when it runs', "*")
    if match is None or (match["low"] == "*" and match["high"] is not None):
        raise _Wrong(f'"{item}" is nothing that the {field.name} field knows', "*")
    last = 6 if field is FIELDS[4] else field.high
    step = int(match["step"] or 1)
    if not 1 <= step <= last:
        raise _Wrong(f"a step in the {field.name} field must be 1-{last}, got {step}", "*")
    if match["low"] == "*":
        return set(range(field.low, last + 1, step))
    low = _number(field, match["low"])
    if match["step"] and match["high"] is None and low >= last:
        raise _Wrong(f"{item} starts at the end of the {field.name} field", str(low))
    if match["high"] is None:
        return set(range(low, last + 1, step)) if match["step"] else {low % 7 if last == 6 else low}
    return _range(field, low, _number(field, match["high"]), step)


def _range(field: Field, low: int, high: int, step: int) -> set[int]:
    size = 7 if field is FIELDS[4] else field.high - field.low + 1
    if low == high or (size == 7 and low % 7 == high):
        raise _Wrong(f"{low}-{high} is every {field.name} to cron, not the one", str(low))
    if low < high:
        return {field.low + (number - field.low) % size for number in range(low, high + 1, step)}
    if step > 1:
        raise _Wrong(f"a range that runs over the end, {low}-{high}, takes no step")
    return {*range(low, field.low + size), *range(field.low, high + 1)}


def _number(field: Field, text: str) -> int:
    if text.isdigit():
        number = int(text)
        if field.low <= number <= field.high:
            return number
        size = field.high - field.low + 1
        better = str(field.low + (number - field.low) % size)
        raise _Wrong(f"{field.name} must be {field.low}-{field.high}, got {number}", better)
    if text in field.names:
        return field.names.index(text) + (1 if field is FIELDS[3] else 0)
    raise _Wrong(f'"{text}" is no {field.name}', "*")


def _alias_mistake(text: str) -> Mistake:
    from factory.spec.near import nearest

    near = nearest(text, ALIASES)
    message = f'"{text.strip()}" is no cron; the aliases are {", ".join(ALIASES)}'
    return Mistake(message, 0, len(text), "no such alias", better=near or "@daily")


def _count_mistake(text: str, words: Sequence[str]) -> Mistake:
    message = f"cron has five fields, got {len(words)}"
    better = "0 2 * * *"
    if len(words) == 6 and isinstance(parse_cron(" ".join(words[1:])), Cron):
        better = " ".join(words[1:])
        message += ": there is none for seconds"
    elif len(words) == 1 and f"@{words[0]}" in ALIASES:
        better = f"@{words[0]}"
    elif len(words) == 1 and (clock := _CLOCK.fullmatch(words[0])):
        better = f"{int(clock[2])} {int(clock[1])} * * *"
    label = "minute, hour, day of the month, month, day of the week"
    return Mistake(message, 0, len(text), label, better)


def _field_mistake(text: str, field: Field, word: re.Match[str], wrong: _Wrong) -> Mistake:
    better = None
    if wrong.better is not None:
        candidate = f"{text[: word.start()]}{wrong.better}{text[word.end() :]}"
        better = candidate if _is_good(text, word, candidate) else None
    label = f"this is the {field.name} field"
    return Mistake(wrong.message, word.start(), word.end(), label, better)


def _is_good(text: str, word: re.Match[str], candidate: str) -> bool:
    """Only a text that is itself right is offered; a second mistake leaves none to offer."""
    return (
        candidate != text and word.start() < len(text) and isinstance(parse_cron(candidate), Cron)
    )
