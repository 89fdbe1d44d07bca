"""Whole runs on the real local target: a file, a folder as the bucket, DuckDB."""

import dagster as dg
import pytest

from tests.orchestration.projects import (
    PEOPLE,
    Folder,
    checks,
    failures,
    materialization,
)


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def test_a_run_lands_checks_and_publishes(folder: Folder, instance: dg.DagsterInstance) -> None:
    folder.people()
    result = folder.run("people", instance)
    assert result.success
    assert folder.query("SELECT name, age FROM registry.people ORDER BY name") == [
        ("Ann", 30),
        ("Eve", 41),
        ("Zoe", 7),
    ]
    assert set(checks(result).values()) == {True}
    assert set(checks(result)) == {"row_count", "no_bob", "not_null_age", "range_age"}


def test_a_materialization_says_what_it_did(folder: Folder, instance: dg.DagsterInstance) -> None:
    folder.people()
    result = folder.run("people", instance)
    landed = materialization(result, "landed/people")
    table = materialization(result, "registry/people")
    assert landed["status"] == table["status"] == "new"
    assert landed["bytes fetched"] == len("Name,Age\nAnn,30\nEve,41\nZoe,7\n")
    assert landed["bytes landed"] == table["bytes landed"] > 0
    assert landed["manifest"].startswith("file://")
    assert landed["manifest"].endswith(landed["manifest object"])
    assert table["dagster/row_count"] == landed["dagster/row_count"] == 3
    assert [c.name for c in table["dagster/column_schema"].columns] == ["name", "age"]
    assert "| Ann | 30 |" in table["preview"]
    assert table["spec"] == "pipelines/health/people.yaml:6"
    assert table["synthetic"] is False


