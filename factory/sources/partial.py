"""A file that is still arriving: its bytes, and a note from which another process goes on."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from factory.sources.checksums import Hasher, hasher

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Object:
    """What the server says it is sending. `etag` is a strong one or None; `size` is in bytes."""

    etag: str | None = None
    size: int | None = None
    checksum: tuple[str, bytes] | None = None  # algorithm and digest of the whole


class PartialFile:
    """`<target>.part` and its note `<target>.part.json`.

    `identity` names what is being fetched; bytes of anything else are thrown away. Digests run
    along with the bytes and are made up once, from the disk, for what an earlier process left.
    """

    def __init__(self, target: Path, identity: str) -> None:
        self.object = Object()
        self.size = 0
        self._target = target
        self._identity = identity
        self._part = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self._hashers: dict[str, Hasher] = {}
        self._adopt()

    @property
    def can_continue(self) -> bool:
        """Whether there are bytes, and a strong ETag that says of which object."""
        return self.size > 0 and self.object.etag is not None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._target.parent

    @property
    def missing(self) -> int | None:
        """Bytes that are still to come; None if it is not known how many."""
        return None if self.object.size is None else self.object.size - self.size

    @property
    def complete(self) -> bool:
        """Whether as many bytes are here as were announced."""
        return self.object.size is not None and self.size == self.object.size

    def restart(self, announced: Object) -> None:
        """Throw the bytes away and begin with those of `announced`."""
        self._part.write_bytes(b"")
        self._begin(announced)
        algorithm, digest = announced.checksum or ("", b"")
        note = {
            "identity": self._identity,
            "etag": announced.etag,
            "size": announced.size,
            "checksum": [algorithm, digest.hex()],
        }
        self._note.write_text(json.dumps(note))

    def append(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        with self._part.open("ab") as file:
            file.write(chunk)
        self._count(chunk)

    def damage(self) -> str | None:
        """What is wrong with the complete file, in words; None if nothing is."""
        expected = self.object.size
        if expected is not None and self.size != expected:
            return f"{self.size:,} bytes came, {expected:,} were announced"
        if self.object.checksum is None:
            return None
        algorithm, digest = self.object.checksum
        if self._hashers[algorithm].digest() != digest:
            return f"its {algorithm} is not the one announced"
        return None

    def finish(self) -> str:
        """Put the file in its place, in one step. Gives its sha256 in hex."""
        self._part.replace(self._target)
        self._note.unlink(missing_ok=True)
        return self._hashers["sha256"].digest().hex()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.object, self.size = Object(), 0

    def _adopt(self) -> None:
        left = self._read_note()
        if left is None or not self._part.exists():
            self.discard()
            return
        self._begin(left)
        with self._part.open("rb") as file:
            while block := file.read(_BLOCK):
                self._count(block)

    def _read_note(self) -> Object | None:
        try:
            note = json.loads(self._note.read_text())
            if note["identity"] != self._identity:
                return None
            algorithm, digest = note["checksum"]
            checksum = (str(algorithm), bytes.fromhex(digest)) if algorithm else None
            return Object(note["etag"], note["size"], checksum)
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None

    def _begin(self, announced: Object) -> None:
        self.object, self.size = announced, 0
        self._hashers = {"sha256": hashlib.sha256()}
        if announced.checksum is not None:
            algorithm = announced.checksum[0]
            self._hashers[algorithm] = hasher(algorithm)

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        for running in self._hashers.values():
            running.update(chunk)
