"""What `factory dev` says about a save."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factory.cli.saved import change_lines
from factory.orchestration.state import State, judge
from tests.cli.conftest import COVID, Folder

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILE = "pipelines/covid.yaml"
BROKEN = COVID.replace("bucket:", "bukket:")


@pytest.fixture
def before(project: Folder) -> State:
    return judge(project.root, os.environ)


def said(project: Folder, before: State) -> list[str]:
    return list(change_lines(before, judge(project.root, os.environ), NOW))


def test_a_schedule_from_old_to_new_with_the_next_run(project: Folder, before: State) -> None:
    project.write(FILE, COVID.replace("0 2 * * *", "30 6 * * *"))
    assert said(project, before) == [
        "covid: schedule 0 2 * * * → 30 6 * * *, next Tue 24 Nov 06:30 UTC"
    ]


def test_the_zone_is_named_if_it_changes(project: Folder, before: State) -> None:
    new = 'schedule: {cron: "0 2 * * *", timezone: Europe/Warsaw, enabled: false}'
    project.write(FILE, COVID.replace('schedule: "0 2 * * *"', new))
    assert said(project, before) == [
        "covid: schedule 0 2 * * * UTC → 0 2 * * * Europe/Warsaw (off)"
    ]


def test_no_schedule_is_none(project: Folder, before: State) -> None:
    project.write(FILE, COVID.replace('schedule: "0 2 * * *"\n', ""))
    assert said(project, before) == ["covid: schedule 0 2 * * * → none"]


def test_other_keys_are_named(project: Folder, before: State) -> None:
    project.write(FILE, COVID.replace("max: 125", "max: 130").replace("36h", "48h"))
    assert said(project, before) == ["covid: columns, freshness changed"]


def test_a_comment_changes_nothing(project: Folder, before: State) -> None:
    project.write(FILE, "# hello\n" + COVID)
    assert said(project, before) == []


def test_new_deleted_renamed_and_moved(project: Folder, before: State) -> None:
    project.write("pipelines/new.yaml", COVID.replace("covid_data", "other"))
    (project.root / "pipelines/nature/quakes.yaml").unlink()
    assert said(project, before) == [
        "new: new, next Tue 24 Nov 02:00 UTC",
        "quakes: gone with pipelines/nature/quakes.yaml",
    ]
    (project.root / FILE).rename(project.root / "pipelines/corona.yaml")
    (project.root / "pipelines/new.yaml").unlink()
    assert "covid → corona: renamed, its history begins anew" in said(project, before)
    Path(project.root / "pipelines/corona.yaml").rename(
        project.root / "pipelines/nature/covid.yaml"
    )
    assert "covid: moved to pipelines/nature/covid.yaml, group changed" in said(project, before)


def test_broken_and_mended(project: Folder, before: State) -> None:
    project.write(FILE, BROKEN)
    assert said(project, before) == [
        "covid: its last good version goes on, next Tue 24 Nov 02:00 UTC"
    ]
    broken = judge(project.root, os.environ)
    assert said(project, broken) == []
    project.write(FILE, COVID)
    assert said(project, broken) == [f"{FILE}: mended"]
    (project.root / FILE).unlink()
    assert said(project, broken) == [f"covid: gone with {FILE}", f"{FILE}: deleted"]


def test_a_file_that_was_never_good(project: Folder, before: State) -> None:
    project.write("pipelines/wild.yaml", "source: [\n")
    assert said(project, before) == ["wild: does not run until pipelines/wild.yaml is mended"]


def test_quarantine_says_what_is_lost(project: Folder, before: State) -> None:
    text = (project.root / "factory.yaml").read_text()
    project.write("factory.yaml", text.replace("on_invalid: last_good", "on_invalid: quarantine"))
    project.write(FILE, BROKEN)
    assert said(project, before) == [f"covid: does not run until {FILE} is mended"]


def test_broken_defaults_go_on(project: Folder, before: State) -> None:
    project.write("pipelines/nature/_defaults.yaml", "owners: [ana@example.org]\n")
    assert said(project, before) == ["quakes: owners changed"]
    good = judge(project.root, os.environ)
    project.write("pipelines/nature/_defaults.yaml", "owners: {\n")
    assert said(project, good) == ["pipelines/nature/_defaults.yaml: its last good version goes on"]
