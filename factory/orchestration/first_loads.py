"""Tables that were never loaded: since when each is known, and whether people were told.

There may be no run to note that at, so it stands in Dagster's own store for cursors, where it
outlives restarts.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import dagster as dg


def known_since(instance: dg.DagsterInstance, events: Iterable[str]) -> dict[str, float]:
    """Since when each is known, in seconds since 1970; those that are new are known from now on."""
    wanted = list(events)
    notes = _read(instance, wanted)
    new = {event: _Note(time.time(), told=False) for event in wanted if event not in notes}
    _write(instance, new)
    return {event: note.since for event, note in {**notes, **new}.items()}


def was_told_first(instance: dg.DagsterInstance, event: str) -> bool:
    """Whether people were told that the table was never loaded."""
    note = _read(instance, [event]).get(event)
    return note is not None and note.told


def note_told_first(instance: dg.DagsterInstance, event: str) -> None:
    """Note that they are told."""
    since = known_since(instance, [event])[event]
    _write(instance, {event: _Note(since, told=True)})


@dataclass(frozen=True, slots=True)
class _Note:
    since: float
    told: bool


def _read(instance: dg.DagsterInstance, events: Iterable[str]) -> dict[str, _Note]:
    keys = {_key(event): event for event in events}
    found = instance.daemon_cursor_storage.get_cursor_values(set(keys)) if keys else {}
    return {keys[key]: _Note(**json.loads(text)) for key, text in found.items()}


def _write(instance: dg.DagsterInstance, notes: Mapping[str, _Note]) -> None:
    if notes:
        instance.daemon_cursor_storage.set_cursor_values(
            {_key(event): json.dumps(asdict(note)) for event, note in notes.items()}
        )


def _key(event: str) -> str:
    return f"factory/{event}"
