"""A web server on the loopback with the habits of real ones: some honest, some not.

with LoopbackWeb() as web:
    web.put("/covid.csv", content)
    HttpSource(f"{web.url}/covid.csv", …)
"""

import base64
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Self
from urllib.parse import unquote, urlsplit

from tests.loopback.wire import Entity, Fault, Handler, Seen, Server, Wire

ALLOWED = "\nhttp: {allow_private: [127.0.0.0/8]}\n"  # a factory.yaml that may ask it needs this


@dataclass
class Page:
    """How a path answers."""

    entity: Entity
    head: int = 200  # the status of HEAD, where it is not what GET answers
    redirect: str | None = None
    authorization: str | None = None
    query: str | None = None  # required, else 403


class LoopbackWeb:
    """Labels of the log are "GET /path" and "HEAD /path", without the query."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.wire = Wire()
        self.pages: dict[str, Page] = {}
        self._server = Server(type("Web", (_Web,), {"wire": self.wire, "web": self}), tls=tls)

    @property
    def url(self) -> str:
        """http://127.0.0.1:port"""
        return self._server.url

    def put(
        self,
        path: str,
        content: bytes,
        *,
        etag: str | None = "md5",
        modified: datetime | None = None,
        headers: Mapping[str, str] | None = None,
        head: int = 200,
        ranges: bool = True,
        chunked: bool = False,
        user: tuple[str, str] | None = None,
        query: str | None = None,
    ) -> None:
        """Serve `content` at `path`. `etag` "md5" is a strong one of the content."""
        tags = {}
        if etag is not None:
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            tags["ETag"] = f'"{digest}"' if etag == "md5" else etag
        if modified is not None:
            tags["Last-Modified"] = format_datetime(modified, usegmt=True)
        basic = base64.b64encode(":".join(user).encode()).decode() if user else None
        self.pages[path] = Page(
            Entity(content, {**tags, **(headers or {})}, ranges, chunked),
            head=head,
            authorization=f"Basic {basic}" if basic else None,
            query=query,
        )

    def redirect(self, path: str, to: str) -> None:
        """Send who asks for `path` elsewhere."""
        self.pages[path] = Page(Entity(b"", {}), redirect=to)

    def fault(self, where: str, action: Fault, times: int = 1) -> None:
        """Spoil the next answers: see `Wire.fault`."""
        self.wire.fault(where, action, times)

    def seen(self, where: str = "*") -> list[Seen]:
        """The requests so far: see `Wire.seen`."""
        return self.wire.seen(where)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)


class _Web(Handler):
    web: LoopbackWeb

    def do_HEAD(self) -> None:  # noqa: N802 - the name is http.server's
        self._reply()

    def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
        self._reply()

    def _reply(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        self.receive(f"{self.command} {path}")
        page = self.web.pages.get(path)
        if page is None:
            return self.answer(404)
        if page.redirect is not None:
            return self.answer(302, headers={"Location": page.redirect})
        if page.authorization is not None and page.authorization != self.headers.get(
            "Authorization"
        ):
            return self.answer(401)
        if page.query is not None and page.query != url.query:
            return self.answer(403)
        if self.command == "HEAD" and page.head != 200:
            return self.answer(page.head)
        return self.serve(page.entity)
