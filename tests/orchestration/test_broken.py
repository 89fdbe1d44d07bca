"""A broken file hurts itself only, and everybody can see it."""

import dagster as dg
import pytest

from factory.errors import Permanent
from factory.orchestration.build import build_definitions
from factory.orchestration.location import load_location
from tests.orchestration.projects import FACTORY, PEOPLE, ROWS, Folder, checks

TYPO = PEOPLE.replace("bucket:", "bukket:")
OTHER = "source: {file: incoming/people.csv}\nbucket: b-b-b\ntable: d.other\nschedule: '@daily'\n"


def jobs(definitions: dg.Definitions) -> set[str]:
    return {job.name for job in definitions.resolve_all_job_defs()} - {"__ASSET_JOB"}


def keys(definitions: dg.Definitions) -> set[str]:
    return {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()}


def test_a_broken_file_leaves_the_others_whole(folder: Folder) -> None:
    folder.people(spec=TYPO)
    folder.write("pipelines/other.yaml", OTHER)
    definitions = folder.definitions()
    assert {"landed/other", "d/other"} <= keys(definitions)
    assert "landed/people" not in keys(definitions)
    assert definitions.resolve_job_def("other").run_tags["pipeline"] == "other"


def test_it_is_a_failing_check_with_line_and_caret(folder: Folder) -> None:
    folder.people(spec=TYPO)
    result = dg.materialize(
        [a for a in folder.definitions().assets if dg.AssetKey("pipeline_specs") in a.keys],  # type: ignore[union-attr]
        raise_on_error=False,
    )
    assert checks(result) == {"pipelines_health_people_yaml": False}
    (found,) = result.get_asset_check_evaluations()
    problem = found.metadata["problem"].value
    assert "pipelines/health/people.yaml:5:1: error[" in problem
    assert "^^^^^^" in problem
    assert "its pipeline does not run" in (found.description or "")


def test_the_sensor_tells_without_a_run_and_once(folder: Folder) -> None:
    folder.people(spec=TYPO)
    sensor = folder.definitions().resolve_sensor_def("pipeline_specs")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    first = sensor(dg.build_sensor_context(cursor=None))
    assert isinstance(first, dg.SensorResult)
    noted, verdict = first.asset_events
    assert isinstance(noted, dg.AssetMaterialization)
    assert isinstance(verdict, dg.AssetCheckEvaluation)
    assert (verdict.check_name, verdict.passed) == ("pipelines_health_people_yaml", False)
    assert isinstance(sensor(dg.build_sensor_context(cursor=first.cursor)), dg.SkipReason)
    folder.people()
    mended = folder.definitions().resolve_sensor_def("pipeline_specs")
    told = mended(dg.build_sensor_context(cursor=first.cursor))
    assert isinstance(told, dg.SensorResult)
    assert [type(event) for event in told.asset_events] == [dg.AssetMaterialization]


def test_without_a_last_good_text_the_name_is_kept_by_a_schedule_that_skips(
    folder: Folder,
) -> None:
    folder.people(spec=TYPO)
    definitions = folder.definitions()
    assert jobs(definitions) == {"people"}
    schedule = definitions.resolve_schedule_def("people")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    (skip,) = [schedule.evaluate_tick(dg.build_schedule_context()).skip_message]
    assert skip is not None
    assert skip.startswith("people.yaml is broken: line ")


def test_with_a_last_good_text_the_pipeline_goes_on(folder: Folder) -> None:
    folder.people()
    before = folder.definitions()
    folder.people(spec=TYPO)
    after = folder.definitions()
    assert keys(after) == keys(before)
    assert after.resolve_schedule_def("people").cron_schedule == "0 2 * * *"
    (broken,) = folder.state().broken
    assert broken.last_good
    result = folder.run("people", dg.DagsterInstance.ephemeral())
    assert result.success


def test_a_deleted_file_does_not_come_back(folder: Folder) -> None:
    folder.people()
    folder.definitions()
    (folder.root / "pipelines/health/people.yaml").unlink()
    assert keys(folder.definitions()) == {"pipeline_specs"}
    folder.people(spec=TYPO)
    assert "landed/people" not in keys(folder.definitions())


def test_quarantine_drops_the_file_and_fail_stops(folder: Folder) -> None:
    folder.people()
    folder.definitions()
    folder.write("factory.yaml", FACTORY + "on_invalid: quarantine\n")
    folder.people(spec=TYPO)
    assert "landed/people" not in keys(folder.definitions())
    folder.write("factory.yaml", FACTORY + "on_invalid: fail\n")
    with pytest.raises(Permanent, match=r"people\.yaml:5:1: error\["):
        folder.definitions()


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "a: [", "- 1", "source: {file: x}", "\t", "%YAML 9", "a: &a [*a]", "? ", "é: ü"],
)
def test_nothing_in_a_file_can_stop_the_others(folder: Folder, text: str) -> None:
    folder.people()
    folder.write("pipelines/wild.yaml", text)
    definitions = folder.definitions()
    dg.Definitions.validate_loadable(definitions)
    assert "registry/people" in keys(definitions)
    assert [broken.file for broken in folder.state().broken] == ["pipelines/wild.yaml"]


def test_bytes_that_are_no_text_are_a_broken_file(folder: Folder) -> None:
    folder.people()
    (folder.root / "pipelines/wild.yaml").write_bytes(b"\xff\xfe\x00bad")
    definitions = folder.definitions()
    assert "registry/people" in keys(definitions)
    assert [broken.file for broken in folder.state().broken] == ["pipelines/wild.yaml"]


def test_a_broken_project_file_falls_back_to_its_last_good_text(folder: Folder) -> None:
    folder.people()
    folder.definitions()
    folder.write("factory.yaml", FACTORY.replace("default_target: local", "default_target: [oops"))
    assert "registry/people" in keys(folder.definitions())
    assert folder.state().broken[0].file == "factory.yaml"


def test_two_pipelines_that_dagster_cannot_keep_apart_lose_one(folder: Folder) -> None:
    folder.people()
    folder.write("pipelines/landed.yaml", OTHER.replace("d.other", "landed.people"))
    state = folder.state()
    assert not state.broken
    definitions = build_definitions(state, folder.target(state))
    dg.Definitions.validate_loadable(definitions)
    assert {"landed", "people"} == jobs(definitions)


def test_a_target_that_does_not_exist_is_shown_and_not_raised(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.people(rows=ROWS)
    monkeypatch.setenv("FACTORY_TARGET", "moon")
    definitions = load_location(folder.root)
    graph = definitions.resolve_asset_graph()
    assert {key.name for key in graph.asset_check_keys} == {"factory_yaml"}
