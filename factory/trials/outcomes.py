"""What a trial found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["passed", "failed", "not tried"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was not as expected. `lines` show it: a small table, or what to do."""

    place: str  # file:line
    message: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went. `remark` says what was tried, or why it was not."""

    pipeline: str
    name: str
    place: str  # file:line
    state: State
    remark: str
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0
    synthetic: bool = False
    rows: int | None = None  # of all tables that were tried
