"""Two hundred pipelines: each job is resolved on its own few assets, never on all."""

import dagster as dg
import pytest
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from tests.orchestration.projects import Folder

COUNT = 200
SPEC = "source: {{file: incoming/{n}.csv}}\nbucket: b-b-b\ntable: d.t{n}\nschedule: '0 2 * * *'\n"


def test_a_job_is_resolved_once_and_on_its_own_assets(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(COUNT):
        folder.write(f"pipelines/p{number}.yaml", SPEC.format(n=number))
    sizes: list[int] = []
    resolve = UnresolvedAssetJobDefinition.resolve

    def counted(self, asset_graph, *args, **kwargs):  # type: ignore[no-untyped-def]
        sizes.append(len(asset_graph.get_all_asset_keys()))
        return resolve(self, asset_graph, *args, **kwargs)

    monkeypatch.setattr(UnresolvedAssetJobDefinition, "resolve", counted)
    repository = folder.definitions().get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    assert len(jobs) == COUNT
    assert len(list(repository.schedule_defs)) == COUNT
    assert len(sizes) == COUNT
    assert max(sizes) == 3  # source, landed, table
    assert isinstance(repository, dg.RepositoryDefinition)
