"""A proxy that writes down what passes, and breaks what it is told to break.

The stand-ins ignore some of what the real services obey, so tests look at the requests; and
faults are injected here, on the wire, with the real clients on one side of it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Request:
    """A request as the client sent it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def is_(self, method: str, part: str) -> bool:
        """Whether it has this method, and `part` in its path."""
        return self.method == method and part in self.path


Kind = Literal[
    "answer",  # something else is answered
    "lose",  # the connection breaks in place of an answer
    "stall",  # so does it after a silence
    "truncate",  # half of the answer arrives
    "flip",  # one bit of the answer is another
    "corrupt",  # every byte is
    "twice",  # the service gets the request a second time, and answers that
]


@dataclass
class Fault:
    """Breaks the next `times` requests that `applies` to."""

    applies: Callable[[Request], bool]
    kind: Kind
    after: bool = True  # the service is asked first, so that the request takes effect
    status: int = 503  # of the answer, for `answer`
    headers: dict[str, str] = field(default_factory=dict)  # of the answer, for `answer`
    said: tuple[str, str] | None = None  # its reason and its message, as Google writes them
    seconds: float = 0.0  # of silence, for `stall`
    times: int = 1
    broken: int = 0


@dataclass
class Wire:
    """What passed between a client and `upstream`, by way of `url`."""

    upstream: str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def refuse(
        self, method: str, part: str, status: int, times: int = 1, *, whole: bool = False
    ) -> Fault:
        """Answer with `status`; the service does not see the request. `whole`: part ends it."""
        applies = _applies(method, part, whole=whole)
        return self.add(Fault(applies, "answer", after=False, status=status, times=times))

    def deny(self, method: str, part: str, status: int, reason: str, message: str) -> Fault:
        """Answer every such request with Google's words for what is wrong."""
        said = (reason, message)
        fault = Fault(_applies(method, part), "answer", after=False, status=status, said=said)
        fault.times = 1000
        return self.add(fault)

    def corrupt(self, method: str, part: str, times: int = 1) -> Fault:
        """Change the bytes of the answer on the way."""
        return self.add(Fault(_applies(method, part), "corrupt", times=times))

    def lose_answer(self, method: str, part: str, times: int = 1) -> Fault:
        """Let the service act, then break the connection instead of answering."""
        return self.add(Fault(_applies(method, part), "lose", times=times))

    def sent(self, method: str, part: str) -> list[Request]:
        """The requests so far of that method with `part` in their path."""
        return [request for request in self.requests if request.is_(method, part)]

    def fault_for(self, request: Request) -> Fault | None:
        """Record the request; the fault that breaks it, if any."""
        with self.lock:
            self.requests.append(request)
            for fault in self.faults:
                if fault.broken < fault.times and fault.applies(request):
                    fault.broken += 1
                    return fault
        return None

    def add(self, fault: Fault) -> Fault:
        """Have this fault break requests from now on."""
        self.faults.append(fault)
        return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: Wire

    def handle_error(self, *args: object) -> None:
        pass  # a client that hangs up is no news


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        assert isinstance(self.server, _Server)
        wire = self.server.wire
        request = self._read()
        fault = wire.fault_for(request)
        if fault is None:
            self._answer(*self._ask(wire, request))
            return
        if fault.kind == "twice":
            self._ask(wire, request)
        answer = self._ask(wire, request) if fault.after else (0, {}, b"")
        self._spoil(fault, *answer)

    def _spoil(self, fault: Fault, status: int, headers: dict[str, str], body: bytes) -> None:
        if fault.kind == "answer":
            headers = {"Content-Type": "application/json", **fault.headers}
            self._answer(fault.status, headers, _error(fault.status, fault.said))
        elif fault.kind in {"lose", "stall"}:
            sleep(fault.seconds)
            self.close_connection = True
        elif fault.kind == "truncate":
            self._answer(status, headers, body[: len(body) // 2], promised=len(body))
            self.close_connection = True
        else:
            self._answer(status, headers, _changed(body, fault.kind))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 - http.server's names

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Request(self.command, parts.path, query, dict(self.headers.items()), body)

    def _ask(self, wire: Wire, request: Request) -> tuple[int, dict[str, str], bytes]:
        upstream = urlsplit(wire.upstream)
        connection = HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        headers = {n: v for n, v in request.headers.items() if n.lower() not in {"host", *_HOP}}
        headers["Host"] = upstream.netloc
        with suppress(BrokenPipeError, ConnectionResetError):  # it answered before it read all
            connection.request(request.method, self.path, request.body or None, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        # where an upload goes on is said in a header, and shall pass here as well
        back = {n: v.replace(wire.upstream, wire.url) for n, v in response.getheaders()}
        return response.status, back, body

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, promised: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def proxy(upstream: str) -> Iterator[Wire]:
    """A proxy before the server at the URL `upstream`."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.wire = Wire(upstream, f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.wire
        server.shutdown()


def _applies(method: str, part: str, *, whole: bool = False) -> Callable[[Request], bool]:
    return lambda request: request.is_(method, part) and (not whole or request.path.endswith(part))


def _changed(body: bytes, kind: Kind) -> bytes:
    if kind == "corrupt":
        return bytes(byte ^ 1 for byte in body)
    if kind == "flip" and body:
        middle = len(body) // 2
        return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
    return body


def _error(status: int, said: tuple[str, str] | None) -> bytes:
    known = {403: "rateLimitExceeded", 404: "notFound", 429: "rateLimitExceeded"}
    reason, message = said or (known.get(status, "backendError"), "injected")
    error = {"reason": reason, "message": message, "domain": "global"}
    return json.dumps({"error": {"code": status, "message": message, "errors": [error]}}).encode()
