"""A proxy that writes down what passes, and breaks what it is told to break.

The stand-ins ignore some of what the real services obey, so tests look at the requests; and
faults are injected here, on the wire, with the real clients on one side of it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from threading import Lock, Thread
from time import sleep
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

_ARRIVED = 0.05  # seconds in which the client takes what was sent: a reset throws it away
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass
class Request:
    """A request as the client sent it, and how long the body of the answer was."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    answered: int = 0  # bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def is_(self, method: str, part: str) -> bool:
        """Whether it has this method, and `part` in its path."""
        return self.method == method and part in self.path


Kind = Literal[
    "answer",  # something else is answered
    "lose",  # the connection is closed in place of an answer
    "reset",  # it is reset (RST)
    "reset-in-body",  # so it is when half of the answer has arrived
    "stall",  # it is closed after a silence
    "stall-in-body",  # half of the answer arrives, then comes the silence
    "truncate",  # half of the answer arrives, and the connection is closed
    "flip",  # one bit of the answer is another
    "corrupt",  # every byte is
    "twice",  # the service gets the request a second time, and answers that
    "answer-twice",  # the answer arrives a second time
    "cut",  # the service gets half of the request's body, and nobody an answer
    "flip-request",  # one bit of the request's body is another
    "meanwhile",  # all is well, and something else happens
]
_IN_BODY: Sequence[Kind] = ("reset-in-body", "stall-in-body", "truncate")


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
    happens: Callable[[], object] | None = None  # before the service is asked
    broken: int = 0  # requests it was for
    struck: int = 0  # those of them that had what it breaks


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
        if fault.happens is not None:
            fault.happens()
        request = self._bent(fault, request)
        if fault.kind == "twice":
            self._ask(wire, request)
        if fault.kind == "cut":
            self._ask_by_half(wire, request)
        answer = self._ask(wire, request) if fault.after else (0, {}, b"")
        fault.struck += _strikes(fault.kind, request, answer[2])
        self._spoil(fault, *answer)

    def _bent(self, fault: Fault, request: Request) -> Request:
        if fault.kind == "flip-request":
            return replace(request, body=_flipped(request.body, 2 * len(request.body) // 3))
        return request

    def _spoil(self, fault: Fault, status: int, headers: dict[str, str], body: bytes) -> None:
        if fault.kind == "answer":
            headers = {"Content-Type": "application/json", **fault.headers}
            self._answer(fault.status, headers, _error(fault.status, fault.said))
        elif fault.kind in {"lose", "stall", "reset", "cut"}:
            self._break_off(fault)
        elif fault.kind in _IN_BODY:
            self._answer(status, headers, body[: len(body) // 2], promised=len(body))
            self._break_off(fault)
        elif fault.kind == "answer-twice":
            self._answer_twice(status, headers, body)
        else:
            self._answer(status, headers, _changed(body, fault.kind))

    def _answer_twice(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """In one piece: what comes after the next question nobody can tell from its answer."""
        wire, self.wfile = self.wfile, BytesIO()
        self._answer(status, headers, body)
        answer, self.wfile = self.wfile.getvalue(), wire
        self.wfile.write(answer * 2)

    def _break_off(self, fault: Fault) -> None:
        sleep(fault.seconds)
        self.close_connection = True
        if fault.kind.startswith("reset"):
            self.wfile.flush()
            sleep(_ARRIVED)
            at_once = pack("ii", 1, 0)
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, at_once)
            self.connection.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 - http.server's names

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Request(self.command, parts.path, query, dict(self.headers.items()), body)

    def _connection(self, wire: Wire) -> HTTPConnection:
        upstream = urlsplit(wire.upstream)
        return HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)

    def _ask(self, wire: Wire, request: Request) -> tuple[int, dict[str, str], bytes]:
        connection = self._connection(wire)
        headers = _forwarded(wire, request)
        with suppress(BrokenPipeError, ConnectionResetError):  # it answered before it read all
            connection.request(request.method, self.path, request.body or None, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        request.answered = len(body)
        # where an upload goes on is said in a header, and shall pass here as well
        back = {n: v.replace(wire.upstream, wire.url) for n, v in response.getheaders()}
        return response.status, back, body

    def _ask_by_half(self, wire: Wire, request: Request) -> None:
        """The connection breaks on the way to the service."""
        connection = self._connection(wire)
        connection.putrequest(request.method, self.path, skip_host=True)
        for name, value in _forwarded(wire, request).items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body[: len(request.body) // 2])
        connection.close()

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


def _forwarded(wire: Wire, request: Request) -> dict[str, str]:
    kept = {n: v for n, v in request.headers.items() if n.lower() not in {"host", *_HOP}}
    return {**kept, "Host": urlsplit(wire.upstream).netloc}


def _changed(body: bytes, kind: Kind) -> bytes:
    if kind == "corrupt":
        return bytes(byte ^ 1 for byte in body)
    return _flipped(body, len(body) // 2) if kind == "flip" else body


def _flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] if body else body


def _strikes(kind: Kind, request: Request, answer: bytes) -> bool:
    """Whether a fault of this kind changes anything here."""
    if kind in {"cut", "flip-request"}:
        return bool(request.body)
    return bool(answer) or kind not in {*_IN_BODY, "flip", "corrupt"}


def _error(status: int, said: tuple[str, str] | None) -> bytes:
    known = {403: "rateLimitExceeded", 404: "notFound", 429: "rateLimitExceeded"}
    reason, message = said or (known.get(status, "backendError"), "injected")
    error = {"reason": reason, "message": message, "domain": "global"}
    return json.dumps({"error": {"code": status, "message": message, "errors": [error]}}).encode()
