"""The session that sources ask with: judged addresses, verified TLS, no ambient credentials."""

import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from factory import __version__
from factory.errors import Refused
from factory.sources.reach import MOST_REDIRECTS, Reach


class Downgrade(Refused):
    """A redirect from https to http: the rest of the way anybody could read and change."""


def new_session(reach: Reach) -> requests.Session:
    """A session that connects only where `reach` lets it, at first and after each redirect.

    Proxies of the environment are honoured; they look names up themselves, and decide.
    """
    session = _Session()
    session.auth = lambda request: request  # none from ~/.netrc
    session.max_redirects = MOST_REDIRECTS
    session.headers["User-Agent"] = f"pipeline-factory/{__version__}"
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(reach))
    return session


class _Session(requests.Session):
    """Takes no credentials from ~/.netrc after a redirect either, and never gives up TLS."""

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]  # stubs lack it
            prepared_request.headers.pop("Authorization", None)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target: str | None = super().get_redirect_target(resp)
        if target is None:
            return None
        there = urlsplit(urljoin(resp.url, target))
        if urlsplit(resp.url).scheme == "https" and there.scheme == "http":
            resp.close()
            raise Downgrade(
                f"a redirect goes from https to http, to {there.hostname}",
                hint="ask the publisher; an http source may name that address itself, with http://",
            )
        return target


class _Adapter(HTTPAdapter):
    """Requests' adapter on connections that judge where they go."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._reach)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = request.url or ""
        if select_proxy(url, proxies):
            self._reach.judge_unresolved(urlsplit(url).hostname or "")
        return super().send(request, stream, timeout, verify, cert, proxies)


def _pools(reach: Reach) -> dict[str, Any]:
    """Pools of connections within `reach`, by scheme."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, super()._new_conn, reach)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, super()._new_conn, reach)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connect(
    connection: HTTPConnection, dial: Callable[[], socket.socket], reach: Reach
) -> socket.socket:
    """A socket to the first judged address that answers.

    `_dns_host` is what urllib3 looks up, apart from the name that TLS and the Host header bear.
    """
    name = connection._dns_host
    try:
        addresses = list(reach.addresses(name, connection.port))
    except (socket.gaierror, UnicodeError) as exc:  # UnicodeError: no name server has such a name
        reason = socket.gaierror(socket.EAI_NONAME, str(exc))
        raise NameResolutionError(connection.host, connection, reason) from reason
    try:
        for address in addresses:
            connection._dns_host = address
            try:
                return dial()
            except (ConnectTimeoutError, NewConnectionError):
                if address == addresses[-1]:
                    raise
    finally:
        connection._dns_host = name
    raise AssertionError("a name has at least one address")
