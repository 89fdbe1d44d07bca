"""How much has come: held against the limit, and told to whoever watches."""

import time
from collections.abc import Callable

from factory.errors import Refused
from factory.ports import Progress

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
                f"{name} is {human_bytes(size)}{self._beside()}, more than limits.max_bytes "
                f"allows ({human_bytes(self._max_bytes)}): nothing of it was fetched",
                hint="raise limits.max_bytes, or choose fewer files with source.files",
            )

    def flow(self, name: str, done: int, total: int | None) -> None:
        """`done` bytes of a file are here."""
        if self._max_bytes is not None and self._whole_files + done > self._max_bytes:
            raise Refused(
                f"{name} was stopped at {human_bytes(done)}{self._beside()}: "
                f"limits.max_bytes is {human_bytes(self._max_bytes)}",
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
        return f" beside {human_bytes(before)} fetched before it" if before else ""


def human_bytes(size: int) -> str:
    """A size as specs write it, in powers of ten: "812 bytes", "5.2 GB"."""
    if size < 1000:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("KB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.95 or unit == "TB":
            break
    return f"{amount:,.1f} {unit}"
