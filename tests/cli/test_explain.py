"""`factory explain`: each value with its place, in words and as JSON."""

import json
import subprocess
from collections.abc import Callable

import pytest

from tests.cli.conftest import PYTHON, Folder, Result
from tests.cli.test_speed import _REPORT, HEAVY, plain_environment

Factory = Callable[..., Result]


def row(out: str, field: str) -> str:
    [line] = [line for line in out.splitlines() if line.startswith(f"{field} ")]
    return " ".join(line.split())


def test_explain_names_the_place_of_every_value(project: Folder, factory: Factory) -> None:
    result = factory("explain", "covid")
    assert result.code == 0
    assert result.out.startswith("covid  pipelines/covid.yaml\n")
    assert row(result.out, "schedule.cron").endswith("0 2 * * * pipelines/covid.yaml:11:11")
    assert row(result.out, "schedule.timezone").startswith("schedule.timezone UTC factory.yaml:")
    assert row(result.out, "table.write_disposition").endswith("replace schema default")
    assert row(result.out, "name").endswith("covid the file's name")


def test_explain_says_what_is_overridden(project: Folder, factory: Factory) -> None:
    with (project.root / "pipelines/covid.yaml").open("a") as file:
        file.write("retries: {delay: 10s}\n")
    said = row(factory("explain", "covid", "retries.delay").out, "retries.delay")
    assert "10s pipelines/covid.yaml:13:18, overrides factory.yaml:" in said
    assert said.endswith("(30s)")


def test_a_single_field_comes_with_its_meaning(project: Folder, factory: Factory) -> None:
    out = factory("explain", "covid", "columns.AGE.type").out
    assert row(out, "columns.AGE.type").startswith("columns.AGE.type INT64 pipelines/covid.yaml:6:")
    assert out.endswith("Its type in the table; default: inferred from every row.\n")


def test_a_field_that_is_not_set_is_said_with_its_meaning(
    project: Folder, factory: Factory
) -> None:
    result = factory("explain", "covid", "timeout")
    assert result.code == 0
    assert result.out.startswith("timeout is not set, and has no default\n  ")


def test_the_nearest_field_and_pipeline_are_offered(project: Folder, factory: Factory) -> None:
    result = factory("explain", "covid", "shedule.cron")
    assert result.code == 2
    assert result.err == (
        'error: covid has no field "shedule.cron"\n  = help: did you mean "schedule.cron"?\n'
    )
    assert 'did you mean "covid"?' in factory("explain", "covd").err


def test_variables_are_named_and_secrets_masked(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESCRIPTION_KEY", "very-secret-text")
    text = (project.root / "pipelines/covid.yaml").read_text()
    text = text.replace("covid-bucket", '"${COVID_BUCKET:-spare-bucket}"')
    project.write("pipelines/covid.yaml", text + 'description: "${DESCRIPTION_KEY}"\n')
    out = factory("explain", "covid").out
    assert 'by ${COVID_BUCKET}, which is not set: the default "spare-bucket" stands' in out
    assert "*** pipelines/covid.yaml:13:14, by ${DESCRIPTION_KEY}, which is set" in row(
        out, "description"
    )
    assert "very-secret-text" not in out


def test_a_file_with_errors_is_explained_and_fails(project: Folder, factory: Factory) -> None:
    text = (project.root / "pipelines/covid.yaml").read_text()
    project.write("pipelines/covid.yaml", text.replace("0 2 *", "0 25 *"))
    result = factory("explain", "covid", "schedule.cron")
    assert result.code == 1
    assert "0 25 * * *" in result.out
    assert result.err == "pipelines/covid.yaml has 1 error; factory check explains\n"


def test_json_says_the_same(project: Folder, factory: Factory) -> None:
    [cron] = json.loads(factory("explain", "covid", "schedule.cron", "--format", "json").out)
    assert cron["field"] == "schedule.cron"
    assert cron["value"] == "0 2 * * *"
    assert cron["from"] == "pipelines/covid.yaml:11:11"
    assert cron["overrides"] == []
    everything = json.loads(factory("explain", "covid", "--format", "json").out)
    assert {"from": "schema default", "value": "replace"}.items() <= next(
        each for each in everything if each["field"] == "table.write_disposition"
    ).items()


def test_explain_loads_nothing_heavy(project: Folder) -> None:
    done = subprocess.run(
        [PYTHON, "-c", _REPORT, "explain", "covid"],
        cwd=project.root,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert HEAVY & set(done.stderr.split()) == set()
