"""Threads that work beside the main one, and end whatever interrupts it.

A stop and a timeout are exceptions that rise in the main thread in the middle of anything: behind
the wait for a lock, too, before Python knows that it holds the lock. So whoever is interrupted in
a method of an `Event`, a `Future` or a `Thread` may leave its lock taken for ever, and the other
side waits for ever. A `SimpleQueue` has no such moment: threads speak by nothing else here.
"""

from _thread import start_new_thread
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar
from weakref import ref

_LOOK: Final = 0.1  # seconds between two looks of an idle thread

_T = TypeVar("_T")
_R = TypeVar("_R")


def overlapped(
    items: Iterable[_T],
    work: Callable[[_T], _R],
    threads: int,
    waiting: int,
    weight: Callable[[_T], int] | None = None,
    heavy: int = 0,
) -> Iterator[_R]:
    """`work` of each item, in order, at most `waiting` ahead; items are drawn in this thread.

    With `weight`, fewer are ahead where they weigh more than `heavy` together: none if one does.
    """
    workers = Workers(threads)
    ahead: deque[tuple[Outcome[_R], int]] = deque()
    total = 0
    try:
        for item in items:
            weighs = weight(item) if weight else 0
            ahead.append((workers.begin(partial(work, item)), weighs))
            total += weighs
            del item
            while len(ahead) >= waiting or (weight and total > heavy):
                outcome, weighs = ahead.popleft()
                total -= weighs
                yield outcome.get()
        while ahead:
            yield ahead.popleft()[0].get()
    finally:
        workers.end()


class Outcome(Generic[_R]):
    """What a piece of work gives, as soon as it is done."""

    def __init__(self, work: Callable[[], _R]) -> None:
        self._work: Callable[[], _R] | None = work
        self._given: SimpleQueue[tuple[_R | None, BaseException | None]] = SimpleQueue()

    def get(self) -> _R:
        """Wait for it, once. Raises what the work raised."""
        value, error = self._given.get()
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # None only if that is its type

    def run(self) -> None:
        """Do the work: for the thread that has taken it."""
        work, self._work = self._work, None
        assert work is not None  # noqa: S101 - it is run once
        try:
            self._given.put((work(), None))
        except BaseException as exc:
            self._given.put((None, exc))


class Workers:
    """`threads` that do what they are given, in its order. `end` must be called.

    The threads end by themselves, too, when nobody has a hold of this any more. They look, for a
    method that is called then would swallow the stop that comes while it runs.
    """

    def __init__(self, threads: int) -> None:
        self._waiting: SimpleQueue[Outcome[object] | None] = SimpleQueue()
        self._gone: SimpleQueue[None] = SimpleQueue()
        self._threads = 0
        for _ in range(threads):
            start_new_thread(_serve, (ref(self), self._waiting, self._gone))
            self._threads += 1

    def begin(self, work: Callable[[], _R]) -> Outcome[_R]:
        """Have `work` done when a thread is free."""
        outcome = Outcome(work)
        self._waiting.put(outcome)  # type: ignore[arg-type]  # whatever it gives
        return outcome

    def end(self) -> None:
        """Drop what nobody has begun, and wait for the rest."""
        try:
            while True:
                self._waiting.get_nowait()
        except Empty:
            self._waiting.put(None)
        while self._threads:
            self._gone.get()
            self._threads -= 1


def _serve(
    owner: "ref[Workers]",
    waiting: "SimpleQueue[Outcome[object] | None]",
    gone: "SimpleQueue[None]",
) -> None:
    while owner() is not None:
        try:
            outcome = waiting.get(timeout=_LOOK)
        except Empty:
            continue
        if outcome is None:
            break
        outcome.run()
        del outcome  # its value may be large
    waiting.put(None)  # for the next one
    gone.put(None)
