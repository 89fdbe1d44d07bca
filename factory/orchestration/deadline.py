"""A step's share of the pipeline's timeout, kept inside the process that runs the step.

First the step is told: an exception rises in it wherever it is, so that it cleans up and says why.
What does not listen, a call into C or a thread that nobody can wake, is ended with its process
after a time of grace. Run monitoring has the last word from outside; it needs the daemon, and says
nothing of the spec.
"""

import ctypes
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from factory.errors import TimedOut
from factory.orchestration.amounts import duration

GRACE = 30.0  # seconds from the exception to the end of the process


@contextmanager
def deadline(timeout: float | None, spent: float, give_up: Callable[[str], None]) -> Iterator[None]:
    """Raise TimedOut inside once `timeout` seconds of the run are over; `spent` are gone.

    If the block is not left within GRACE, or threads of it live on, the process ends; `give_up` is
    told why before, in another thread.
    """
    if timeout is None:
        yield
        return
    left = max(timeout - spent, 0.001)
    message = f"the run took longer than its timeout of {duration(timeout)}"
    tell = _tell_main_thread if _is_main_thread() else _tell_this_thread
    with _ended_after(left + GRACE, message, give_up), tell(left, message):
        yield


def _is_main_thread() -> bool:
    """Whether a signal reaches this thread."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGALRM")


@contextmanager
def _tell_main_thread(left: float, message: str) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _late(message)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, left)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _tell_this_thread(left: float, message: str) -> Iterator[None]:
    """By an exception that Python raises in another thread at its next instruction."""
    thread, telling, left_block = threading.get_ident(), threading.Lock(), threading.Event()

    class Late(TimedOut):
        """Python makes it, without arguments."""

        def __init__(self) -> None:
            super().__init__(message, hint=_late(message).hint)

    def tell() -> None:
        with telling:
            if not left_block.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(Late)
                )

    timer = threading.Timer(left, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        # Not by taking the exception back: CPython 3.11 then looks for one for ever.
        with telling:
            left_block.set()
        timer.cancel()


@contextmanager
def _ended_after(seconds: float, message: str, give_up: Callable[[str], None]) -> Iterator[None]:
    """The process ends after that time, unless the block is left before and leaves no thread."""
    before, done = set(threading.enumerate()), threading.Event()

    def watch() -> None:
        if not done.wait(seconds):
            try:
                give_up(f"{message}, and did not stop when told, so its process was ended")
            finally:
                os._exit(1)

    threading.Thread(target=watch, daemon=True, name="timeout").start()
    # Needs no thread of Python: for a call that never lets another one run. Says where it hangs.
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=sys.__stderr__ or 2)
    stuck = False
    try:
        yield
    except TimedOut:
        stuck = any(not t.daemon for t in set(threading.enumerate()) - before)
        raise
    finally:
        if not stuck:  # else Python waits for those threads before it leaves
            done.set()
            faulthandler.cancel_dump_traceback_later()


def _late(message: str) -> TimedOut:
    return TimedOut(message, hint="raise timeout in the spec if the dataset has grown")
