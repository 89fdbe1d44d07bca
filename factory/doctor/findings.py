"""What the doctor found: a value for each thing that was looked at, good or bad."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

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
