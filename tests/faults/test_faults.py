"""A few of the faults of `make faults`; and that the suite can fail."""

import random
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.faults.judging import at_the_end
from tests.faults.launch import end, start
from tests.faults.orders import Trap
from tests.faults.points import (
    DISPOSITIONS,
    Asked,
    Calls,
    Point,
    Target,
    family,
    points,
    spread,
    varied,
)
from tests.faults.suite import measured, strike
from tests.faults.trial import first_load, try_point
from tests.faults.world import Services, World, new_world
from tests.standins.tokens import TokenServer

_LOCAL = 9
_CLOUD = 2


def _known(target: Target, services: Services | None, rng: random.Random) -> list[Point]:
    """The points of a target. One disposition is measured for all: that of the most calls."""
    calls = measured(target, "merge", services)
    groups = [points(target, disposition, calls, rng) for disposition in DISPOSITIONS]
    known = [point for group in groups for point in group]
    assert len(set(known)) == len(known) > 2_000
    assert [Point.parse(str(point)) for point in known] == known
    return known


@pytest.mark.timeout(900)  # many runs, on machines that do other things, too
def test_whatever_breaks_the_rows_are_there_once(
    gcs_endpoint: str, bigquery_endpoint: str, google_credentials: TokenServer
) -> None:
    rng = random.Random(11)
    services = Services(gcs_endpoint, bigquery_endpoint, google_credentials.url)
    local, cloud = _known("local", None, rng), _known("gcp", services, rng)
    chosen = [*varied(local, _LOCAL, rng), *varied(cloud, _CLOUD, rng)]
    verdicts = list(strike(chosen, services, jobs=1))
    assert [(str(v.point), v.faults) for v in verdicts if v.faults] == []
    assert len(verdicts) == _LOCAL + _CLOUD
    missed = [str(verdict.point) for verdict in verdicts if not verdict.struck]
    assert len(missed) <= len(verdicts) // 5, missed


def test_few_points_are_of_many_kinds() -> None:
    asked = [Asked("store a", 0, 9)] * 4
    calls = Calls({"kaggle": asked}, 900, tuple(range(90)), tuple(range(40)), 900, 9_000)
    known = [p for each in DISPOSITIONS for p in points("local", each, calls, random.Random(1))]
    kinds = {family(point) for point in known}
    chosen = varied(known, len(kinds), random.Random(2))
    assert {family(point) for point in chosen} == kinds
    of_each = Counter(point.disposition for point in chosen)
    assert max(of_each.values()) - min(of_each.values()) <= 1
    assert len(set(varied(known, 60, random.Random(2)))) == 60


def test_who_imports_the_suite_waits_as_long_as_before() -> None:
    assert time.sleep.__module__ == "time"
    assert "tests.faults.hurry" not in sys.modules
    assert strike.__module__ in sys.modules


def test_a_part_of_the_points_has_one_in_six_in_the_cloud() -> None:
    known = [
        Point(target, "append", "process", number, "kill")
        for target in ("local", "gcp")
        for number in range(100)
    ]
    chosen = spread(known, 60, random.Random(1))
    assert [point.target for point in chosen] == ["local"] * 50 + ["gcp"] * 10
    assert len(set(spread(known, 150, random.Random(1)))) == 150


def test_rows_that_are_doubled_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_world(tmp_path, "local", "append", None) as world:
        first_load(world)
        monkeypatch.setattr(World, "rows", lambda world: world.expected(world.loaded) * 2)
        verdict = try_point(world, Point("local", "append", "kaggle", 0, "503"))
    assert any("no version has" in fault for fault in verdict.faults)


def test_a_version_that_is_loaded_twice_is_seen(tmp_path: Path) -> None:
    with new_world(tmp_path, "local", "append", None) as world:
        first_load(world)
        version = world.publish()
        assert end(start(world, Trap())) is not None
        assert at_the_end(world, [1], version) == []
        table = f"{world.dataset}.letters"
        with duckdb.connect(str(world.project / ".factory/warehouse.duckdb")) as warehouse:
            warehouse.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE rowid >= 40")
            book = f"{world.dataset}._factory_loads"
            warehouse.execute(f"INSERT INTO {book} SELECT * FROM {book} WHERE source_version = '2'")
        found = at_the_end(world, [1], version)
    assert [word for word in ("ledger went", "each once") if word not in " ".join(found)] == []


def test_half_an_object_that_is_left_is_seen(tmp_path: Path) -> None:
    with new_world(tmp_path, "local", "replace", None) as world:
        first_load(world)
        left = world.project / ".factory/buckets/.incoming/0123456789abcdef0123456789abcdef"
        left.write_bytes(b"half")
        assert world.litter() == [str(left)]
        world.publish()
        assert end(start(world, Trap())) is not None
        assert world.litter() == []
