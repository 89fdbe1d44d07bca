"""Buckets and datasets, on servers that stand in for Google's; rights, on one that tells them."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from google.cloud.bigquery import Client

from factory.doctor.google_places import loads_from
from tests.doctor.conftest import Doctor, about
from tests.loopback.kaggle import LoopbackKaggle
from tests.loopback.wire import Handler, Server, Wire, silent_port
from tests.standins.proxy import Wire as GoogleWire
from tests.standins.tokens import PROJECT, TokenServer


@pytest.fixture
def names(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    google_credentials: TokenServer,
    gcs_endpoint: str,
) -> Iterator[tuple[str, str]]:
    """A bucket and a dataset that nobody has yet, named by the pipeline."""
    monkeypatch.setenv("GCS_API_ENDPOINT", gcs_endpoint)
    bucket, dataset = f"bucket-{uuid4().hex[:12]}", f"dataset_{uuid4().hex[:12]}"
    file = project / "pipelines" / "people.yaml"
    file.write_text(
        file.read_text().replace("people-bucket", bucket).replace("raw.", f"{dataset}.")
    )
    monkeypatch.setenv("GCP_PROJECT", PROJECT)
    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/people", {"people.csv": b"AGE\n1\n"})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", kaggle.endpoint)
        yield bucket, dataset


@pytest.fixture
def wire(bigquery_wire: GoogleWire, monkeypatch: pytest.MonkeyPatch) -> GoogleWire:
    """What passes between doctor and BigQuery."""
    monkeypatch.setenv("BIGQUERY_API_ENDPOINT", bigquery_wire.url)
    return bigquery_wire


def test_what_is_missing_is_made_once(
    doctor: Doctor,
    names: tuple[str, str],
    bigquery_endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIGQUERY_API_ENDPOINT", bigquery_endpoint)
    bucket, dataset = names
    code, findings = doctor("--target", "gcp")
    gone = about(findings, f"bucket gs://{bucket}")
    assert (code, gone["level"], gone["said"]) == (1, "error", "does not exist")
    assert gone["fix"] == (
        f"gcloud storage buckets create gs://{bucket} --project={PROJECT} --location=EU"
    )
    assert about(findings, f"dataset {PROJECT}.{dataset}")["level"] == "warning"
    assert about(findings, "Google")["said"].startswith(f"factory@{PROJECT}.iam")
    assert about(findings, f"project {PROJECT}")["said"] == "we may start queries"

    code, findings = doctor("--target", "gcp", "--fix")
    assert code == 0, findings
    assert "made the bucket" in about(findings, f"bucket gs://{bucket}")["said"]
    assert "made the dataset" in about(findings, f"dataset {PROJECT}.{dataset}")["said"]

    code, findings = doctor("--target", "gcp")
    assert (code, about(findings, f"bucket gs://{bucket}")["said"]) == (0, "there, in EU")
    assert about(findings, f"dataset {PROJECT}.{dataset}")["said"] == (
        "there, in EU; we may make its tables"
    )
    client = Client(PROJECT, client_options={"api_endpoint": bigquery_endpoint})
    assert list(client.list_tables(dataset)) == []  # whoever asks makes nothing


def test_what_we_may_not_do_in_a_table_comes_with_the_grant(
    doctor: Doctor, names: tuple[str, str], wire: GoogleWire
) -> None:
    client = Client(PROJECT, client_options={"api_endpoint": wire.url}, location="EU")
    client.create_dataset(names[1])
    client.create_table(f"{PROJECT}.{names[1]}.t")
    place = f"dataset {PROJECT}.{names[1]}"
    assert about(doctor("--target", "gcp")[1], place)["level"] == "ok"

    wire.refuse("POST", ":testIamPermissions", 200)
    found = about(doctor("--target", "gcp")[1], place)
    assert found["said"].startswith("in its tables we lack bigquery.tables.getData, ")
    assert found["fix"] == (
        f"bq query --use_legacy_sql=false 'GRANT `roles/bigquery.dataEditor` ON SCHEMA "
        f'`{PROJECT}`.{names[1]} TO "serviceAccount:factory@{PROJECT}.iam.gserviceaccount.com"\''
    )


def test_a_refusal_comes_with_something_to_do(
    doctor: Doctor, names: tuple[str, str], wire: GoogleWire
) -> None:
    wire.refuse("GET", "/datasets/", 403)
    code, findings = doctor("--target", "gcp")
    found = about(findings, f"dataset {PROJECT}.{names[1]}")
    assert (code, found["level"]) == (1, "error")
    assert found["fix"] == "wait a minute, then run this again"  # the stand-in says: a busy one
    assert len(wire.sent("GET", "/datasets/")) == 1  # who looks does not insist


def test_a_deleted_key_is_told_once_and_not_of_every_place(
    doctor: Doctor,
    names: tuple[str, str],
    gcs_endpoint: str,
    google_credentials: TokenServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIGQUERY_API_ENDPOINT", gcs_endpoint)  # who answers does not matter here
    monkeypatch.setattr(google_credentials, "refuse", "Invalid JWT Signature.")
    code, findings = doctor("--target", "gcp")
    told = [found for found in findings if "Invalid JWT Signature" in found["said"]]
    assert (code, [found["subject"] for found in told]) == (1, ["Google"])
    assert "gcloud iam service-accounts keys create" in told[0]["fix"]
    assert all(found["area"] != "places" for found in findings)


def test_a_service_that_refuses_connections_is_told_in_plain_words(
    doctor: Doctor, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_port() as address:
        monkeypatch.setenv("BIGQUERY_API_ENDPOINT", address)
        _, findings = doctor("--target", "gcp")
    found = about(findings, f"project {PROJECT}")
    assert found["said"] == "cannot start a query: 127.0.0.1 refuses connections"


class _Rights(Handler):
    """Cloud Storage, as far as it tells whether a bucket is there and what we may do in it."""

    granted: tuple[str, ...] = ()

    def do_GET(self) -> None:  # noqa: N802 - the name is http.server's
        url = urlsplit(self.path)
        self.receive(f"GET {url.path}")
        if url.path.endswith("/iam/testPermissions"):
            asked = parse_qs(url.query)["permissions"]
            found: object = {"permissions": [one for one in asked if one in self.granted]}
        elif url.path.endswith("/o"):
            found = {"items": []}
        else:
            found = {"name": "b", "location": "ASIA-EAST1"}
        body = json.dumps(found).encode()
        self.answer(200, body, {"Content-Type": "application/json"})


@pytest.mark.parametrize("lacking", [(), ("storage.objects.delete",)])
def test_rights_that_are_missing_come_with_the_command_that_grants_them(
    doctor: Doctor,
    project: Path,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    lacking: tuple[str, ...],
) -> None:
    settings = project / "factory.yaml"
    settings.write_text(
        settings.read_text().replace(
            "type: local, path: .factory/buckets",
            'type: gcs, project: "proj", api_endpoint: "${GCS_API_ENDPOINT:-}"',
        )
    )
    verbs = ("create", "delete", "get", "list")
    granted = tuple(f"storage.objects.{verb}" for verb in verbs)
    handler = type("Rights", (_Rights,), {
        "wire": Wire(), "granted": tuple(g for g in granted if g not in lacking)
    })  # fmt: skip
    with Server(handler) as server:
        monkeypatch.setenv("GCS_API_ENDPOINT", server.url)
        code, findings = doctor()
    found = about(findings, f"bucket gs://{names[0]}")
    assert code == bool(lacking)
    if lacking:
        assert found["said"] == "we lack storage.objects.delete"
        assert found["fix"] == (
            f"gcloud storage buckets add-iam-policy-binding gs://{names[0]} "
            f"--member=serviceAccount:factory@{PROJECT}.iam.gserviceaccount.com "
            "--role=roles/storage.objectUser"
        )


@pytest.mark.parametrize(
    ("dataset", "bucket", "good"),
    [
        ("EU", "eu", True),
        ("US", "ASIA-EAST1", True),
        ("EU", "EUROPE-WEST1", True),
        ("EU", "EUR4", True),
        ("EU", "EUROPE-WEST2", False),  # London
        ("EU", "US", False),
        ("europe-west1", "EU", False),
        ("europe-west1", "EUROPE-WEST1", True),
    ],
)
def test_where_bigquery_loads_from(dataset: str, bucket: str, good: bool) -> None:
    assert loads_from(dataset, bucket) == good
