"""A step of a run as it is shown: one phase of one item, in words and amounts."""

from dataclasses import dataclass
from typing import Literal

from factory.cli.terminal import plain
from factory.cli.words import count
from factory.orchestration.amounts import amount
from factory.ports import Phase

Unit = Literal["bytes", "rows"]
_VERBS = {
    "fetch": "fetching",
    "read": "reading",
    "land": "landing",
    "stage": "staging",
    "check": "checking",
    "publish": "publishing",
}


@dataclass
class Step:
    """One phase of one item, as far as it was told. Times are seconds of a monotonic clock."""

    phase: Phase
    item: str
    unit: Unit
    began: float
    now: float
    done: int = 0
    total: int | None = None

    @property
    def title(self) -> str:
        """`fetching Covid Data.csv`"""
        name = self.item.rpartition("/")[2] if self.phase == "land" else self.item
        return f"{_VERBS[self.phase]} {plain(name)}"

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return self.now - self.began

    @property
    def rate(self) -> float | None:
        """Units a second; None while that would be a guess."""
        return self.done / self.elapsed if self.done and self.elapsed > 0.05 else None


def done(step: Step) -> str:
    """`12.3 MB of 56.5 MB`, `1,048,575 rows`, `27 checks`."""
    if step.phase == "check":
        return count(step.total or step.done, "check")
    text = amount(step.done, step.unit)
    known = step.total is not None and step.total != step.done
    return f"{text} of {amount(step.total or 0, step.unit)}" if known else text


def pace(step: Step) -> str:
    """`5.1 MB/s`, `512,000 rows/s`; empty while unknown."""
    return f"{amount(step.rate, step.unit)}/s" if step.rate is not None else ""
