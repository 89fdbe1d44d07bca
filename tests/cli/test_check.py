import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Folder, Result

Factory = Callable[..., Result]
BROKEN = """\
source: {kaggel: a/b}
bucket: some-bucket
table: d.t
"""


def test_good_files_end_with_the_good_news(project: Folder, factory: Factory) -> None:
    result = factory("check")
    assert result.code == 0
    assert result.out.startswith("ok: 2 pipelines, 6 assets; next: covid ")
    assert result.out.endswith(" 02:00 UTC\n")
    assert result.err == ""


def test_without_schedules_nothing_is_next(project: Folder, factory: Factory) -> None:
    (project.root / "pipelines/covid.yaml").unlink()
    assert factory("check").out == "ok: 1 pipeline, 3 assets; nothing is scheduled\n"


def test_a_schedule_that_is_off_is_not_next(project: Folder, factory: Factory) -> None:
    text = (project.root / "pipelines/covid.yaml").read_text()
    off = 'schedule: {cron: "0 2 * * *", enabled: false}'
    project.write("pipelines/covid.yaml", text.replace('schedule: "0 2 * * *"', off))
    assert factory("check").out == "ok: 2 pipelines, 6 assets; nothing is scheduled\n"


def test_all_problems_are_shown_and_counted(project: Folder, factory: Factory) -> None:
    project.write("pipelines/one.yaml", BROKEN)
    project.write("pipelines/two.yaml", BROKEN.replace("d.t", "d.u") + "x: 1\n")
    result = factory("check")
    assert result.code == 1
    assert "pipelines/one.yaml:1:" in result.out
    assert "pipelines/two.yaml:1:" in result.out
    assert "pipelines/two.yaml:4:" in result.out
    assert result.out.splitlines()[-1] == "3 errors in 2 files"


def test_paths_choose_what_is_reported(project: Folder, factory: Factory) -> None:
    project.write("pipelines/one.yaml", BROKEN)
    assert factory("check", "pipelines/covid.yaml").code == 0
    good = factory("check", "pipelines/nature")
    assert (good.code, good.out) == (0, "ok: 1 pipeline, 3 assets; nothing is scheduled\n")
    bad = factory("check", "pipelines/covid.yaml", "pipelines/one.yaml")
    assert (bad.code, bad.out.splitlines()[-1]) == (1, "1 error in 1 file")
    assert factory("check", str(project.root / "pipelines")).code == 1


@pytest.mark.parametrize("path", ["pipelines/covid.yaml", "pipelines/other.yaml"])
def test_a_clash_is_reported_for_either_file(project: Folder, factory: Factory, path: str) -> None:
    project.write("pipelines/other.yaml", BROKEN.replace("kaggel", "kaggle"))
    project.write("pipelines/covid.yaml", BROKEN.replace("kaggel", "kaggle"))
    result = factory("check", path)
    assert result.code == 1
    assert "d.t" in result.out


def test_a_path_that_is_not_there_is_said(project: Folder, factory: Factory) -> None:
    result = factory("check", "pipelines/covi.yaml")
    assert (result.code, result.out) == (2, "")
    assert result.err == 'error: there is no file or folder "pipelines/covi.yaml"\n'


def test_a_file_that_is_no_part_of_the_project_is_said(project: Folder, factory: Factory) -> None:
    project.write("notes.yaml", "a: 1\n")
    result = factory("check", "notes.yaml")
    assert result.code == 2
    assert "reads no file in" in result.err
    assert "pipelines/covid.yaml" in result.err


def test_a_path_names_its_project(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert factory("check", str(project.root / "pipelines/covid.yaml")).code == 0


def test_links_are_files_too(project: Folder, factory: Factory) -> None:
    link = project.root / "pipelines/linked.yaml"
    kept = project.write("elsewhere/one.yml", BROKEN)
    link.symlink_to(kept)
    assert factory("check", "pipelines/linked.yaml").code == 1


def test_json_is_a_list_of_problems(project: Folder, factory: Factory) -> None:
    assert json.loads(factory("check", "--format", "json").out) == []
    project.write("pipelines/one.yaml", BROKEN)
    result = factory("check", "--format=json")
    assert result.code == 1
    [problem] = json.loads(result.out)
    assert (problem["file"], problem["line"]) == ("pipelines/one.yaml", 1)


def test_a_broken_project_file_is_a_problem_like_others(project: Folder, factory: Factory) -> None:
    project.write("factory.yaml", "version: 1\npipelnes: here\n")
    result = factory("check")
    assert result.code == 1
    assert 'unknown key "pipelnes"' in result.out
    for command in (["plan"], ["run", "covid"]):
        result = factory(*command)
        assert result.code == 1
        assert 'unknown key "pipelnes"' in result.err
        assert result.err.endswith("error: factory.yaml is broken\n")


def test_outside_of_a_project_it_says_so(
    tmp_path: Path, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["check"], ["list"], ["plan", "--offline"], ["run", "covid"]):
        result = factory(*command)
        assert result.code == 2
        assert result.err.startswith(f"error: there is no factory.yaml in {tmp_path}")


def test_a_project_works_from_its_sub_folders(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "pipelines/nature")
    assert factory("check").out.startswith("ok: 2 pipelines")
    assert factory("check", "quakes.yaml").out.startswith("ok: 1 pipeline,")


def test_an_unreadable_file_is_a_problem(project: Folder, factory: Factory) -> None:
    (project.root / "pipelines/latin.yaml").write_bytes(b"description: caf\xe9\n")
    result = factory("check", os.path.join("pipelines", "latin.yaml"))  # noqa: PTH118 - as typed
    assert result.code == 1
    assert "UTF-8" in result.out
