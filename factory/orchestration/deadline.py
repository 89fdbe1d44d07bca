"""A step's share of the pipeline's timeout, kept inside the process that runs the step.

Run monitoring ends a run from outside after `dagster/max_runtime`; that needs the daemon, and
says nothing of the spec. This alarm says it in words, also in `factory run`.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from factory.errors import Permanent
from factory.orchestration.amounts import duration


@contextmanager
def deadline(timeout: float | None, spent: float) -> Iterator[None]:
    """Raise Permanent inside once `timeout` seconds of the run are over; `spent` are gone.

    Signals reach the main thread only: elsewhere, and where there is no SIGALRM, nothing
    happens and run monitoring has the last word.
    """
    usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGALRM")
    if timeout is None or not usable:
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Permanent(
            f"the run took longer than its timeout of {duration(timeout)}",
            hint="raise timeout in the spec if the dataset has grown",
        )

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(timeout - spent, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
