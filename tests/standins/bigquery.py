"""BigQuery's stand-in: local-bigquery, in a Python of its own (see `install`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.standins.install import HOME, PROGRAM, install
from tests.standins.servers import free_port, shared_server
from tests.standins.tokens import PROJECT


@contextmanager
def bigquery_server(folder: Path, gcs_endpoint: str) -> Iterator[str]:
    """The URL of the session's BigQuery, which reads gs:// from `gcs_endpoint`.

    The first call of a session takes some ten seconds; the very first also installs it.
    """
    install()
    env = {"HOME": str(HOME), "STORAGE_EMULATOR_HOST": gcs_endpoint}
    command = partial(_command, folder)
    with shared_server(folder, "bigquery", command, "/bigquery/v2/projects", env) as url:
        yield url


def _command(folder: Path, port: int) -> Sequence[str]:
    return [
        str(PROGRAM), "serve", "--host", "127.0.0.1", "--port", str(port),
        "--grpc-port", str(free_port()), "--data-dir", str(folder / "bigquery"),
        "--project", PROJECT,
    ]  # fmt: skip
