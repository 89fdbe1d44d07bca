"""Since when each schedule is as it is now, noted in `.factory/schedules.json` at every load.

Dagster asks for the ticks between its last look and now, and goes by the cron of now. Its last
look may lie an hour back, so a cron that is saved at 10:01 would fire at once for 10:00. With
these notes a tick knows whether its schedule was there when it was due.
"""

import json
import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from factory.spec.model import PipelineSpec, ScheduleSpec

_log = logging.getLogger(__name__)


def note_schedules(root: str, specs: Iterable[PipelineSpec]) -> dict[str, float]:
    """Note what the schedules are now. Returns since when each has been so, by pipeline, in
    seconds since 1970. One that is new, changed, or was gone for a load, is so since now."""
    now, path = time.time(), Path(root, ".factory", "schedules.json")
    before = _read(path)
    noted = {
        spec.name: {**_identity(spec.schedule), "since": _since(spec, before, now)}
        for spec in specs
        if spec.schedule is not None
    }
    if noted != before:
        _write(path, noted)
    return {name: float(note["since"]) for name, note in noted.items()}


def _since(spec: PipelineSpec, before: Mapping[str, Any], now: float) -> float:
    note = before.get(spec.name)
    if not isinstance(note, dict) or spec.schedule is None:
        return now
    since = note.get("since")
    same = {key: note.get(key) for key in _identity(spec.schedule)} == _identity(spec.schedule)
    return float(since) if same and isinstance(since, int | float) else now


def _identity(schedule: ScheduleSpec) -> dict[str, Any]:
    """What moves a tick when it changes."""
    return {
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "enabled": schedule.enabled,
    }


def _read(path: Path) -> dict[str, Any]:
    """The notes of the last load; none if there are none that can be read."""
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _write(path: Path, notes: Mapping[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.{os.getpid()}.half")
        half.write_text(json.dumps(notes, indent=1), encoding="utf-8")
        half.replace(path)
    except OSError as exc:
        _log.warning("cannot note the schedules, so no missed run is made up later: %s", exc)
