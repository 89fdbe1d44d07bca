"""A code location is loaded twice by Dagster, and judged, parsed and built once."""

import os
from pathlib import Path

import pytest
from dagster._core.definitions.definitions_load_context import (
    DefinitionsLoadContext,
    DefinitionsLoadType,
)
from dagster._core.definitions.metadata.metadata_value import (
    CodeLocationReconstructionMetadataValue,
)
from dagster._core.definitions.repository_definition import RepositoryLoadData

from factory.orchestration import state
from factory.orchestration.location import load_location
from tests.orchestration.projects import PEOPLE, Folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each time that the project is parsed."""
    words: list[str] = []
    parse = state.parse_project

    def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        words.append("parsed")
        return parse(*args, **kwargs)

    monkeypatch.setattr(state, "parse_project", counted)
    return words


def test_what_was_judged_is_not_parsed_or_built_again(folder: Folder, parsed: list[str]) -> None:
    folder.people()
    loading = DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)
    with DefinitionsLoadContext.scoped(loading):
        first = load_location(folder.root)
    with DefinitionsLoadContext.scoped(_reconstruction(loading)):
        assert load_location(folder.root) is first
    assert parsed == ["parsed"]


def test_a_later_load_sees_the_folder_as_it_is_then(folder: Folder, parsed: list[str]) -> None:
    folder.people()
    assert _cron(folder.root) == "0 2 * * *"
    folder.people(spec=PEOPLE.replace("0 2", "30 6"))
    assert _cron(folder.root) == "30 6 * * *"
    assert len(parsed) == 2


def test_a_worker_parses_what_travelled(folder: Folder) -> None:
    folder.people()
    loading = DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)
    with DefinitionsLoadContext.scoped(loading):
        load_location(folder.root)
    (folder.root / "pipelines/health/people.yaml").unlink()
    assert state.judge(folder.root, os.environ).specs == ()
    other = DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)
    with DefinitionsLoadContext.scoped(other):
        load_location(folder.root)  # the location is loaded anew while the worker starts
    with DefinitionsLoadContext.scoped(_reconstruction(loading)):
        worker = load_location(folder.root)
    assert worker.resolve_job_def("people").name == "people"


def _cron(root: Path) -> object:
    with DefinitionsLoadContext.scoped(DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)):
        return load_location(root).resolve_schedule_def("people").cron_schedule


def _reconstruction(loading: DefinitionsLoadContext) -> DefinitionsLoadContext:
    noted = loading.get_pending_reconstruction_metadata()
    carried = RepositoryLoadData(
        cacheable_asset_data={},
        reconstruction_metadata={
            key: CodeLocationReconstructionMetadataValue(value) for key, value in noted.items()
        },
    )
    return DefinitionsLoadContext(DefinitionsLoadType.RECONSTRUCTION, carried)
