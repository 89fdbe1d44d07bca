"""The stand-ins as fixtures: real clients, real protocols, Application Default Credentials."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.standins.bigquery import bigquery_server, forget
from tests.standins.gcs import gcs_server
from tests.standins.proxy import Wire, proxy
from tests.standins.tokens import PROJECT, TokenServer, token_server, write_account


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def google_credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    """Application Default Credentials of a throw-away service account; its token server."""
    with token_server() as server, pytest.MonkeyPatch.context() as patch:
        account = write_account(tmp_path_factory.mktemp("google") / "account.json", server.url)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        yield server


@pytest.fixture(scope="session")
def gcs_endpoint(session_folder: Path, google_credentials: TokenServer) -> Iterator[str]:
    """The URL of a Cloud Storage."""
    with gcs_server(session_folder) as url:
        yield url


@pytest.fixture(scope="session")
def bigquery_endpoint(
    session_folder: Path, gcs_endpoint: str, google_credentials: TokenServer
) -> Iterator[str]:
    """The URL of a BigQuery that reads from `gcs_endpoint`."""
    with bigquery_server(session_folder, gcs_endpoint) as url:
        yield url


@pytest.fixture
def google_project() -> str:
    """The project of the credentials."""
    return PROJECT


@pytest.fixture
def gcs_bucket_name(gcs_endpoint: str) -> str:
    """An empty bucket of this test's own."""
    name = f"bucket-{uuid4().hex[:12]}"
    made = requests.post(
        f"{gcs_endpoint}/storage/v1/b?project={PROJECT}", json={"name": name}, timeout=10
    )
    made.raise_for_status()
    return name


@pytest.fixture
def dataset_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a dataset of this test's own, which does not exist yet."""
    name = f"dataset_{uuid4().hex[:12]}"
    yield name
    if "bigquery_endpoint" in request.fixturenames:
        forget(request.getfixturevalue("bigquery_endpoint"), name)


@pytest.fixture
def gcs_wire(gcs_endpoint: str) -> Iterator[Wire]:
    """A proxy before Cloud Storage, of this test's own."""
    with proxy(gcs_endpoint) as wire:
        yield wire


@pytest.fixture
def bigquery_wire(bigquery_endpoint: str) -> Iterator[Wire]:
    """A proxy before BigQuery, of this test's own."""
    with proxy(bigquery_endpoint) as wire:
        yield wire
