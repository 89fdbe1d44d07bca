"""The first pipeline, from a published dataset to rows that readers see, on both targets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from factory.warehouses.duckdb import DuckDbWarehouse
from tests.e2e.covid_rows import Row, covid_csv, expected, ordered
from tests.e2e.projects import covid_project, load, run
from tests.loopback.kaggle import LoopbackKaggle

DATASET, FILE = "meirnizri/covid19-dataset", "Covid Data.csv"
CSV = covid_csv()


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    with LoopbackKaggle(zip_above=1000) as server:
        server.publish(DATASET, {FILE: CSV})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return covid_project(tmp_path)


def duckdb_rows(project: Path) -> list[Row]:
    warehouse = DuckDbWarehouse(project / ".factory/warehouse.duckdb")
    found = warehouse.query("SELECT * FROM covid19_dataset.covid_data")
    return ordered(tuple(row.values()) for row in found)


def test_rows_arrive_whole_and_typed(project: Path, kaggle: LoopbackKaggle) -> None:
    report = run(project, "covid")
    assert report.success, report.failure
    assert duckdb_rows(project) == expected(CSV)
    types = {column.name: column.type for column in report.loadings[0].columns}
    assert types.pop("date_died") == "DATE"
    assert set(types.values()) == {"INT64"}
    assert all(check.passed for check in report.loadings[0].checks)


def test_an_unchanged_source_costs_one_call(project: Path, kaggle: LoopbackKaggle) -> None:
    assert run(project, "covid").success
    before = len(kaggle.seen())
    report = run(project, "covid")
    assert report.success
    assert report.landing is not None
    assert (report.landing.unchanged, report.loadings[0].unchanged) == (True, True)
    assert [seen.label for seen in kaggle.seen()[before:]] == ["api GetDataset"]
    ledger = DuckDbWarehouse(project / ".factory/warehouse.duckdb").loads(
        load(project).specs[0].tables[0].id
    )
    assert len(ledger) == 1


def test_a_new_version_replaces_the_table(project: Path, kaggle: LoopbackKaggle) -> None:
    assert run(project, "covid").success
    kept = CSV[: CSV.rindex(b"\n", 0, int(len(CSV) * 0.9)) + 1]
    kaggle.publish(DATASET, {FILE: kept})
    report = run(project, "covid")
    assert report.success, report.failure
    assert report.loadings[0].load.source_version == "2"
    assert duckdb_rows(project) == expected(kept)


def test_a_version_that_breaks_a_check_leaves_the_table(
    project: Path, kaggle: LoopbackKaggle
) -> None:
    assert run(project, "covid").success
    half = CSV[: CSV.rindex(b"\n", 0, len(CSV) // 2) + 1]
    kaggle.publish(DATASET, {FILE: half})
    report = run(project, "covid")
    assert not report.success
    assert report.failure is not None
    assert "row_count" in report.failure.message
    assert report.failure.place.startswith("pipelines/covid.yaml:")
    assert duckdb_rows(project) == expected(CSV)


def test_a_sample_needs_no_network(project: Path) -> None:
    report = run(project, "covid", sample=5000)
    assert report.success, report.failure
    assert report.loadings[0].load.synthetic
    assert len(duckdb_rows(project)) == 5000


def test_published_files_can_be_kept_as_they_are(tmp_path: Path, kaggle: LoopbackKaggle) -> None:
    project = covid_project(tmp_path)
    spec = project / "pipelines/covid.yaml"
    name = "covidepidemetrics-bucket"
    text = spec.read_text()
    spec.write_text(text.replace(f"bucket: {name}", f"bucket: {{name: {name}, format: original}}"))
    report = run(project, "covid")
    assert report.success, report.failure
    assert duckdb_rows(project) == expected(CSV)
    assert report.landing is not None
    (landed,) = report.landing.manifest.tables[0].objects
    assert landed.name.endswith(".csv.zip")
    assert run(project, "covid").loadings[0].unchanged
