from pathlib import Path

import pytest

from tests.orchestration.projects import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """An empty project on the local target; Dagster's home is its own."""
    for name in ("DAGSTER_HOME", "FACTORY_TARGET"):
        monkeypatch.delenv(name, raising=False)
    return Folder.make(tmp_path / "project")
