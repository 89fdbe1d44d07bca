"""Fixtures for every test, and what every property test asks."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.standins.fixtures"]

# A machine that does other things at the same time makes examples slowly; that is no failure.
settings.register_profile("new", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What passed once passes again: a change is judged by what it does, and not by new examples.
settings.register_profile("same", settings.get_profile("new"), derandomize=True)
settings.load_profile(os.environ.get("EXPLORE", "same"))
