"""What a save changed, a line a pipeline, for people."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from factory.cli import times
from factory.orchestration.state import BrokenFile, State
from factory.spec.model import PipelineSpec, ScheduleSpec

_KEYS = {"freshness_max_age": "freshness", "pool": "concurrency", "id": "table name"}


def change_lines(before: State, after: State, now: datetime) -> Iterator[str]:
    """`covid: schedule 0 2 * * * → 30 6 * * *, next Tue 24 Nov 06:30 UTC`, and so on."""
    old = {spec.name: spec for spec in before.specs}
    new = {spec.name: spec for spec in after.specs}
    broken = {each.file: each for each in after.broken}
    renamed = dict(_renamed(before, after))
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            if name not in renamed.values():
                yield _gone(old[name], broken)
        elif name in renamed:
            yield f"{renamed[name]} → {name}: renamed, its history begins anew"
        elif name not in old:
            yield _told(name, ["new", *_next_run(new[name].schedule, now)])
        else:
            changes = list(_differences(old[name], new[name], now))
            yield from [_told(name, changes)] if changes else []
    yield from _fates(before, after, old, now)


def _renamed(before: State, after: State) -> Iterator[tuple[str, str]]:
    """New names with the old ones: the file has another name and says what it said."""
    gone = {
        before.texts[spec.mark.file]: spec
        for spec in before.specs
        if spec.mark.file in before.texts and spec.mark.file not in after.texts
    }
    known = {spec.name for spec in before.specs}
    for spec in after.specs:
        origin = gone.get(after.texts.get(spec.mark.file, ""))
        if origin is not None and spec.name not in known and spec.mark.file not in before.texts:
            yield spec.name, origin.name


def _gone(spec: PipelineSpec, broken: dict[str, BrokenFile]) -> str:
    if spec.mark.file in broken:
        return f"{spec.name}: does not run until {spec.mark.file} is mended"
    return f"{spec.name}: gone with {spec.mark.file}"


def _differences(old: PipelineSpec, new: PipelineSpec, now: datetime) -> Iterator[str]:
    if old.mark.file != new.mark.file:
        yield f"moved to {new.mark.file}"
    if old.schedule != new.schedule:
        zones = {each.timezone for each in (old.schedule, new.schedule) if each}
        zoned = len(zones) > 1
        yield f"schedule {_cron(old.schedule, zoned)} → {_cron(new.schedule, zoned)}"
        yield from _next_run(new.schedule, now)
    same_tables = [table.id for table in old.tables] == [table.id for table in new.tables]
    changed = _changed(old, new) - {"schedule"}
    if same_tables and "tables" in changed:
        changed.discard("tables")
        for one, other in zip(old.tables, new.tables, strict=True):
            changed |= _changed(one, other)
    if changed:
        yield f"{', '.join(sorted(_KEYS.get(key, key) for key in changed))} changed"


def _changed(old: Any, new: Any) -> set[str]:
    """The fields of two dataclasses that differ; marks do not count."""
    return {
        field.name
        for field in fields(old)
        if field.compare and getattr(old, field.name) != getattr(new, field.name)
    }


def _cron(schedule: ScheduleSpec | None, zoned: bool) -> str:
    if schedule is None:
        return "none"
    text = f"{schedule.cron} {schedule.timezone}" if zoned else schedule.cron
    return text if schedule.enabled else f"{text} (off)"


def _next_run(schedule: ScheduleSpec | None, now: datetime) -> list[str]:
    return [f"next {when}" for when in times.coming_words(schedule, now, 1)]


def _fates(
    before: State, after: State, old: dict[str, PipelineSpec], now: datetime
) -> Iterator[str]:
    """What becomes of files that broke with this save, and of those that were mended."""
    known = {each.file for each in before.broken}
    for each in after.broken:
        if each.file in known:
            continue
        spec = old.get(each.name)
        if each.last_good and spec is not None:
            going_on = ["its last good version goes on", *_next_run(spec.schedule, now)]
            yield _told(each.name, going_on)
        elif each.last_good:
            yield f"{each.file}: its last good version goes on"
        elif spec is None:
            yield f"{each.name}: does not run until {each.file} is mended"
    broken = {each.file for each in after.broken}
    for each in before.broken:
        if each.file not in broken:
            yield f"{each.file}: {'mended' if each.file in after.texts else 'deleted'}"


def _told(name: str, what: list[str]) -> str:
    return f"{name}: {', '.join(what)}"
