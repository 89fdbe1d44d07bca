"""Google credentials for tests: a throw-away service account and the server that signs it in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PROJECT = "proj"


class TokenServer(ThreadingHTTPServer):
    """Gives an access token to whoever asks, and counts them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issued = 0
        self.refuse: str | None = None  # what it says in place of a token
        self.broken: tuple[int, str] | None = None  # a status and a body in place of any of its own

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"

    def handle_error(self, *args: object) -> None:
        pass  # a client that hangs up is no news


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, TokenServer)
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.broken is not None:
            status, body = self.server.broken
            return self._send(status, body.encode(), "text/html")
        if self.server.refuse is not None:
            refused = {"error": "invalid_grant", "error_description": self.server.refuse}
            return self._answer(400, refused)
        self.server.issued += 1
        token = f"token-{self.server.issued}"
        given = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        return self._answer(200, given)

    def _answer(self, status: int, body: dict[str, object]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, answer: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """A running token server."""
    with TokenServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def write_account(path: Path, token_uri: str) -> Path:
    """Write the key file of a service account that nobody else knows."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "1",
        "private_key": key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        "client_email": f"factory@{PROJECT}.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(account))
    return path
