"""A few of the faults of `make faults`; and that the suite can fail."""

import random
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.faults.judging import at_the_end
from tests.faults.launch import end, start
from tests.faults.orders import Trap
from tests.faults.points import Point, spread
from tests.faults.suite import all_points, strike
from tests.faults.trial import first_load, try_point
from tests.faults.world import Services, World, new_world
from tests.standins.tokens import TokenServer

_LOCAL = 6
_CLOUD = 2


def _spread(points: list[Point], count: int) -> list[Point]:
    return points[7 :: len(points) // count]


@pytest.mark.timeout(900)  # many runs, on machines that do other things, too
def test_whatever_breaks_the_rows_are_there_once(
    gcs_endpoint: str, bigquery_endpoint: str, google_credentials: TokenServer
) -> None:
    services = Services(gcs_endpoint, bigquery_endpoint, google_credentials.url)
    points = all_points(11, services, ["append"])
    assert len(set(points)) == len(points) > 1_000
    assert [Point.parse(str(point)) for point in points] == points
    local = _spread([p for p in points if p.target == "local"], _LOCAL)
    cloud = _spread([p for p in points if p.target == "gcp"], _CLOUD)
    verdicts = list(strike([*local, *cloud], services, jobs=1))
    assert len(verdicts) >= _LOCAL + _CLOUD
    assert [(str(v.point), v.faults) for v in verdicts if v.faults] == []


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
