"""Fixtures for every test, and what every property test asks."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from factory import redact

pytest_plugins = ["tests.standins.fixtures"]


@pytest.fixture(autouse=True)
def secrets_of_its_own() -> Iterator[None]:
    """What one test calls a secret is none to the next; any word of ours may be drawn for one."""
    before = set(redact._remembered)
    yield
    redact._remembered.clear()
    redact._remembered.update(before)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers begin with a part each, and take from each other's ends once they are done.

    The first part begins with what asks BigQuery's stand-in, which serves one at a time; the
    second with whole processes, which take the longest and mostly wait.
    """
    workers = getattr(config, "workerinput", {}).get("workercount", 2)
    lists: dict[str, list[pytest.Item]] = {"bigquery": [], "processes": [], "others": []}
    for item in items:
        lists[_kind(item)].append(item)
    others = lists["others"]
    beside = max(len(items) // workers - len(lists["bigquery"]), 0)
    items[:] = [*lists["bigquery"], *others[:beside], *lists["processes"], *others[beside:]]


def _kind(item: pytest.Item) -> str:
    if item.nodeid.startswith(("tests/faults/", "tests/e2e/")):
        return "processes"
    fixtures: tuple[str, ...] = getattr(item, "fixturenames", ())
    asks = "bigquery_endpoint" in fixtures or "bigquery" in item.nodeid.partition("[")[2]
    return "bigquery" if asks else "others"


# A machine that does other things at the same time makes examples slowly; that is no failure.
settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What passed once passes again: a change is judged by what it does, and not by new examples.
settings.register_profile("same", settings.get_profile("new"), derandomize=True)
settings.load_profile(os.environ.get("EXPLORE", "same"))
