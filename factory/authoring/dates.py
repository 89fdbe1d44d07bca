"""The ways in which people write dates, in strptime's letters."""

from collections.abc import Sequence
from typing import Final

from factory.ports import ColumnType

# The order is that of choice where two say the same; day and month first clash and are told.
_DAYS: Final = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y",
    "%Y.%m.%d", "%Y-%m-%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y",
    "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%Y-%b-%d", "%A, %B %d, %Y", "%a %b %d %Y",
)  # fmt: skip
_HOURS: Final = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
DATE_FORMATS: Final[dict[ColumnType, tuple[str, ...]]] = {
    "DATE": _DAYS,
    "DATETIME": (
        *(f"{day} {hour}" for day in _DAYS for hour in _HOURS),
        "%a %b %d %H:%M:%S %Y",
    ),
}


def may_be_date(text: str) -> bool:
    """Whether it is worth trying all the forms on a text like this."""
    return 6 <= len(text) <= 40 and any(char.isdigit() for char in text)


def is_ambiguous(formats: Sequence[str]) -> bool:
    """Whether two of the formats that fit every row would give it different days."""
    orders = {_order(pattern) for pattern in formats}
    return len(orders) > 1


def _order(pattern: str) -> tuple[str, ...]:
    """Which of day, month and year comes when; `%b` names its month for certain."""
    letters = [letter for letter in pattern.replace("%B", "%b") if letter in "dmbyY"]
    return tuple("m" if letter == "b" else letter.lower() for letter in letters)
