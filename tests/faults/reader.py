"""Somebody's dashboard: looks at the table all the time, and must see whole versions only."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from factory.errors import FactoryError, Retryable
from tests.faults.world import Row, World

_SHORTEST = {"local": 0.1, "gcp": 0.4}  # seconds between two looks
_REST = 3  # times as long as a look, so that looking is not what the machine does all the time


class Reader:
    """`found` says, at the end, what it saw that no version has."""

    def __init__(self, world: World, allowed: list[list[Row]]) -> None:
        self.found: list[str] = []
        self.looks = 0
        self._world, self._allowed = world, allowed
        self._end = Event()
        self._seen: list[list[Row]] = []
        self._thread = Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and judge: versions may have been allowed meanwhile."""
        self._end.set()
        self._thread.join()
        odd = [rows for rows in self._seen if rows not in self._allowed]
        if odd:
            self.found.append(f"a reader saw {len(odd[0])} rows that no version has")

    def _watch(self) -> None:
        pause = shortest = _SHORTEST[self._world.target]
        while not self._end.wait(pause):
            began = time.monotonic()
            self._look()
            pause = max(shortest, (time.monotonic() - began) * _REST)

    def _look(self) -> None:
        try:
            rows = self._world.rows()
        except Retryable:
            return  # the file is in use: look again
        except FactoryError as exc:
            self.found.append(f"a reader got no rows: {exc}")
            return
        self.looks += 1
        if not self._seen or rows != self._seen[-1]:
            self._seen.append(rows)


@contextmanager
def reading(world: World, allowed: list[list[Row]]) -> Iterator[Reader]:
    """A reader that looks while the block runs; `allowed` may grow."""
    reader = Reader(world, allowed)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()
