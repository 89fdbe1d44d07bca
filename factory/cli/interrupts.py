"""Ctrl-C during a run. Dagster takes the signal and ends the run in good order; while it is in a
call that hears no signal that may last, so a second Ctrl-C ends the process at once. Nothing is
lost by it: a run may die anywhere and is repeated without harm.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_STOPS = {signal.SIGINT, signal.SIGTERM}
_SHOW_CURSOR = "\x1b[?25h"  # progress bars hide it


@dataclass
class Watch:
    """`stopped` is the first signal that asked to stop; None if none did."""

    stopped: signal.Signals | None = None


@contextmanager
def watch_interrupts(say: Callable[[str], None]) -> Iterator[Watch]:
    """Note Ctrl-C and SIGTERM inside the block, whoever handles them; the second one ends all.

    For the main thread only.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = Watch()
    thread = threading.Thread(target=_listen, args=(reader, watch, say), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)
        thread.join()
        os.close(reader)


def _listen(reader: int, watch: Watch, say: Callable[[str], None]) -> None:
    while byte := os.read(reader, 1):
        number = byte[0]
        if number not in _STOPS:
            continue
        if watch.stopped is not None:
            _leave(number)
        watch.stopped = signal.Signals(number)
        say("stopping; Ctrl-C again stops at once")


def _leave(number: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(_SHOW_CURSOR)
        sys.stderr.flush()
    os._exit(128 + number)
