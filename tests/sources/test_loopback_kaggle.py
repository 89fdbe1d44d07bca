"""The loopback Kaggle is what the official client takes for Kaggle: so a wrong fake is noticed."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import requests
from kagglesdk import kaggle_http_client
from kagglesdk.datasets.types.dataset_api_service import (
    ApiDownloadDatasetRequest,
    ApiGetDatasetRequest,
    ApiListDatasetFilesRequest,
)
from kagglesdk.kaggle_client import KaggleClient

from tests.loopback.kaggle import LoopbackKaggle


@pytest.fixture
def client(kaggle: LoopbackKaggle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The official client, told nothing but another address."""
    monkeypatch.setattr(kaggle_http_client, "get_endpoint", lambda env: kaggle.endpoint)
    monkeypatch.setenv("HOME", str(tmp_path))
    kaggle.accept("Bearer official")
    return KaggleClient(api_token="official").datasets.dataset_api_client


def address(request: Any) -> Any:
    request.owner_slug, request.dataset_slug = "owner", "slug"
    return request


def test_the_official_client_reads_the_dataset(kaggle: LoopbackKaggle, client: Any) -> None:
    kaggle.publish("owner/slug", {"a.csv": b"1"})
    kaggle.publish("owner/slug", {"a.csv": b"22"}, licence="ignored: the first one holds")
    dataset = client.get_dataset(address(ApiGetDatasetRequest()))
    assert dataset.current_version_number == 2
    assert dataset.license_name == "CC0: Public Domain"
    assert dataset.last_updated.isoformat() == "2026-01-03T03:04:05.678000"
    assert [version.version_number for version in dataset.versions] == [2, 1]


def test_the_official_client_pages_through_the_files(kaggle: LoopbackKaggle, client: Any) -> None:
    kaggle.publish("owner/slug", {f"{n:02}.csv": b"x" * n for n in range(25)})
    request = address(ApiListDatasetFilesRequest())
    first = client.list_dataset_files(request)
    request.page_token = first.next_page_token
    second = client.list_dataset_files(request)
    assert [len(first.dataset_files), len(second.dataset_files)] == [20, 5]
    assert second.next_page_token == ""
    assert (second.dataset_files[4].name, second.dataset_files[4].total_bytes) == ("24.csv", 24)


def test_the_official_client_downloads_by_a_redirect(client: Any, kaggle: LoopbackKaggle) -> None:
    kaggle.publish("owner/slug", {"my data.csv": b"1"})
    kaggle.publish("owner/slug", {"my data.csv": b"2"})
    request = address(ApiDownloadDatasetRequest())
    request.file_name, request.dataset_version_number = "my data.csv", 1
    response = client.download_dataset(request)
    assert response.content == b"1"
    assert response.history[0].status_code == 302
    assert "Authorization" not in kaggle.seen("store *")[0].headers


def test_the_official_client_understands_the_errors(client: Any, kaggle: LoopbackKaggle) -> None:
    with pytest.raises(requests.HTTPError, match="not found"):
        client.get_dataset(address(ApiGetDatasetRequest()))
    kaggle.accepted.clear()
    with pytest.raises(requests.HTTPError, match="Unauthenticated"):
        client.get_dataset(address(ApiGetDatasetRequest()))


def test_the_store_refuses_a_credential_as_the_real_one_does(kaggle: LoopbackKaggle) -> None:
    kaggle.publish("owner/slug", {"a.csv": b"1"})
    url = kaggle.sign("owner/slug", 1, "a.csv")
    assert requests.get(url, timeout=5).content == b"1"
    assert requests.get(url, headers={"Authorization": "Bearer x"}, timeout=5).status_code == 400
    kaggle.expire_addresses()
    assert requests.get(url, timeout=5).status_code == 403


def test_it_runs_on_its_own(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.csv").write_bytes(b"1")
    command = [sys.executable, "-m", "tests.loopback.kaggle", "--dataset", "o/s", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            name, _, endpoint = server.stdout.readline().strip().partition("=")
            answer = requests.post(
                f"{endpoint}/v1/datasets.DatasetApiService/ListDatasetFiles",
                json={"ownerSlug": "o", "datasetSlug": "s"},
                timeout=60,
            )
        finally:
            server.kill()
    assert name == "KAGGLE_API_ENDPOINT"
    assert answer.json()["datasetFiles"][0]["name"] == "deep/a.csv"


def test_a_big_file_is_served_as_a_zip_of_itself() -> None:
    with LoopbackKaggle(zip_above=10) as kaggle:
        kaggle.publish("o/s", {"deep/big.csv": b"x" * 11})
        response = requests.get(kaggle.sign("o/s", 1, "deep/big.csv"), timeout=5)
    path = Path(response.url.partition("?")[0])
    assert path.name == "big.csv.zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["big.csv"]
