"""What `dagster dev` loads (see workspace.yaml): the project around the current folder."""

from pathlib import Path

import dagster as dg

from factory.orchestration.location import load_location


@dg.definitions
def defs() -> dg.Definitions:
    """Every pipeline of the project, on the target that FACTORY_TARGET names."""
    return load_location(Path.cwd())
