"""`factory test`, as a person and a CI server see it."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import ROOT, Folder, Result, in_a_process

TESTS = """\
tests:
  - name: the young are kept
    given:
      "rows.csv": |
        AGE,DATE_DIED
        7,2020-01-02
    expect: {rows: [{age: 7, died: %s}]}
"""


@pytest.fixture
def tested(project: Folder) -> Folder:
    """A project whose covid has a test that passes."""
    covid = (project.root / "pipelines/covid.yaml").read_text()
    project.write("pipelines/covid.yaml", covid + TESTS % "2020-01-02")
    return project


def test_all_pass_and_what_was_not_tried_is_said(
    tested: Folder, factory: Callable[..., Result]
) -> None:
    result = factory("test", "--rows", "20")
    assert result.code == 0, result.out
    lines = result.out.splitlines()
    assert lines[0].startswith("ok      covid   synthetic rows  20 rows, ")
    assert lines[1].startswith("ok      covid   the young are kept  1 row, ")
    assert lines[2] == "-       quakes  synthetic rows  not tried: no column contract"
    assert lines[-1] == "ok: 3 trials: 2 passed, 1 not tried"
    assert not (tested.root / ".factory").exists()


def test_a_failure_is_shown_with_its_place_and_in_the_report(
    tested: Folder, factory: Callable[..., Result]
) -> None:
    covid = (tested.root / "pipelines/covid.yaml").read_text()
    tested.write("pipelines/covid.yaml", covid.replace("died: 2020", "died: 2021"))
    result = factory("test", "covid", "--rows", "5", "--junit", "reports/junit.xml")
    assert result.code == 1
    assert "FAILED  covid  the young are kept  1 row, " in result.out
    assert "pipelines/covid.yaml:19: error: of 1 expected rows 1 did not come" in result.out
    assert "  -  7    2021-01-02  pipelines/covid.yaml:19\n  +  7    2020-01-02\n" in result.out
    assert result.out.endswith("failed: 2 trials: 1 failed, 1 passed\n")
    report = ElementTree.parse(tested.root / "reports/junit.xml").getroot()
    assert report.get("failures") == "1"


def test_a_broken_file_fails_and_hides_no_other(
    tested: Folder, factory: Callable[..., Result]
) -> None:
    tested.write("pipelines/bad.yaml", "source: {kagle: a/b}\nbucket: some-bucket\ntable: d.x\n")
    result = factory("test", "--rows", "5")
    assert result.code == 1
    assert "FAILED  bad     the YAML" in result.out
    assert 'error[unknown-key]: unknown key "kagle"' in result.out
    assert "ok      covid   the young are kept" in result.out
    named = factory("test", "bad")
    assert named.code == 1
    assert "bad is broken" in named.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["test", "covvid"], 'did you mean "covid"?'),
        (["test", "--rows", "0"], 'must be a whole number from 1, got "0"'),
        (["test", "quakes", "--junit", "factory.yaml/x"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(
    project: Folder, factory: Callable[..., Result], words: list[str], said: str
) -> None:
    result = factory(*words)
    assert result.code == 2
    assert said in result.err


def test_our_own_pipelines_pass_without_the_cloud_and_its_libraries(tmp_path: Path) -> None:
    (tmp_path / "factory.yaml").write_text((ROOT / "factory.yaml").read_text())
    (tmp_path / "pipelines").symlink_to(ROOT / "pipelines")
    environment = {"FACTORY_TARGET": "gcp", "GCP_PROJECT": ""}
    result = in_a_process("test", "--rows", "100", cwd=tmp_path, env=environment)
    assert result.code == 0, result.out + result.err
    assert result.out.rstrip().endswith("6 passed")
    assert result.err == ""
    assert {path.name for path in tmp_path.iterdir()} == {"factory.yaml", "pipelines"}
