"""A few of the faults of `make faults`; and that the suite can fail."""

from pathlib import Path

import pytest

from tests.faults.points import Point
from tests.faults.suite import all_points, strike
from tests.faults.trial import first_load, try_point
from tests.faults.world import Services, World, new_world

_LOCAL = 6
_CLOUD = 2


def _spread(points: list[Point], count: int) -> list[Point]:
    return points[7 :: len(points) // count]


@pytest.mark.timeout(900)  # many runs, on machines that do other things, too
def test_whatever_breaks_the_rows_are_there_once(gcs_endpoint: str, bigquery_endpoint: str) -> None:
    services = Services(gcs_endpoint, bigquery_endpoint)
    points = all_points(11, services, ["append"])
    assert len(set(points)) == len(points) > 1_000
    local = _spread([p for p in points if p.target == "local"], _LOCAL)
    cloud = _spread([p for p in points if p.target == "gcp"], _CLOUD)
    verdicts = list(strike([*local, *cloud], services, jobs=1))
    assert len(verdicts) >= _LOCAL + _CLOUD
    assert [(str(v.point), v.faults) for v in verdicts if v.faults] == []


def test_rows_that_are_doubled_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_world(tmp_path, "local", "append", None) as world:
        first_load(world)
        monkeypatch.setattr(World, "rows", lambda world: world.expected(world.loaded) * 2)
        verdict = try_point(world, Point("local", "append", "kaggle", 0, "503"))
    assert any("no version has" in fault for fault in verdict.faults)
