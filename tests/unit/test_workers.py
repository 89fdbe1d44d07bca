"""Threads that work beside the main one, also when that is interrupted anywhere."""

import _thread
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from types import FrameType
from typing import Any

import pytest

from factory.workers import Workers, overlapped

_LONG = 30.0  # seconds; what takes as long hangs


class Stop(BaseException):
    """As Dagster's own for a termination."""


def test_results_come_in_the_order_of_the_items() -> None:
    def work(number: int) -> int:
        time.sleep(0.01 * (number % 3))
        return number * number

    assert list(overlapped(range(20), work, 3, 5)) == [n * n for n in range(20)]


def test_no_more_items_are_drawn_than_may_wait() -> None:
    drawn = []

    def items() -> Any:
        for number in range(10):
            drawn.append(number)
            yield number

    first = next(overlapped(items(), abs, 2, 3))
    assert (first, drawn) == (0, [0, 1, 2])


def test_fewer_items_are_drawn_where_they_are_heavy() -> None:
    drawn = []

    def items() -> Any:
        for size in (1, 1, 9, 9, 1, 1):
            drawn.append(size)
            yield size

    results = overlapped(items(), abs, 2, 4, weight=lambda size: size, heavy=10)
    seen = [(size, len(drawn)) for size in results]
    assert seen == [(1, 3), (1, 4), (9, 4), (9, 6), (1, 6), (1, 6)]


def test_an_item_that_is_too_heavy_by_itself_is_done_before_the_next_is_drawn() -> None:
    drawn = []

    def items() -> Any:
        for size in (1, 20, 1):
            drawn.append(size)
            yield size

    results = overlapped(items(), abs, 2, 4, weight=lambda size: size, heavy=10)
    assert [(size, len(drawn)) for size in results] == [(1, 2), (20, 2), (1, 3)]


def test_what_the_work_raises_rises_where_its_result_is_asked_for() -> None:
    results = overlapped([4, 2, 0, 1], lambda n: 8 // n, 2, 2)
    assert [next(results), next(results)] == [2, 4]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_nobody_has_begun_is_dropped_at_the_end() -> None:
    done: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        go_on.wait(_LONG)
        done.append(1)

    workers = Workers(1)
    workers.begin(first)
    workers.begin(lambda: done.append(2))
    begun.wait(_LONG)
    threading.Timer(0.05, go_on.set).start()
    workers.end()
    assert done == [1]


def test_no_thread_outlives_an_interruption_wherever_it_comes() -> None:
    """As a signal does it: where a function begins, and behind a call into C."""

    def use() -> None:
        for _ in overlapped(range(3), abs, 2, 2):
            pass

    for moment in count():
        before = _thread._count()
        reached = _interrupted(use, moment)
        late = time.monotonic() + _LONG
        while _thread._count() > before and time.monotonic() < late:
            time.sleep(0.001)
        assert _thread._count() <= before, f"threads outlive an interruption at moment {moment}"
        if not reached:
            break
    assert moment > 30


def _interrupted(act: Callable[[], None], moment: int) -> bool:
    """Do it in a thread that is interrupted at the moment of that number; whether it was."""
    moments, reached = count(), []

    def interrupt(_frame: FrameType, event: str, _argument: object) -> None:
        if event in {"call", "c_return"} and next(moments) == moment:
            sys.setprofile(None)
            reached.append(event)
            raise Stop

    def run() -> None:
        with suppress(Stop):
            sys.setprofile(interrupt)
            act()
            sys.setprofile(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_LONG)
    assert not thread.is_alive(), f"it hangs when interrupted at moment {moment}"
    return bool(reached)
