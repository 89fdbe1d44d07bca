"""A file at an http or https address, versioned by what its server says, else by its bytes."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from factory.errors import Changed, Permanent
from factory.ports import FetchedFile, FetchRequest, SourceVersion
from factory.sources.choosing import fits, is_archive, nothing_fits, true_name
from factory.sources.downloads import Arrived, Order, download
from factory.sources.http_address import (
    Address,
    file_name,
    page_link,
    resolve_address,
    shown_address,
)
from factory.sources.http_version import (
    content_id,
    content_version,
    header_ids,
    header_version,
    whole_size,
)
from factory.sources.meter import Meter
from factory.sources.transport import Call, Transport

if TYPE_CHECKING:
    import requests

_CONTENT = "sha256-"
_HEAD = 512  # bytes


class NoCheapVersion(Permanent):
    """The version is known only from all the bytes, and nobody wanted to wait for them."""


class HttpSource:
    """The file at `url_raw`, whose `${VAR}` are resolved by `resolve` only when it is asked.

    Without ETag and Last-Modified the version can be known only from the bytes: then `version`
    downloads them (at most `max_bytes`) and `fetch` delivers what is there already.
    """

    def __init__(
        self,
        url_raw: str,
        resolve: Callable[[str], str],
        *,
        max_bytes: int | None = None,
        transport: Transport | None = None,
        headers_only: bool = False,
    ) -> None:
        self._raw = url_raw
        self._resolve = resolve
        self._max_bytes = max_bytes
        self._transport = transport or Transport()
        self._headers_only = headers_only
        self._shown = shown_address(url_raw)
        self._label = self._shown.partition("?")[0].rpartition("/")[2] or self._shown
        self._held: Arrived | None = None

    def version(self) -> SourceVersion:
        address = resolve_address(self._raw, self._resolve)
        page = page_link(self._raw)
        named = header_version(self._probe(address), page)
        if named is not None:
            return named
        if self._headers_only:
            raise NoCheapVersion(f"{self._shown} tells its version only by its bytes")
        meter = Meter(self._max_bytes, _nobody)
        self._held = self._download(address, None, self._folder / "download", meter)
        return content_version(self._held.sha256, page)

    def fetch(self, version: SourceVersion, request: FetchRequest) -> Sequence[FetchedFile]:
        address = resolve_address(self._raw, self._resolve)
        meter = Meter(request.max_bytes, request.progress)
        target = request.into / "download"
        arrived = self._take_held(version, target, meter)
        if arrived is None:
            arrived = self._download(address, version, target, meter)
        if version.id.startswith(_CONTENT) and content_id(arrived.sha256) != version.id:
            raise self._changed()
        name = self._name(address, arrived)
        if request.patterns and not fits(name, request.patterns) and not is_archive(name):
            raise nothing_fits(request.patterns[0], [name], self._shown)
        return [FetchedFile(name, arrived.path, arrived.size, arrived.sha256)]

    def listing(self, _version: SourceVersion) -> Mapping[str, int]:
        """The file's name and its size in bytes; empty where the server does not tell it."""
        size = whole_size(self._probe(resolve_address(self._raw, self._resolve)))
        return {} if size is None else {self._label: size}

    @cached_property
    def _folder(self) -> Path:
        """A private folder that goes with this object."""
        folder = tempfile.mkdtemp(prefix="factory-http-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _probe(self, address: Address) -> Mapping[str, str]:
        """The headers of the file: by HEAD, or where that is not answered, by its first byte."""
        response = self._ask("HEAD", address, {})
        if response.status_code >= 400:
            response = self._ask("GET", address, {"Range": "bytes=0-0"})
        if response.status_code >= 400 and response.status_code != 416:  # 416: it is empty
            raise self._refused(response.status_code)
        return response.headers

    def _ask(
        self, method: str, address: Address, headers: Mapping[str, str]
    ) -> "requests.Response":
        call = Call(
            method,
            address.url,
            self._shown,
            headers={"Accept-Encoding": "identity", **headers},
            auth=address.auth,
            stream=method == "GET",
        )
        response = self._transport.send(call)
        response.close()  # a body, if any, is not read
        return response

    def _download(
        self, address: Address, version: SourceVersion | None, target: Path, meter: Meter
    ) -> Arrived:
        order = Order(
            name=self._label,
            what=self._shown,
            identity=f"http:{self._raw}@{version.id if version else ''}",
            address=lambda: address.url,
            refused=self._refused,
            auth=address.auth,
            check=self._check_of(version),
        )
        return download(order, target, self._transport, meter)

    def _check_of(
        self, version: SourceVersion | None
    ) -> Callable[[Mapping[str, str]], None] | None:
        """Compares an answer's headers with the version, if those can tell."""
        if version is None or version.id.startswith(_CONTENT):
            return None
        expected = version.id

        def check(headers: Mapping[str, str]) -> None:
            ids = header_ids(headers)
            if ids and expected not in ids:
                raise self._changed()

        return check

    def _take_held(self, version: SourceVersion, target: Path, meter: Meter) -> Arrived | None:
        """What `version` downloaded to know its id, if it is that version still."""
        held, self._held = self._held, None
        if held is None or content_id(held.sha256) != version.id:
            return None
        meter.admit(self._label, held.size)
        shutil.move(held.path, target)
        meter.whole(self._label, held.size)
        return replace(held, path=target)

    def _name(self, address: Address, arrived: Arrived) -> str:
        headers = arrived.headers
        kind = headers.get("Content-Type", "")
        name = file_name(address.url, headers.get("Content-Disposition", ""), kind)
        if not name.lower().endswith((".html", ".htm")):
            self._refuse_web_page(arrived.path)
        return true_name(name, arrived.path)

    def _refuse_web_page(self, path: Path) -> None:
        from factory.ingest.reading.no_tables import SIGN_IN, is_web_page  # loads all readers

        with path.open("rb") as file:
            if is_web_page(file.read(_HEAD)):
                raise Permanent(f"{self._shown} is a web page, not a data file", hint=SIGN_IN)

    def _changed(self) -> Changed:
        return Changed(f"{self._shown} changed while it was fetched")

    def _refused(self, status: int) -> Permanent:
        if status in {401, 403}:
            return Permanent(
                f"{self._shown} is not open to us ({status})",
                hint="credentials go into the address: https://user:${PASSWORD}@host/path, "
                "or ?key=${API_KEY}",
            )
        if status in {404, 410}:
            return Permanent(
                f"there is nothing at {self._shown} ({status})", hint="check the address"
            )
        return Permanent(f"{self._shown} answered {status}")


def _nobody(phase: object, item: object, done: object, total: object, unit: object) -> None:
    """Nobody watches."""
