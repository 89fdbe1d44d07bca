"""What a server says about the bytes it sends, held against what arrived."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Protocol


class Hasher(Protocol):
    """Takes bytes, gives a digest: hashlib's, and crc32c's."""

    def update(self, chunk: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


def announced(headers: Mapping[str, str]) -> tuple[str, bytes] | None:
    """The algorithm and digest that the headers give for the whole object, if they do.

    Cloud Storage gives crc32c always and md5 mostly; others Content-MD5, which counts only in an
    answer that carries the whole. What was unpacked on the way no longer has its digest.
    """
    stored = headers.get("x-goog-stored-content-encoding", "identity")
    if stored != "identity" and "Content-Encoding" not in headers:
        return None
    offers = dict(
        part.strip().split("=", 1)
        for part in headers.get("x-goog-hash", "").split(",")
        if "=" in part
    )
    if "Content-MD5" in headers and "Content-Range" not in headers:
        offers.setdefault("md5", headers["Content-MD5"])
    for algorithm, length in (("crc32c", 4), ("md5", 16)):
        digest = _decode(offers.get(algorithm, ""))
        if len(digest) == length:
            return algorithm, digest
    return None


def hasher(algorithm: str) -> Hasher:
    """A fresh hasher: crc32c, md5 or sha256."""
    if algorithm == "crc32c":
        import google_crc32c

        crc: Hasher = google_crc32c.Checksum()
        return crc
    return hashlib.new(algorithm, usedforsecurity=False)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
