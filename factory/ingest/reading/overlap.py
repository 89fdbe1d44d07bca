"""Work on items in threads, the results in order and few of them waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def overlapped(
    items: Iterable[_T], work: Callable[[_T], _R], threads: int, waiting: int
) -> Iterator[_R]:
    """`work` of each item, in order, at most `waiting` ahead; items are drawn in this thread."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="rows")
    queue: deque[Future[_R]] = deque()
    try:
        for item in items:
            queue.append(pool.submit(work, item))
            if len(queue) >= waiting:
                yield queue.popleft().result()
        while queue:
            yield queue.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
