"""The code location: from the folder a process stands in to Dagster's definitions."""

import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import dagster as dg

from factory.orchestration.build import build_definitions
from factory.orchestration.state import BrokenFile, State, judge, pack, unpack
from factory.orchestration.travelling import travelled
from factory.spec.project import find_root

TARGET = "FACTORY_TARGET"


def load_location(start: Path) -> dg.Definitions:
    """The definitions of the project around `start`, on the target that FACTORY_TARGET names."""
    root = find_root(start)
    packed = travelled(lambda: pack(judge(root, os.environ)))
    return _built(packed, root, os.environ.get(TARGET))


@lru_cache(maxsize=1)  # Dagster asks twice while it loads a location
def _built(packed: str, root: Path, wanted: str | None) -> dg.Definitions:
    state = unpack(packed, root, os.environ)
    target = state.factory.target(wanted)
    if target is None:
        state = _without_target(state, wanted)
    return build_definitions(state, target)


def _without_target(state: State, wanted: str | None) -> State:
    """No pipeline can run, and the reason is where broken files are shown."""
    names = ", ".join(target.name for target in state.factory.targets)
    headline = f'{TARGET} is "{wanted}", and the targets are {names}'
    missing = BrokenFile("factory.yaml", "factory.yaml", headline, headline, False)
    return replace(state, broken=(*state.broken, missing))
