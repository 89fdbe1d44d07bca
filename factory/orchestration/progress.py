"""Progress as log lines: the start and the end of a phase, and a word every ten seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from factory.orchestration.amounts import amount, duration
from factory.ports import Phase

_EVERY = 10.0  # seconds between two lines about the same phase
_ITEMS_IN_FULL = 5  # later items of a phase speak only when the ten seconds are over
_WORDS: dict[Phase, tuple[str, str]] = {
    "fetch": ("fetching", "fetched"),
    "read": ("reading", "read"),
    "land": ("landing", "landed"),
    "stage": ("staging", "staged"),
    "check": ("checking", "checked"),
    "publish": ("publishing", "published"),
}


@dataclass(slots=True)
class _Item:
    started: float
    said: float | None = None  # when its last line was written
    over: bool = False


@dataclass(slots=True)
class ProgressLog:
    """A `Progress` that writes lines with `write`. Thread-safe."""

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _items: dict[tuple[Phase, str], _Item] = field(default_factory=dict)
    _spoken: dict[Phase, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self, phase: Phase, item: str, done: int, total: int | None, unit: Literal["bytes", "rows"]
    ) -> None:
        with self._lock:
            now = self.clock()
            state = self._items.setdefault((phase, item), _Item(now))
            over = total is not None and done >= total
            if state.over or not self._due(phase, state, now, over=over):
                return
            self._spoken[phase] = state.said = now
            state.over = over
            self.write(_line(phase, item, done, total, unit, now - state.started))

    def _due(self, phase: Phase, state: _Item, now: float, *, over: bool) -> bool:
        if now - self._spoken.get(phase, -_EVERY) >= _EVERY:
            return True
        few = sum(1 for key in self._items if key[0] == phase) <= _ITEMS_IN_FULL
        return few and (over or state.said is None)


def _line(
    phase: Phase,
    item: str,
    done: int,
    total: int | None,
    unit: Literal["bytes", "rows"],
    seconds: float,
) -> str:
    doing, did = _WORDS[phase]
    if phase == "check":
        return f"{doing} {item}"
    rate = f", {amount(done / seconds, unit)}/s" if done and seconds >= 1 else ""
    if total is not None and done >= total:
        return f"{did} {item}: {amount(total, unit)} in {duration(seconds)}{rate}"
    if not done:
        return f"{doing} {item}" + (f": {amount(total, unit)}" if total else "")
    share = f" of {amount(total, unit)} ({done / total:.0%})" if total else " so far"
    return f"{doing} {item}: {amount(done, unit)}{share}{rate}"
