"""The code location: from the folder a process stands in to Dagster's definitions."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import dagster as dg

from factory.orchestration.build import build_definitions
from factory.orchestration.in_force import note_schedules
from factory.orchestration.state import BrokenFile, State, judge, pack, unpack
from factory.orchestration.travelling import travelled
from factory.spec.project import find_root, without_collector

TARGET = "FACTORY_TARGET"


def load_location(start: Path) -> dg.Definitions:
    """The definitions of the project around `start`, on the target that FACTORY_TARGET names."""
    root, wanted = find_root(start), os.environ.get(TARGET)
    judged: list[State] = []
    in_force: dict[str, float] = {}

    def judge_now() -> str:
        judged.append(judge(root, os.environ))
        in_force.update(note_schedules(judged[0].factory.root, judged[0].specs))
        return pack(judged[0])

    packed = travelled(judge_now)
    asked = (packed, root, wanted)
    if asked not in _built:
        state = judged[0] if judged else unpack(packed, root, os.environ)
        _built.clear()
        _built[asked] = _build(state, wanted, in_force)
    return _built[asked]


_built: dict[tuple[str, Path, str | None], dg.Definitions] = {}  # Dagster asks twice for a load


def _build(state: State, wanted: str | None, in_force: Mapping[str, float]) -> dg.Definitions:
    target = state.factory.target(wanted)
    if target is None:
        state = _without_target(state, wanted)
    with without_collector():
        return build_definitions(state, target, in_force)


def _without_target(state: State, wanted: str | None) -> State:
    """No pipeline can run, and the reason is where broken files are shown."""
    names = ", ".join(target.name for target in state.factory.targets)
    headline = f'{TARGET} is "{wanted}", and the targets are {names}'
    missing = BrokenFile("factory.yaml", "factory.yaml", headline, headline, False)
    return replace(state, broken=(*state.broken, missing))
