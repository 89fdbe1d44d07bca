"""What the proxy breaks is broken on the wire, and not only in its words."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.standins.proxy import Fault, Kind, Wire, proxy

_ANSWER = b"0123456789"


class _Upstream(ThreadingHTTPServer):
    daemon_threads = True
    bodies: list[bytes]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Upstream)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[_Upstream]:
    with _Upstream(("127.0.0.1", 0), _Handler) as server:
        server.bodies = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def wire(upstream: _Upstream) -> Iterator[Wire]:
    with proxy(f"http://127.0.0.1:{upstream.server_port}") as wire:
        yield wire


def _asked(wire: Wire, kind: Kind, *, after: bool = True) -> tuple[bytes, bool]:
    """What came back to a request that met the fault, and whether the connection was reset."""
    wire.add(Fault(lambda _: True, kind, after=after))
    place = urlsplit(wire.url)
    said = b""
    with socket.create_connection((place.hostname, place.port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabcdef")
        if whole := {"answer-twice": 2, "flip-request": 1}.get(kind):  # it stays open after them
            while said.count(_ANSWER) < whole:
                said += client.recv(1000)
            return said, False
        try:
            while part := client.recv(1000):
                said += part
        except ConnectionResetError:
            return said, True
    return said, False


@pytest.mark.parametrize(
    ("kind", "body", "reset"),
    [
        ("lose", b"", False),
        ("reset", b"", True),
        ("reset-in-body", b"01234", True),
        ("truncate", b"01234", False),
        ("stall-in-body", b"01234", False),
    ],
)
def test_a_connection_breaks_as_it_is_told(
    wire: Wire, kind: Kind, body: bytes, reset: bool
) -> None:
    said, was_reset = _asked(wire, kind)
    assert said.partition(b"\r\n\r\n")[2] == body
    assert was_reset == reset
    assert wire.faults[0].struck == 1


def test_an_answer_comes_twice(wire: Wire) -> None:
    said, _ = _asked(wire, "answer-twice")
    assert said.count(b"HTTP/1.1 200") == said.count(_ANSWER) == 2


def test_half_of_a_request_arrives(wire: Wire, upstream: _Upstream) -> None:
    assert _asked(wire, "cut", after=False) == (b"", False)
    deadline = time.monotonic() + 10
    while not upstream.bodies and time.monotonic() < deadline:
        time.sleep(0.01)
    assert upstream.bodies == [b"abc"]


def test_a_request_arrives_with_another_bit(wire: Wire, upstream: _Upstream) -> None:
    _asked(wire, "flip-request")
    [body] = upstream.bodies
    assert sum((a ^ b).bit_count() for a, b in zip(body, b"abcdef", strict=True)) == 1
