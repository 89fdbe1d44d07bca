"""What the loopback servers share: requests are logged, answers can be spoiled on the wire.

A fault is asked for with `wire.fault(where, action, times)`. `where` is a glob over the label of
a request ("api GetDataset", "store data.csv", "GET /covid.csv").
"""

import contextlib
import io
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

BEFORE = -1  # in place of a count of bytes: not even a status line is sent
HALF = -2  # the same: half of the body is
_BLOCK = 1 << 14


@dataclass(frozen=True)
class Fault:
    """What happens in place of a good answer. `at` counts bytes of the body that are sent."""

    kind: Literal["status", "reset", "truncate", "flip", "stall", "twice"]
    at: int = 0
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


def status(code: int, body: bytes = b"no", **headers: str) -> Fault:
    """An error answer; keywords are headers, `retry_after="1"` is Retry-After: 1."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Fault("status", status=code, headers=named, body=body)


def reset(at: int = BEFORE) -> Fault:
    """The connection is reset (RST): before any answer, or after `at` bytes of the body."""
    return Fault("reset", at=at)


def truncate(at: int = 0) -> Fault:
    """The connection is closed in good order after `at` bytes of the body."""
    return Fault("truncate", at=at)


def flip(at: int = 0) -> Fault:
    """One bit of the body is another, and everything looks well."""
    return Fault("flip", at=at)


def stall(seconds: float, at: int = 0) -> Fault:
    """Nothing more comes after `at` bytes of the body, for so long."""
    return Fault("stall", at=at, seconds=seconds)


def twice() -> Fault:
    """The whole answer comes a second time, as if to the next question."""
    return Fault("twice")


@dataclass
class Seen:
    """A request as it arrived, and how many bytes of body it was sent."""

    label: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    status: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Entity:
    """Something to serve with its headers."""

    content: bytes
    headers: Mapping[str, str]
    ranges: bool = True
    chunked: bool = False


@dataclass(eq=False)
class _Due:
    where: str
    action: Fault | None
    skip: int
    act: Callable[[], object] | None = None


class Wire:
    """The log and the faults of one or more servers. `struck` counts what was really spoiled: a
    bit of an answer without a body cannot be another."""

    def __init__(self) -> None:
        self.log: list[Seen] = []
        self.struck = 0
        self._faults: list[_Due] = []
        self._lock = threading.Lock()

    def fault(self, where: str, action: Fault, times: int = 1, *, skip: int = 0) -> None:
        """Spoil the next `times` answers whose label fits the glob, after `skip` good ones."""
        with self._lock:
            self._faults += [_Due(where, action, skip) for _ in range(times)]

    def before(self, where: str, act: Callable[[], object], *, skip: int = 0) -> None:
        """Call `act` once before a request is answered, as `fault` would spoil it. It has struck
        if it gives something."""
        with self._lock:
            self._faults.append(_Due(where, None, skip, act))

    def seen(self, where: str = "*") -> list[Seen]:
        """Requests whose label fits, oldest first."""
        with self._lock:
            return [entry for entry in self.log if fnmatchcase(entry.label, where)]

    @contextlib.contextmanager
    def fresh(self) -> Iterator[None]:
        """Faults asked for inside are forgotten at the end; the log begins empty."""
        self.log.clear()
        yield
        self.forget()

    def forget(self) -> None:
        """No fault is due any more."""
        with self._lock:
            self._faults.clear()

    def enter(self, entry: Seen) -> Fault | None:
        """Log a request; the fault that is due for it, if any."""
        with self._lock:
            self.log.append(entry)
            due = self._take(entry)
        if due is not None and due.act is not None:
            self.struck += bool(due.act())
        return due.action if due else None

    def _take(self, entry: Seen) -> "_Due | None":
        fitting = [due for due in self._faults if fnmatchcase(entry.label, due.where)]
        ripe = next((due for due in fitting if due.skip == 0), None)
        for due in fitting:
            due.skip = max(0, due.skip - 1)
        if ripe is not None:
            self._faults.remove(ripe)
        return ripe


class Handler(BaseHTTPRequestHandler):
    """Reads a request, logs it, and sends answers through the fault that is due."""

    protocol_version = "HTTP/1.1"
    wire: Wire
    entry: Seen
    due: Fault | None

    def receive(self, label: str) -> bytes:
        """Log the request under `label`; its body."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.title(): value for name, value in self.headers.items()}
        self.entry = Seen(label, self.command, self.path, headers, body)
        self.due = self.wire.enter(self.entry)
        return body

    def answer(
        self, code: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer."""
        self.respond(code, {"Content-Length": str(len(body)), **(headers or {})}, body)

    def serve(self, entity: Entity) -> None:
        """The entity or the part of it that is asked for."""
        size = len(entity.content)
        start = self._start(entity)
        if start is None:
            self.respond(200, self._framed(entity, entity.content), entity.content)
        elif start >= size:
            self.answer(416, headers={"Content-Range": f"bytes */{size}"})
        else:
            end = self._end(size)
            part = entity.content[start : end + 1]
            where = {"Content-Range": f"bytes {start}-{end}/{size}"}
            self.respond(206, {**self._framed(entity, part), **where}, part)

    def respond(self, code: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send status, headers and body, spoiled by the fault that is due."""
        fault = self.due
        if fault is not None and fault.kind == "status":
            self.wire.struck += 1
            code, body = fault.status, fault.body
            headers = {"Content-Length": str(len(body)), **fault.headers}
            fault = None
        if fault is not None and fault.at == BEFORE:
            self.wire.struck += 1
            return self._break_off(fault)
        if fault is not None and fault.kind == "twice":
            self.wire.struck += 1
            return self._twice(code, headers, body)
        return self._respond(code, headers, body, fault)

    def _twice(self, code: int, headers: Mapping[str, str], body: bytes) -> None:
        """In one piece: what comes after the next question nobody can tell from its answer."""
        wire, self.wfile = self.wfile, io.BytesIO()
        self._respond(code, headers, body, None)
        answer, self.wfile = self.wfile.getvalue(), wire
        self.wfile.write(answer * 2)

    def _respond(
        self, code: int, headers: Mapping[str, str], body: bytes, fault: Fault | None
    ) -> None:
        self.entry.status = code
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            if fault is not None and fault.at == HALF:
                fault = replace(fault, at=len(body) // 2)
            self._send(body, fault, chunked="Transfer-Encoding" in headers)

    def _start(self, entity: Entity) -> int | None:
        asked = self.headers.get("Range", "")
        if not entity.ranges or not asked.startswith("bytes="):
            return None
        condition = self.headers.get("If-Range")
        if condition is not None and condition != entity.headers.get("ETag"):
            return None
        return int(asked.removeprefix("bytes=").split("-")[0])

    def _end(self, size: int) -> int:
        end = self.headers["Range"].split("-")[1]
        return min(int(end), size - 1) if end else size - 1

    def _framed(self, entity: Entity, body: bytes) -> dict[str, str]:
        if entity.chunked:
            return {**entity.headers, "Transfer-Encoding": "chunked"}
        return {**entity.headers, "Content-Length": str(len(body))}

    def _send(self, body: bytes, fault: Fault | None, *, chunked: bool) -> None:
        stop = len(body)
        self.wire.struck += fault is not None and fault.at < stop
        if fault is not None and fault.kind == "flip" and fault.at < stop:
            body = body[: fault.at] + bytes([body[fault.at] ^ 1]) + body[fault.at + 1 :]
        elif fault is not None and fault.kind != "flip":
            stop = min(fault.at, stop)
        for begin in range(0, stop, _BLOCK):
            self._write(body[begin : min(begin + _BLOCK, stop)], chunked=chunked)
        if fault is not None and fault.kind in {"reset", "truncate", "stall"}:
            self._break_off(fault)
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _write(self, block: bytes, *, chunked: bool) -> None:
        framed = b"%x\r\n%s\r\n" % (len(block), block) if chunked else block
        self.entry.sent += len(block)  # first, for who has received it may look at once
        try:
            self.wfile.write(framed)
        except OSError:  # the client has gone
            self.entry.sent -= len(block)
            self.close_connection = True

    def _break_off(self, fault: Fault) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            time.sleep(fault.seconds)
            if fault.kind == "reset":
                time.sleep(0.05)  # let the client take what was sent: a reset throws it away
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed: the wire has the log."""


class Server:
    """An HTTP server on a free port of the loopback, while the context is open."""

    def __init__(
        self, handler: type[Handler], port: int = 0, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._httpd = _Quiet(("127.0.0.1", port), handler)
        if tls is not None:
            self._httpd.socket = tls.wrap_socket(self._httpd.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """http://127.0.0.1:port"""
        return f"http://127.0.0.1:{self._httpd.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a stalled answer must not hold up the end of a test

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is what these servers are for."""


@contextlib.contextmanager
def silent_port() -> Iterator[str]:
    """The address of a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"
