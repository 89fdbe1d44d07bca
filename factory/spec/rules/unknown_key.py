"""unknown-key: a key that the language does not have, with the nearest that it has."""

from collections.abc import Iterator

from factory.spec.near import nearest
from factory.spec.nodes import Entry, MapNode
from factory.spec.problems import Problem
from factory.spec.validation import Misfit, allowed_keys, sections_of

# What people type who come from other tools, or forget the word.
_OTHER_WORDS = {
    "dataset": "kaggle", "url": "http", "uri": "http", "https": "http", "path": "file",
    "gs": "gcs", "cron": "schedule", "destination": "table", "target": "table",
    "mode": "write_disposition", "disposition": "write_disposition", "sep": "delimiter",
    "separator": "delimiter", "na_values": "null_values", "dtype": "type", "tz": "timezone",
    "required": "nullable", "attempts": "max_attempts", "retry": "retries", "tests": "checks",
    "license": "tags", "licence": "tags", "keys": "primary_key", "webhook": "to",
}  # fmt: skip
_SECTIONS = {"pipeline": "the top of the file", "column_list": "not_null and unique"}


def problems(misfit: Misfit) -> Iterator[Problem]:
    """One problem for each key that has no place there."""
    allowed = allowed_keys(misfit.part)
    if not isinstance(misfit.node, MapNode):
        return
    for entry in misfit.node.entries:
        if entry.name not in allowed and not entry.name.startswith("x-"):
            yield _problem(entry, misfit, allowed)


def _problem(entry: Entry, misfit: Misfit, allowed: tuple[str, ...]) -> Problem:
    near = _nearest(entry.name, [key for key in allowed if _free(key, misfit)])
    where = f" in {misfit.section}" if misfit.section else ""
    notes = [f"allowed here: {', '.join(allowed)}"] if allowed else []
    places = [] if near else [_SECTIONS.get(name, name) for name in sections_of(entry.name)]
    if places:
        notes.insert(0, f'"{entry.name}" has its place in {" and in ".join(places[:2])}')
    return Problem(
        "unknown-key",
        f'unknown key "{entry.name}"{where}',
        entry.key.mark,
        f'did you mean "{near}"?' if near else "",
        notes=tuple(notes),
    )


def _nearest(word: str, allowed: list[str]) -> str | None:
    known = {other: key for other, key in _OTHER_WORDS.items() if key in allowed}
    found = nearest(word, {**known, **{key: key for key in allowed}})
    return known.get(found, found) if found else None


def _free(key: str, misfit: Misfit) -> bool:
    """A key that was written already, by its right name, was not meant again."""
    return isinstance(misfit.node, MapNode) and misfit.node.entry(key) is None
