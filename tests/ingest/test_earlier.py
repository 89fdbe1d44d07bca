"""Going back: which version is before, and what is not gone back to."""

from dataclasses import replace
from pathlib import Path

import pytest

from factory.errors import Permanent, Refused
from factory.ingest.earlier import land_again, manifest_for, version_before
from factory.ports import Load
from tests.ingest.loads import TABLE, Bench, plan_of, silent

PLAN = plan_of()


def loads(*versions: str, synthetic: bool = False) -> list[Load]:
    """A ledger of these versions, given oldest first."""
    return [
        Load("i", "letters", TABLE, version, "f", 1, "replace", "m", "r", synthetic)
        for version in reversed(versions)
    ]


def test_the_version_before_is_that_before_the_newest_load() -> None:
    assert version_before(loads("1", "2", "3"), {}) == ("3", "2")
    assert version_before(loads("1", "2", "3", "3"), {}) == ("3", "2")
    assert version_before(loads("1", "2", "3"), {"2": "1"}) == ("3", "1")
    assert version_before(loads("1"), {}) is None
    assert version_before(loads("1", synthetic=True) + loads("2"), {}) is None


def test_the_version_before_one_that_came_back_is_the_one_in_between() -> None:
    assert version_before(loads("1", "2", "1"), {}) == ("1", "2")
    assert version_before(loads("1", "2", "1", "2"), {"1": "2"}) == ("1", "2")


def test_a_second_rollback_finds_what_the_first_one_found() -> None:
    assert version_before(loads("1", "2", "3", "2"), {"3": "2"}) == ("3", "2")
    assert version_before(loads("1", "2", "3", "2", "2"), {"3": "2"}) == ("3", "2")
    assert version_before(loads("1", "2", "3", "2", "4"), {"3": "2"}) == ("4", "2")
    assert version_before(loads("1", "2", "3", "2", "1"), {"3": "2"}) == ("1", "2")


def land(bench: Bench, version: str, *, synthetic: bool = False) -> None:
    bench.land(PLAN, version, [(1, "a")], synthetic=synthetic)


def test_a_held_version_gives_way_until_it_is_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    land(bench, "1")
    land(bench, "2")
    for _ in range(2):
        assert land_again(PLAN, bench.bucket, "1", "2", silent).manifest.version.id == "1"
        found = manifest_for(PLAN, bench.bucket, "2")
        assert found is not None
        assert found.version.id == "1"
    land_again(PLAN, bench.bucket, "2", None, silent)
    found = manifest_for(PLAN, bench.bucket, "2")
    assert found is not None
    assert found.version.id == "2"


def test_what_takes_the_place_of_a_held_version_may_be_held_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for version in ("1", "2", "3"):
        land(bench, version)
    land_again(PLAN, bench.bucket, "2", "3", silent)
    land_again(PLAN, bench.bucket, "1", "2", silent)
    found = manifest_for(PLAN, bench.bucket, "3")
    assert found is not None
    assert found.version.id == "1"


def test_made_up_rows_are_not_replayed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    land(bench, "sample-3", synthetic=True)
    with pytest.raises(Refused, match="made-up rows are not replayed"):
        land_again(PLAN, bench.bucket, "sample-3", None, silent)


def test_a_version_that_was_read_otherwise_is_told_from_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    land(bench, "1")
    other = replace(PLAN, fingerprint="0" * 64)
    with pytest.raises(Permanent, match="was landed for another reading"):
        land_again(other, bench.bucket, "1", None, silent)
    with pytest.raises(Permanent, match="version 9 of letters is not in"):
        land_again(PLAN, bench.bucket, "9", None, silent)
