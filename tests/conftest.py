"""Fixtures for every test, and what every property test asks."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.standins.fixtures"]

# A machine that does other things at the same time makes examples slowly; that is no failure.
settings.register_profile("all", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("all")
