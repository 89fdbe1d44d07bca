"""Sending a file to Cloud Storage while it is still being written.

Its name is not known before its content is, so the parts go to an object of another name, which
is copied within the service once the file is whole and what arrived is equal to it. Whatever goes
wrong here costs time only: the file is there, and is sent as a whole.
"""

import os
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO

from factory.gcp.calls import TIMEOUT
from factory.workers import Workers

if TYPE_CHECKING:
    from google.cloud.storage import Blob

_PAUSE = 0.1  # seconds between two looks at the file


class Ahead:
    """Sends `path` to `blob` in parts, from when it has more than one. Begins at once.

    `finish` or `give_up` ends it.
    """

    def __init__(self, blob: "Blob", path: Path, part: int) -> None:
        self._blob = blob
        self._path = path
        self._part = part  # bytes, a multiple of 256 KiB
        self._file: BinaryIO | None = None
        self._writer: Any = None  # google's BlobWriter; None: nothing was sent
        self._broken = False
        self._over: SimpleQueue[None] = SimpleQueue()  # something, once nothing more comes
        self._worker = Workers(1)
        self._worker.begin(self._follow)

    def finish(self) -> "Blob | None":
        """The object with the whole file, which is complete now; None if it was not sent."""
        self._end()
        begun = self._writer is not None and not self._broken
        whole = begun and self._guarded(self._send_the_rest)
        if not whole:
            self.give_up()
        self._close()
        return self._blob if whole else None

    def give_up(self) -> None:
        """Leave nothing behind, as far as the service answers."""
        self._end()
        if self._writer is not None:
            self._guarded(self._writer.terminate)
            self._writer = None
        self._close()

    def _end(self) -> None:
        self._over.put(None)
        self._worker.end()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _follow(self) -> None:
        while not self._broken and self._goes_on():
            self._broken = not self._guarded(self._send_whole_parts)

    def _goes_on(self) -> bool:
        """Whether more may be written, after a pause."""
        try:
            self._over.get(timeout=_PAUSE)
        except Empty:
            return True
        return False

    def _guarded(self, act: Callable[[], object]) -> bool:
        """Whether it went well."""
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
        from requests.exceptions import RequestException

        try:
            act()
        except (
            GoogleAPICallError, RetryError, GoogleAuthError, DataCorruption, InvalidResponse,
            RequestException, OSError, ValueError,
        ):  # fmt: skip
            return False
        return True

    def _send_whole_parts(self) -> None:
        if self._file is None:
            if not self._path.exists():
                return
            self._file = self._path.open("rb")
        while self._over.empty() and self._waiting(self._file) > self._part:
            self._write(self._file.read(self._part))

    def _waiting(self, file: BinaryIO) -> int:
        """Bytes that are not sent yet."""
        there = os.fstat(file.fileno())
        if there.st_size < file.tell() or not os.path.samestat(there, self._path.stat()):
            raise OSError("the file was begun anew")
        return there.st_size - file.tell()

    def _write(self, content: bytes) -> None:
        if self._writer is None:
            self._writer = self._blob.open(
                "wb",
                chunk_size=self._part,
                ignore_flush=True,
                content_type="application/octet-stream",
                if_generation_match=0,
                checksum="crc32c",
                timeout=TIMEOUT,
            )
        self._writer.write(content)

    def _send_the_rest(self) -> None:
        if self._file is None:
            raise OSError("nothing was read")
        self._waiting(self._file)
        while content := self._file.read(self._part):
            self._write(content)
        self._writer.close()
        self._blob.reload(timeout=TIMEOUT)
