"""What a run carries, and that it suffices."""

import base64
import os
import shutil
import zlib

import pytest

from factory.orchestration.state import pack, unpack
from factory.orchestration.travelling import travelled
from tests.orchestration.projects import PEOPLE, Folder

SECRET = "s3cr3t-0123456789"


@pytest.fixture
def secretive(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("FILES_TOKEN", SECRET)
    monkeypatch.setenv("ALERT_URL", f"json://user:{SECRET}@example.org")
    folder.people(
        spec=PEOPLE.replace("incoming/people.csv", '"incoming/${FILES_TOKEN}/people.csv"')
        + 'alerts: [{on: [failure], to: "${ALERT_URL}"}]\n'
    )
    return folder


def opened(packed: str) -> str:
    return zlib.decompress(base64.b85decode(packed)).decode()


def test_no_resolved_value_travels(secretive: Folder) -> None:
    state = secretive.state()
    assert [spec.name for spec in state.specs] == ["people"]
    text = opened(pack(state))
    assert SECRET not in text
    assert "${FILES_TOKEN}" in text


def test_a_broken_file_travels_as_its_message_and_not_as_its_text(secretive: Folder) -> None:
    secretive.write(
        "pipelines/bad.yaml", f"source: {{htp: 'https://u:{SECRET}@example.org/a.csv'}}\n"
    )
    state = secretive.state()
    assert [broken.file for broken in state.broken] == ["pipelines/bad.yaml"]
    text = opened(pack(state))
    assert SECRET not in text
    assert "htp" in text


def test_specs_come_out_as_they_went_in(folder: Folder) -> None:
    folder.people()
    folder.write("pipelines/bad.yaml", "a: [")
    state = folder.state()
    packed = pack(state)
    shutil.rmtree(folder.root / "pipelines")
    again = unpack(packed, folder.root, os.environ)
    assert again == state
    assert again.specs[0].mark.place == state.specs[0].mark.place


def test_outside_of_dagster_the_folder_is_read() -> None:
    assert travelled(lambda: "made") == "made"


def test_a_worker_gets_what_the_location_saw() -> None:
    from dagster._core.definitions.definitions_load_context import (
        DefinitionsLoadContext,
        DefinitionsLoadType,
    )
    from dagster._core.definitions.repository_definition import RepositoryLoadData

    loading = DefinitionsLoadContext(DefinitionsLoadType.INITIALIZATION)
    with DefinitionsLoadContext.scoped(loading):
        assert travelled(lambda: "as it was") == "as it was"
    carried = RepositoryLoadData(
        cacheable_asset_data={},
        reconstruction_metadata={
            key: _wrapped(value)
            for key, value in loading.get_pending_reconstruction_metadata().items()
        },
    )
    worker = DefinitionsLoadContext(DefinitionsLoadType.RECONSTRUCTION, carried)
    with DefinitionsLoadContext.scoped(worker):
        assert travelled(lambda: "edited since") == "as it was"


def _wrapped(value: str) -> object:
    from dagster._core.definitions.metadata.metadata_value import (
        CodeLocationReconstructionMetadataValue,
    )

    return CodeLocationReconstructionMetadataValue(value)
