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


# By how long they take, the longest first: what begins last is not what all others wait for.
_LONGEST = ("tests/faults/", "tests/e2e/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole processes before what runs within this one."""
    ranks = {name: rank for rank, name in enumerate(_LONGEST)}
    items.sort(
        key=lambda item: next(
            (rank for name, rank in ranks.items() if item.nodeid.startswith(name)), len(ranks)
        )
    )


# A machine that does other things at the same time makes examples slowly; that is no failure.
settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What passed once passes again: a change is judged by what it does, and not by new examples.
settings.register_profile("same", settings.get_profile("new"), derandomize=True)
settings.load_profile(os.environ.get("EXPLORE", "same"))