@pytest.mark.parametrize("format", ["parquet", "original"])
def test_what_the_contract_rejects_is_counted(
    folder: Folder, instance: dg.DagsterInstance, format: str
) -> None:
    bucket = f"bucket: {{name: people-bucket, format: {format}}}"
    spec = PEOPLE.replace("bucket: people-bucket", bucket)
    rules = "schema_contract: {data_type: discard_row}\n"
    folder.people("Name,Age\nAnn,30\nEve,old\nZoe,7\nIan,9.5\n", spec + rules)
    result = folder.run("people", instance)
    table = materialization(result, "registry/people")
    assert (table["dagster/row_count"], table["rejected"]) == (2, 2)
    assert "| age | 2 |" in table["rejected by column"]
    assert table["rejects table"] == "registry.people__rejects"
    [check] = [e for e in result.get_asset_check_evaluations() if e.check_name == "rejected_rows"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.description == (
        '2 rejected; line 3: age "old": not INT64; line 5: age "9.5": not INT64'
    )
    if format == "parquet":
        assert materialization(result, "landed/people")["rejected"] == 2
    again = materialization(folder.run("people", instance), "registry/people")
    assert again["status"] == "unchanged"


def test_the_source_is_observed_with_its_version(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    folder.run("people", instance)
    (seen,) = instance.fetch_observations(
        dg.AssetKey(["file", "incoming", "people.csv"]), limit=10
    ).records
    assert seen.asset_observation is not None
    assert seen.asset_observation.tags["dagster/data_version"].startswith("sha256-")


def test_a_second_run_says_unchanged_with_the_same_data_version(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    first, second = folder.run("people", instance), folder.run("people", instance)
    assert second.success
    for key in ("landed/people", "registry/people"):
        assert materialization(second, key)["status"] == "unchanged"
        assert data_version(first, key) == data_version(second, key)
    assert materialization(second, "landed/people")["bytes fetched"] == 0
    assert checks(second) == checks(first)


def test_a_new_version_has_another_data_version(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    first = folder.run("people", instance)
    folder.people(rows="Name,Age\nAnn,31\nEve,42\n")
    second = folder.run("people", instance)
    assert materialization(second, "registry/people")["status"] == "new"
    assert data_version(first, "registry/people") != data_version(second, "registry/people")


def test_a_failing_check_is_red_and_the_old_table_serves(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    folder.run("people", instance)
    folder.people(rows="Name,Age\nAnn,30\nMethuselah,969\n")
    result = folder.run("people", instance)
    assert not result.success
    assert checks(result)["range_age"] is False
    assert checks(result)["row_count"] is True
    assert folder.query("SELECT count(*) FROM registry.people") == [(3,)]
    assert not [
        e for e in result.get_asset_materialization_events() if e.asset_key.path[0] == "registry"
    ]
    (said,) = failures(result)
    assert "pipelines/health/people.yaml:6: 1 check failed" in said
    assert "range_age (1 of 2 rows: age is below 0 or above 125)" in said
    assert "registry.people keeps its old rows" in said
    assert "the refused rows are in " in said
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)


def test_a_warning_does_not_stop_the_publish(folder: Folder, instance: dg.DagsterInstance) -> None:
    folder.people(rows="Name,Age\nAnn,30\nBob,40\n")
    result = folder.run("people", instance)
    assert result.success
    (bob,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "no_bob"]
    assert (bob.passed, bob.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert folder.query("SELECT count(*) FROM registry.people") == [(2,)]


def test_a_table_alone_is_made_from_what_is_landed(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    folder.run("people", instance)
    (folder.root / "incoming/people.csv").unlink()
    (folder.root / ".factory/warehouse.duckdb").unlink()
    result = folder.run("people", instance, select=["registry/people"])
    assert result.success, failures(result)
    assert folder.query("SELECT count(*) FROM registry.people") == [(3,)]


def test_a_table_alone_with_nothing_landed_says_what_to_do(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    (said,) = failures(folder.run("people", instance, select=["registry/people"]))
    assert "pipelines/health/people.yaml:6: nothing is landed for people yet" in said
    assert "run the whole job people, or materialize landed/people first" in said


def test_a_sample_run_needs_no_source_and_calls_itself_synthetic(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    (folder.root / "incoming/people.csv").unlink()
    result = folder.run("people", instance, tags={"factory/sample": "50"})
    assert result.success, failures(result)
    for key in ("landed/people", "registry/people"):
        found = materialization(result, key)
        assert found["synthetic"] is True
        assert "synthetic" in found["status"]
    assert folder.query("SELECT count(*) FROM registry.people") == [(50,)]


def test_synthetic_and_real_never_mix(folder: Folder, instance: dg.DagsterInstance) -> None:
    folder.people()
    folder.run("people", instance, select=["landed/people"])
    (said,) = failures(
        folder.run("people", instance, tags={"factory/sample": "5"}, select=["registry/people"])
    )
    assert "this run is synthetic and all that is landed for people is real" in said
    folder.run("people", instance, tags={"factory/sample": "5"}, select=["landed/people"])
    result = folder.run("people", instance, select=["registry/people"])
    assert materialization(result, "registry/people")["dagster/row_count"] == 3


@pytest.mark.parametrize("asked", ["many", "0", "-3", "1.5", ""])
def test_a_sample_that_is_no_number_is_refused(
    folder: Folder, instance: dg.DagsterInstance, asked: str
) -> None:
    folder.people()
    (said,) = failures(folder.run("people", instance, tags={"factory/sample": asked}))
    assert f'the run tag factory/sample is "{asked}"' in said


def test_a_permanent_error_begins_with_its_place_and_is_not_tried_again(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    (folder.root / "incoming/people.csv").unlink()
    result = folder.run("people", instance)
    (said,) = failures(result)
    assert "description='pipelines/health/people.yaml:4: " in said
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)


def test_several_tables_of_one_source_are_steps_of_their_own(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people()
    folder.write(
        "pipelines/two.yaml",
        "source: {file: incoming}\nbucket: b-b-b\ntables:\n"
        "  - {name: d.a, files: [people.csv]}\n  - {name: d.b, files: [other.csv]}\n",
    )
    folder.write("incoming/other.csv", "x\n1\n2\n")
    result = folder.run("two", instance)
    assert result.success, failures(result)
    assert folder.query("SELECT (SELECT count(*) FROM d.a), (SELECT count(*) FROM d.b)") == [(3, 2)]


def test_originals_are_landed_and_read_in_step_two(
    folder: Folder, instance: dg.DagsterInstance
) -> None:
    folder.people(
        spec=PEOPLE.replace(
            "bucket: people-bucket", "bucket: {name: people-bucket, format: original}"
        )
    )
    result = folder.run("people", instance)
    assert result.success, failures(result)
    assert folder.query("SELECT count(*) FROM registry.people") == [(3,)]


def test_a_finished_run_leaves_no_work_behind(folder: Folder, instance: dg.DagsterInstance) -> None:
    folder.people()
    folder.run("people", instance)
    assert list((folder.root / ".factory/work").iterdir()) == []


def data_version(result: dg.ExecuteInProcessResult, key: str) -> str:
    (event,) = [
        event.step_materialization_data.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(key.split("/"))
    ]
    assert event.tags is not None
    return event.tags["dagster/data_version"]
