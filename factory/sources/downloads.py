"""A download that survives: resets, stalls, truncation, damage, expired addresses.

The bytes of an error answer never touch the file. What has arrived is kept and continued from,
with the server's word (If-Range, Content-Range, ETag) that it is still the same object, and the
whole is held against the announced size and checksum before it is put in its place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from factory.disks import no_room, require_room
from factory.errors import Changed, FactoryError, Permanent, Retryable
from factory.sources.checksums import announced
from factory.sources.meter import Meter
from factory.sources.partial import Object, PartialFile
from factory.sources.transport import Call, Transport, network_error, scrub

if TYPE_CHECKING:
    import requests

_CHUNK = 1 << 16
_ADVANCE = 1 << 16  # so many new bytes are progress: the count of failures begins anew
_MOST_DAMAGED = 3
_MOST_RENEWALS = 2
_REFUSALS = frozenset({400, 401, 403, 404, 410})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Order:
    """What to download. Bytes of equal `identity` are equal, whatever address they come from."""

    name: str  # of the file, for people
    what: str  # the other side, for people
    identity: str
    address: Callable[[], str]  # asked for again when it has expired
    refused: Callable[[int], FactoryError]  # what a final status means
    auth: "requests.auth.AuthBase | None" = None
    renewable: bool = False
    check: Callable[[Mapping[str, str]], None] | None = None  # of the headers; raises Changed


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole and verified file, with the headers that it came with."""

    path: Path
    size: int
    sha256: str
    headers: Mapping[str, str]


def download(order: Order, target: Path, transport: Transport, meter: Meter) -> Arrived:
    """Bring the file to `target`, continuing from what an earlier attempt left beside it.

    Raises Retryable when attempts without progress are used up, Changed when the source moved
    on, Permanent when it refuses, Refused when a limit is passed. `target` exists only when whole.
    """
    part = PartialFile(target, order.identity)
    try:
        return _Attempts(order, part, transport, meter).run(target)
    except OSError as exc:  # of the disk: the network's were translated where they arose
        full = no_room(f"keep {order.name}", exc, target.parent, part.missing)
        if full is not None:
            raise full from exc
        said = (exc.strerror or str(exc)).lower()
        raise Permanent(f"cannot keep {order.name} in {target.parent}: {said}") from exc


@dataclass(slots=True)
class _Attempts:
    order: Order
    part: PartialFile
    transport: Transport
    meter: Meter
    url: str | None = None
    best: int = 0
    damaged: int = 0
    renewals: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def run(self, target: Path) -> Arrived:
        failures = 0
        if self.part.complete:
            self.part.discard()  # its last attempt died before it could be judged
        while True:
            url = self.url = self.url or self.order.address()  # it has retries of its own
            try:
                self._attempt(url)
            except Changed:
                self.part.discard()
                raise
            except Retryable as error:
                failures = 1 if self._advanced() else failures + 1
                if self.damaged >= _MOST_DAMAGED:
                    raise
                self.transport.policy.wait(failures, error)
            else:
                size = self.part.size
                self.meter.whole(self.order.name, size)
                return Arrived(target, size, self.part.finish(), self.headers)

    def _attempt(self, url: str) -> None:
        with closing(self.transport.send_once(self._call(url))) as response:
            self._accept(response)
            self.headers = response.headers
            for chunk in self._chunks(response):
                self.part.append(chunk)
                self.meter.flow(self.order.name, self.part.size, self.part.object.size)
        self._judge()

    def _call(self, url: str) -> Call:
        headers = {"Accept-Encoding": "identity"}
        if self.part.can_continue:
            headers["Range"] = f"bytes={self.part.size}-"
            headers["If-Range"] = str(self.part.object.etag)
        order = self.order
        return Call("GET", url, order.what, headers=headers, auth=order.auth, stream=True)

    def _accept(self, response: "requests.Response") -> None:
        """Decide what the answer's bytes are, before any is read."""
        status, what = response.status_code, self.order.what
        if status in _REFUSALS:
            self._refused(status)
        if status == 416:
            self.part.discard()
            raise Retryable(f"{what} cannot go on from where {self.order.name} broke off")
        if status not in {200, 206}:
            raise Permanent(f"{what} answered {status} in place of {self.order.name}")
        if self.order.check is not None:
            self.order.check(response.headers)
        if status == 206:
            self._continue(response)
        else:
            self._restart(response)

    def _refused(self, status: int) -> None:
        """An address that may have expired is asked for anew, a few times; the bytes stay."""
        if not self.order.renewable or self.renewals >= _MOST_RENEWALS:
            raise self.order.refused(status)
        self.renewals += 1
        self.url = None
        raise Retryable(f"{self.order.what} answered {status}: the address may have expired")

    def _continue(self, response: "requests.Response") -> None:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        known = self.part.object
        same_tag = strong_etag(response.headers) in {known.etag, None}
        asked = self.part.can_continue
        begins = asked and found is not None and int(found[1]) == self.part.size
        same_size = found is not None and found[2] in {"*", str(known.size)}
        if not (same_tag and begins and (same_size or known.size is None)):
            self.part.discard()
            raise Retryable(f"{self.order.what} went on with other bytes of {self.order.name}")

    def _restart(self, response: "requests.Response") -> None:
        length = response.headers.get("Content-Length", "")
        size = int(length) if length.isdecimal() else None
        if size is not None:
            self.meter.admit(self.order.name, size)
            require_room(f"keep {self.order.name}", self.part.folder, size - self.part.size)
        headers = response.headers
        self.part.restart(Object(strong_etag(headers), size, announced(headers)))

    def _chunks(self, response: "requests.Response") -> Iterator[bytes]:
        """The bytes as they were sent: nothing is unpacked on the way."""
        import urllib3

        try:
            yield from response.raw.stream(_CHUNK, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            said = network_error(self.order.what, exc).message
            where = f"{self.part.size:,} bytes into {self.order.name}"
            raise Retryable(f"{said}, {where}") from scrub(exc)

    def _judge(self) -> None:
        """Keep a short file to go on from; throw a damaged one away."""
        size = self.part.object.size
        if size is not None and self.part.size < size:
            raise Retryable(
                f"{self.order.name} broke off after {self.part.size:,} of {size:,} bytes"
            )
        damage = self.part.damage()
        if damage is not None:
            self.damaged += 1
            self.part.discard()
            raise Retryable(f"{self.order.name} arrived damaged: {damage}")

    def _advanced(self) -> bool:
        """Whether this attempt got further than all before it."""
        if self.part.size < self.best + _ADVANCE:
            return False
        self.best, self.renewals = self.part.size, 0
        return True


def strong_etag(headers: Mapping[str, str]) -> str | None:
    """The ETag, if equal ones promise equal bytes."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else None
