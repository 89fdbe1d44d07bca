"""What the doctor found: a value for each thing that was looked at, good or bad."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from factory.errors import FactoryError, Retryable

Level = Literal["ok", "warning", "error"]
Repair = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `level` error: runs will fail. `fix` is a command or what else to do. `repair`, where there is
    one, does it and says what it has done; it raises FactoryError if it cannot. `seconds` is how
    long somebody else took to answer.
    """

    level: Level
    area: str
    subject: str
    said: str
    fix: str | None = None
    seconds: float | None = None
    repair: Repair | None = field(default=None, compare=False, repr=False)


def unanswered(area: str, subject: str, error: FactoryError) -> Finding:
    """A question that ended in an error."""
    again = "wait a minute, then run this again" if isinstance(error, Retryable) else None
    fix = error.hint or again or "look at the message; factory plan asks the same"
    return Finding("error", area, subject, error.message, fix)
