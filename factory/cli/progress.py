"""How far a run has come: bars on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TextIO

from factory.cli.step import Step, Unit, done, pace
from factory.cli.terminal import plain, write_lines
from factory.orchestration.amounts import duration
from factory.ports import Phase


@contextmanager
def show_progress(stream: TextIO) -> Iterator["Listener"]:
    """A listener that shows on `stream` what it is told, until the block ends."""
    if stream.isatty():
        from factory.cli.bars import Bars

        with Bars(stream) as bars:
            yield from _listen(bars)
    else:
        yield from _listen(Lines(stream))


class Display(Protocol):
    """Draws steps. `interval` is the shortest time in seconds between two updates of a step."""

    interval: float

    def update(self, step: Step) -> None: ...

    def finish(self, step: Step) -> None: ...

    def say(self, text: str) -> None: ...


@dataclass
class Listener:
    """Follows the steps of a run and keeps the display from being told too often."""

    display: Display
    clock: Callable[[], float] = time.monotonic
    _step: Step | None = None
    _told: float = 0.0

    def __call__(self, phase: Phase, item: str, done: int, total: int | None, unit: Unit) -> None:
        now = self.clock()
        step = self._step
        if step is None or (step.phase, step.item) != (phase, item):
            self._finish(now)  # what came after its last word was its work too
            step = self._step = Step(phase, item, unit, began=now, now=now)
            self._told = now
        step.done, step.total, step.unit, step.now = done, total, unit, now
        if now - self._told >= self.display.interval:
            self._told = now
            self.display.update(step)

    def say(self, text: str) -> None:
        """A sentence between two steps: why the run waits."""
        self.end()
        self.display.say(plain(text))

    def end(self) -> None:
        """The last step is over: with its last word if that was all of it, else now."""
        step = self._step
        if step is not None:
            self._finish(step.now if step.done == step.total else self.clock())

    def _finish(self, now: float) -> None:
        if self._step is not None:
            self._step.now = now
            self.display.finish(self._step)
        self._step = None


@dataclass
class Lines:
    """A line when a step ends, and every ten seconds while it lasts. No control characters."""

    stream: TextIO
    interval: float = 10.0

    def update(self, step: Step) -> None:
        self._write(f"{step.title}: {done(step)} after {duration(step.elapsed)}", step)

    def finish(self, step: Step) -> None:
        self._write(f"{step.title}: {done(step)} in {duration(step.elapsed)}", step)

    def say(self, text: str) -> None:
        write_lines(self.stream, [text])

    def _write(self, text: str, step: Step) -> None:
        self.say(f"{text}{f', {pace(step)}' if step.rate else ''}")


def _listen(display: Display) -> Iterator["Listener"]:
    listener = Listener(display)
    try:
        yield listener
    finally:
        listener.end()
