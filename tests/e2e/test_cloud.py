"""The same files on Google Cloud: real clients, real protocols, servers that stand in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from factory.plan import Plan, make_plan
from factory.warehouses.bigquery import BigQueryWarehouse
from tests.e2e.covid_rows import covid_csv, expected, ordered
from tests.e2e.projects import ROOT, covid_project, factory, load, new_project, run
from tests.loopback.kaggle import LoopbackKaggle
from tests.standins.tokens import PROJECT

CSV = covid_csv()
BUCKET = "covidepidemetrics-bucket"


@pytest.fixture
def cloud(
    gcs_endpoint: str, bigquery_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The target `gcp` of the shipped factory.yaml, with the bucket that it names."""
    monkeypatch.setenv("GCP_PROJECT", PROJECT)
    monkeypatch.setenv("GCS_API_ENDPOINT", gcs_endpoint)
    monkeypatch.setenv("BIGQUERY_API_ENDPOINT", bigquery_endpoint)
    made = requests.post(
        f"{gcs_endpoint}/storage/v1/b?project={PROJECT}", json={"name": BUCKET}, timeout=10
    )
    assert made.status_code in {200, 409}
    with LoopbackKaggle(zip_above=1000) as kaggle:
        kaggle.publish("meirnizri/covid19-dataset", {"Covid Data.csv": CSV})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", kaggle.endpoint)
        yield


def test_rows_arrive_in_bigquery_as_they_do_in_duckdb(
    tmp_path: Path, cloud: None, bigquery_endpoint: str
) -> None:
    project = covid_project(tmp_path)
    typed = factory(project, "run", "covid", "--target", "gcp")
    assert typed.returncode == 0, typed.stdout + typed.stderr
    warehouse = BigQueryWarehouse(PROJECT, "EU", bigquery_endpoint)
    found = warehouse.query(f"SELECT * FROM `{PROJECT}.covid19_dataset.covid_data`")
    assert ordered(tuple(row.values()) for row in found) == expected(CSV)
    _plan_knows_what_is_loaded(project, len(found))
    local = run(project, "covid", "local")
    cloudy = run(project, "covid", "gcp")
    assert cloudy.success, cloudy.failure
    assert cloudy.loadings[0].unchanged
    assert cloudy.loadings[0].columns == local.loadings[0].columns
    assert cloudy.loadings[0].rows == local.loadings[0].rows


def _plan_knows_what_is_loaded(project: Path, rows: int) -> None:
    """From BigQuery's ledger and the manifest in Cloud Storage."""
    words = ("plan", "covid", "--target", "gcp", "--format", "json")
    spec = project / "pipelines/covid.yaml"
    text = spec.read_text()
    for typed, action in (
        (text, "keep"),
        (text.replace("AGE, type: INT64", "AGE, type: FLOAT64"), "replace"),
    ):
        spec.write_text(typed)
        shown = factory(project, *words)
        [outlook] = json.loads(shown.stdout)["next_runs"]
        [table] = outlook["tables"]
        assert (outlook["version_offered"], outlook["version_loaded"]) == ("1", "1")
        assert (table["action"], table["rows_now"]) == (action, rows)
    spec.write_text(text)
    assert table["columns"] == [
        {"what": "column age", "aspect": "type", "old": "INT64", "new": "FLOAT64"}
    ]


def test_a_plan_differs_by_its_locations_only(tmp_path: Path, cloud: None) -> None:
    shipped = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in (ROOT / "pipelines").rglob("*.yaml")
    }
    project = load(new_project(tmp_path, shipped))
    plans = {}
    for name in ("local", "gcp"):
        target = project.factory.target(name)
        assert target is not None
        plans[name] = _without_locations(make_plan(project.specs, target))
    assert plans["local"] == plans["gcp"]
    assert len(plans["local"]) == 3


def _without_locations(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (
            pipeline.name,
            pipeline.spec,
            pipeline.source_key,
            pipeline.landed_key,
            pipeline.fingerprint,
            [(table.key, table.spec, table.checks, table.fingerprint) for table in pipeline.tables],
        )
        for pipeline in plan.pipelines
    ]
