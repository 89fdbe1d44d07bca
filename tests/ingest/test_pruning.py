"""Which landed versions `keep` keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from factory.ingest.manifest import write_manifest
from factory.ingest.pruning import landing_time, prune
from tests.ingest.loads import Bench, plan_of, silent


def test_the_last_versions_are_kept_where_the_clock_was_set_back(tmp_path: Path) -> None:
    bench, plan = Bench(tmp_path), plan_of()
    keeping = replace(
        plan, spec=replace(plan.spec, bucket=replace(plan.spec.bucket, keep_versions=2))
    )
    ahead = datetime.now(UTC) + timedelta(days=10)
    for version in ("1", "2", "3", "4"):
        when = ahead if version == "1" else landing_time(keeping, bench.bucket)
        manifest = bench.land(plan, version, [(int(version), "x")])
        content = write_manifest(replace(manifest, landed_at=when))
        bench.bucket.put(manifest.name, content, silent)
        gone = prune(keeping, bench.bucket, version)
        assert [manifest.version.id for manifest in gone] == (
            [str(int(version) - 2)] if int(version) > 2 else []
        )


def test_without_keep_nothing_is_asked_for_the_time(tmp_path: Path) -> None:
    bench, plan = Bench(tmp_path), plan_of()
    manifest = bench.land(plan, "1", [(1, "x")])
    ahead = datetime.now(UTC) + timedelta(days=10)
    bench.bucket.put(manifest.name, write_manifest(replace(manifest, landed_at=ahead)), silent)
    assert landing_time(plan, bench.bucket) < ahead
