"""Dagster's folder: where it is, and what is said where it cannot be."""

from pathlib import Path

import pytest

from factory.errors import Permanent
from factory.orchestration.instance import project_instance
from tests.e2e.projects import new_project


def _refused(root: Path) -> Permanent:
    with pytest.raises(Permanent) as caught, project_instance(root):
        raise AssertionError("it was opened")
    return caught.value


def test_a_home_that_is_gone_or_relative_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "gone"))
    error = _refused(tmp_path)
    assert error.message.startswith(f"DAGSTER_HOME is {tmp_path}/gone, which is no folder")
    assert str(error.hint).startswith(f"mkdir -p {tmp_path}/gone; or unset DAGSTER_HOME")
    monkeypatch.setenv("DAGSTER_HOME", "here")
    assert str(_refused(tmp_path).hint).startswith("export DAGSTER_HOME=$PWD/here")


def test_a_file_in_its_place_is_moved_by_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    (new_project(tmp_path) / ".dagster").touch()
    assert _refused(tmp_path).hint == f"mv {tmp_path}/.dagster {tmp_path}/.dagster.old"
