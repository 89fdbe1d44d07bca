"""Counts and schedules as people say them."""

import re

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ABBREVIATIONS = {day[:3].lower(): day for day in _DAYS}
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `1,048,575 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def schedule(cron: str) -> str:
    """A cron text in words where they are shorter than a lesson, else the cron text itself."""
    fields = _ALIASES.get(cron.strip().lower(), cron).split()
    if len(fields) != 5:
        return cron
    minute, hour, day, month, weekday = fields
    if (day, month, weekday) == ("*", "*", "*"):
        return _within_a_day(minute, hour) or cron
    at = _clock(minute, hour)
    if at is None or month != "*":
        return cron
    if day == "*":
        days = _weekdays(weekday)
        return f"{days} at {at}" if days else cron
    return f"day {day} of the month at {at}" if day.isdigit() and weekday == "*" else cron


def _within_a_day(minute: str, hour: str) -> str | None:
    if hour == "*":
        if minute.isdigit():
            return f"hourly at :{int(minute):02}"
        every = re.fullmatch(r"\*/(\d+)", minute)
        if minute == "*" or (every and every[1] == "1"):
            return "every minute"
        return f"every {every[1]} minutes" if every and 60 % int(every[1]) == 0 else None
    every = re.fullmatch(r"\*/(\d+)", hour)
    if every and minute.isdigit() and 24 % int(every[1]) == 0:
        return f"every {every[1]} hours at :{int(minute):02}"
    at = _clock(minute, hour)
    return f"daily at {at}" if at else None


def _clock(minute: str, hour: str) -> str | None:
    if not (minute.isdigit() and re.fullmatch(r"\d+(,\d+)*", hour)):
        return None
    return ", ".join(f"{int(one):02}:{int(minute):02}" for one in hour.split(","))


def _weekdays(field: str) -> str | None:
    if field.upper() in {"1-5", "MON-FRI"}:
        return "Monday to Friday"
    names = [_weekday(part) for part in field.split(",")]
    return ", ".join(dict.fromkeys(name for name in names if name)) if all(names) else None


def _weekday(text: str) -> str | None:
    if re.fullmatch(r"[0-7]", text):
        return _DAYS[int(text)]
    return _ABBREVIATIONS.get(text.lower())
