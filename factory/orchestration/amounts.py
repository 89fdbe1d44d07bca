"""Amounts and times in plain words: bytes, rows, seconds, moments."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from factory.spec.units import size_text


def amount(count: float, unit: Literal["bytes", "rows"]) -> str:
    """`5.4 MB`, `1,048,575 rows`, `1 row`."""
    if unit == "bytes":
        return size_text(count)
    return f"{count:,.0f} {unit if count != 1 else unit.removesuffix('s')}"


def duration(seconds: float) -> str:
    """`0.4 s`, `32 s`, `5m 10s`, `36h`: two units at most."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = round(seconds)
    for size, big, part, small in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "m"),
        (60, "m", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size}{big}" + (f" {rest}{small}" if rest else "")
    raise AssertionError(seconds)


def moment(timestamp: float, timezone: str | None = None) -> str:
    """`Mon 23 Nov 02:00 UTC`, of seconds since 1970; in UTC if there is no zone."""
    zone = ZoneInfo(timezone) if timezone else UTC
    return f"{datetime.fromtimestamp(timestamp, zone):%a %d %b %H:%M} {timezone or 'UTC'}"
