"""How much has come: held against the limit, and told to whoever watches."""

import time
from collections.abc import Callable

from factory.errors import Refused
from factory.ports import Progress
from factory.spec.units import size_text

_INTERVAL = 0.1  # seconds between two reports on one file


class Meter:
    """Counts the bytes of one fetch over all its files.

    Raises Refused, with sizes, as soon as it is known that `max_bytes` will be passed.
    """

    def __init__(
        self,
        max_bytes: int | None,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes = max_bytes
        self._progress = progress
        self._clock = clock
        self._reported = float("-inf")
        self._whole_files = 0

    def admit(self, name: str, size: int) -> None:
        """Before the first byte: may a file of `size` bytes come, after those that have?"""
        if self._max_bytes is not None and self._whole_files + size > self._max_bytes:
            raise Refused(
                f"{name} is {size_text(size)}{self._beside()}, more than limits.max_bytes "
                f"allows ({size_text(self._max_bytes)}): nothing of it was fetched",
                hint="raise limits.max_bytes, or choose fewer files with source.files",
            )

    def flow(self, name: str, done: int, total: int | None) -> None:
        """`done` bytes of a file are here."""
        if self._max_bytes is not None and self._whole_files + done > self._max_bytes:
            raise Refused(
                f"{name} was stopped at {size_text(done)}{self._beside()}: "
                f"limits.max_bytes is {size_text(self._max_bytes)}",
                hint="raise limits.max_bytes, or choose fewer files with source.files",
            )
        now = self._clock()
        if now - self._reported >= _INTERVAL:
            self._reported = now
            self._progress("fetch", name, done, total, "bytes")

    def whole(self, name: str, size: int) -> None:
        """A file is complete and verified."""
        self._whole_files += size
        self._progress("fetch", name, size, size, "bytes")

    def _beside(self) -> str:
        before = self._whole_files
        return f" beside {size_text(before)} fetched before it" if before else ""
