"""BigQuery's stand-in: local-bigquery, in a Python of its own (see `install`)."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from tests.standins.install import HOME, PROGRAM, install
from tests.standins.servers import free_port, shared_server
from tests.standins.tokens import PROJECT

_FIRST = "first_load"  # a bucket and a dataset


@contextmanager
def bigquery_server(folder: Path, gcs_endpoint: str) -> Iterator[str]:
    """The URL of the session's BigQuery, which reads gs:// from `gcs_endpoint`.

    The first call of a session takes some ten seconds; the very first also installs it.
    """
    install()
    env = {"HOME": str(HOME), "STORAGE_EMULATOR_HOST": gcs_endpoint}
    command = partial(_command, folder)
    first = partial(_load_once, gcs_endpoint)
    with shared_server(folder, "bigquery", command, "/bigquery/v2/projects", env, first) as url:
        yield url


def forget(bigquery: str, dataset: str) -> None:
    """Delete the dataset: with every table that is there, all questions take longer."""
    requests.delete(
        f"{bigquery}/bigquery/v2/projects/{PROJECT}/datasets/{dataset}?deleteContents=true",
        timeout=30,
    )


def _load_once(gcs: str, bigquery: str) -> None:
    """Let it make what it makes at its first load: two first ones at once would be in conflict."""
    bucket, project = f"{gcs}/storage/v1/b", f"{bigquery}/bigquery/v2/projects/{PROJECT}"
    target = {"projectId": PROJECT, "datasetId": _FIRST, "tableId": "t"}
    load = {
        "sourceUris": [f"gs://{_FIRST}/a.csv"], "sourceFormat": "CSV", "destinationTable": target,
        "schema": {"fields": [{"name": "a", "type": "STRING"}]},
    }  # fmt: skip
    upload = f"{gcs}/upload/storage/v1/b/{_FIRST}/o?uploadType=media&name=a.csv"
    _ask("POST", f"{bucket}?project={PROJECT}", json={"name": _FIRST})
    _ask("POST", upload, data=b"x\n")
    _ask("POST", f"{project}/datasets", json={"datasetReference": target})
    job = _ask("POST", f"{project}/jobs", json={"configuration": {"load": load}}).json()
    place = f"{project}/jobs/{job['jobReference']['jobId']}"
    while (status := _ask("GET", place).json()["status"])["state"] != "DONE":
        time.sleep(0.05)
    if "errorResult" in status:
        raise RuntimeError(f"the first load failed: {status}")
    _ask("DELETE", f"{project}/datasets/{_FIRST}?deleteContents=true")
    _ask("DELETE", f"{bucket}/{_FIRST}/o/a.csv")
    _ask("DELETE", f"{bucket}/{_FIRST}")


def _ask(method: str, url: str, **content: object) -> requests.Response:
    answer = requests.request(method, url, timeout=30, **content)  # type: ignore[arg-type]  # as requests has it
    answer.raise_for_status()
    return answer


def _command(folder: Path, port: int) -> Sequence[str]:
    return [
        str(PROGRAM), "serve", "--host", "127.0.0.1", "--port", str(port),
        "--grpc-port", str(free_port()), "--data-dir", str(folder / "bigquery"),
        "--project", PROJECT,
    ]  # fmt: skip
