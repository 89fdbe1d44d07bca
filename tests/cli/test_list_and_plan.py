import json
import os
import pty
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.cli import times
from tests.cli.conftest import PYTHON, ROOT, Folder, Result

Factory = Callable[..., Result]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOON)


def on_a_terminal(words: Sequence[str], cwd: Path, columns: int) -> str:
    """What a person sees who has a terminal of that width."""
    main, other = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    with subprocess.Popen(
        [PYTHON, "-m", "factory", *words], cwd=cwd, env=env, stdout=other, stderr=other, stdin=other
    ):
        os.close(other)
        seen = b""
        try:
            while part := os.read(main, 10_000):
                seen += part
        except OSError:  # Linux's way to say that the other end is closed
            pass
    os.close(main)
    return seen.decode().replace("\r\n", "\n")


def test_list_shows_every_pipeline(project: Folder, factory: Factory) -> None:
    result = factory("list")
    assert result.code == 0
    header, covid, quakes = result.out.splitlines()
    assert header.split() == [
        "NAME",
        "GROUP",
        "SOURCE",
        "TABLES",
        "SCHEDULE",
        "NEXT",
        "RUN",
        "FILE",
    ]
    for part in (
        "covid ",
        "kaggle: meirnizri/covid19-dataset",
        "covid19_dataset.covid_data",
        "daily at 02:00 UTC",
        "Tue 24 Nov 02:00 UTC",
    ):
        assert part in covid
    assert "pipelines/covid.yaml:" in covid
    assert "nature" in quakes
    assert "none" in quakes


def test_list_shows_the_broken_ones(project: Folder, factory: Factory) -> None:
    project.write("pipelines/bad.yaml", "source: {kaggel: a/b}\n")
    result = factory("list")
    assert result.code == 0
    [line] = [line for line in result.out.splitlines() if line.startswith("bad")]
    assert "broken: see factory check" in line
    assert line.endswith("pipelines/bad.yaml")


def test_an_empty_project_says_where_to_write(project: Folder, factory: Factory) -> None:
    for file in (project.root / "pipelines").rglob("*.yaml"):
        file.unlink()
    assert factory("list").out == "no pipelines yet: write one in pipelines/\n"


def test_a_narrow_terminal_gets_paragraphs_and_a_wide_one_a_table(project: Folder) -> None:
    wide = on_a_terminal(["list"], project.root, 250)
    narrow = on_a_terminal(["list"], project.root, 60)
    assert "NEXT RUN" in wide
    assert "\x1b[1mNAME" in wide
    assert "NEXT RUN" not in narrow
    assert "kaggle: meirnizri/covid19-dataset → covid19_dataset.covid_data" in narrow


def test_plan_shows_what_will_exist(project: Folder, factory: Factory) -> None:
    result = factory("plan", "--offline", "covid")
    assert result.code == 0
    for part in (
        "covid on local",
        "kaggle/meirnizri/covid19-dataset, the latest version",
        ".factory/buckets/covid-bucket/raw/covid/v={source_version}/",
        "job       covid",
        "daily at 02:00 UTC",
        "Tue 24 Nov 02:00 UTC, Wed 25 Nov 02:00 UTC, Thu 26 Nov 02:00 UTC",
        "table covid19_dataset.covid_data, replace",
        "duckdb://.factory/warehouse.duckdb/covid19_dataset/covid_data",
        "INT64  not null  Age in years",
        "age is at least 0, at most 125",
        "row count: at least 1",
    ):
        assert part in result.out
    assert "quakes" not in result.out
    assert "\x1b" not in result.out


def test_plan_of_all_shows_all(project: Folder, factory: Factory) -> None:
    out = factory("plan", "--offline").out
    assert "covid on local" in out
    assert "quakes on local" in out
    assert "columns: those of the file" in out


def test_rows_fit_the_terminal(project: Folder) -> None:
    text = (project.root / "pipelines/covid.yaml").read_text()
    project.write("pipelines/covid.yaml", text.replace("Age in years", "Age in years " * 30))
    shown = on_a_terminal(["plan", "--offline", "covid"], project.root, 70)
    [age] = [line for line in shown.splitlines() if "INT64" in line]
    assert len(age) <= 70
    assert age.endswith("…")


def without_places(plan: dict[str, object]) -> object:
    """The plan but for its target and locations."""
    text = json.dumps(plan)
    for place in (
        ".factory/buckets/covid-bucket",
        "gs://covid-bucket",
        "duckdb://.factory/warehouse.duckdb",
        "bigquery://my-project",
    ):
        text = text.replace(place, "PLACE")
    return {**json.loads(text), "target": None}


def test_targets_differ_in_places_only(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCP_PROJECT", "my-project")
    local = json.loads(factory("plan", "--offline", "covid", "--format", "json").out)
    cloud = json.loads(
        factory("plan", "--offline", "covid", "--format", "json", "--target", "gcp").out
    )
    assert local["target"] == "local"
    assert cloud["target"] == "gcp"
    assert local != cloud
    assert without_places(local) == without_places(cloud)


def test_the_json_does_not_depend_on_the_clock(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = factory("plan", "--offline", "--format", "json").out
    monkeypatch.setattr(times, "now", lambda: datetime(2030, 1, 1, tzinfo=UTC))
    assert factory("plan", "--offline", "--format", "json").out == first


def test_the_variable_chooses_the_target_and_the_option_wins(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCP_PROJECT", "my-project")
    monkeypatch.setenv("FACTORY_TARGET", "gcp")
    assert "covid on gcp" in factory("plan", "--offline", "covid").out
    assert "covid on local" in factory("plan", "--offline", "covid", "--target", "local").out


def test_an_unknown_target_is_said(project: Folder, factory: Factory) -> None:
    result = factory("plan", "--offline", "covid", "--target", "locale")
    assert result.code == 2
    assert result.err == ('error: there is no target "locale"\n  = help: did you mean "local"?\n')


def test_an_unknown_name_is_said_with_the_nearest(project: Folder, factory: Factory) -> None:
    for command in ("plan", "run"):
        result = factory(command, "covd")
        assert result.code == 2
        assert result.err == (
            'error: there is no pipeline "covd"\n  = help: did you mean "covid"?\n'
        )
    assert "known: covid or quakes" in factory("plan", "zzzzzz").err


def test_a_broken_pipeline_is_explained(project: Folder, factory: Factory) -> None:
    project.write("pipelines/bad.yaml", "source: {kaggel: a/b}\nbucket: b\ntable: d.t\n")
    for command in ("plan", "run"):
        result = factory(command, "bad")
        assert result.code == 1
        assert result.out == ""
        assert "pipelines/bad.yaml:1:" in result.err
        assert result.err.endswith("error: bad is broken and cannot be used\n")
    assert factory("plan", "--offline", "covid").code == 0
