"""Which landed versions `keep` keeps."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from factory.errors import Permanent
from factory.ingest.earlier import land_again
from factory.ingest.pruning import landing_time, prune
from factory.ports import Bucket
from tests.ingest.loads import Bench, plan_of, silent


def test_the_last_versions_are_kept_where_the_clock_was_set_back(tmp_path: Path) -> None:
    bench, plan = Bench(tmp_path), plan_of()
    keeping = replace(
        plan, spec=replace(plan.spec, bucket=replace(plan.spec.bucket, keep_versions=2))
    )
    ahead = datetime.now(UTC) + timedelta(days=10)
    for version in ("1", "2", "3", "4"):
        when = ahead if version == "1" else landing_time(keeping, bench.bucket)
        bench.land(plan, version, [(int(version), "x")], landed_at=when)
        gone = prune(keeping, bench.bucket, version)
        assert [manifest.version.id for manifest in gone] == (
            [str(int(version) - 2)] if int(version) > 2 else []
        )


def test_without_keep_nothing_is_asked_for_the_time(tmp_path: Path) -> None:
    bench, plan = Bench(tmp_path), plan_of()
    ahead = datetime.now(UTC) + timedelta(days=10)
    bench.land(plan, "1", [(1, "x")], landed_at=ahead)
    assert landing_time(plan, bench.bucket) < ahead


def test_what_a_prune_that_died_has_left_is_removed_by_the_next(tmp_path: Path) -> None:
    bench, plan = Bench(tmp_path), plan_of()
    keeping = replace(
        plan, spec=replace(plan.spec, bucket=replace(plan.spec.bucket, keep_versions=1))
    )
    for version in ("1", "2"):
        now = landing_time(keeping, bench.bucket)
        bench.land(plan, version, [(int(version), "x")], landed_at=now)
    number = len(list(bench.bucket.list("")))
    for deletions in (0, 1, 2):
        with pytest.raises(KeyboardInterrupt):
            prune(keeping, Dying(bench.bucket, deletions), "2")
        assert len(list(bench.bucket.list(""))) == number - min(deletions, 1)
        with pytest.raises(Permanent, match="being removed") if deletions else nullcontext():
            land_again(plan, bench.bucket, "1", None, silent)
    assert [manifest.version.id for manifest in prune(keeping, bench.bucket, "2")] == ["1"]
    assert all("/v=2/" in stored.name for stored in bench.bucket.list(""))


class Dying:
    """A bucket whose user is stopped after so many deletions."""

    def __init__(self, bucket: Bucket, deletions: int) -> None:
        self._bucket, self._left = bucket, deletions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)

    def delete(self, name: str) -> None:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        self._bucket.delete(name)
