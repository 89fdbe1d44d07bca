"""unknown-key: a key that the language does not have, with the nearest that it has."""

from collections.abc import Iterator
from itertools import islice

from factory.spec.marks import Mark
from factory.spec.near import nearest
from factory.spec.nodes import Entry, MapNode, ScalarNode
from factory.spec.problems import Problem
from factory.spec.syntax import quoted
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
_MOST = 100  # of one mapping: a file with more is no spec, and near names take time
_SECTIONS = {"pipeline": "the top of the file", "column_list": "not_null and unique"}


def problems(misfit: Misfit) -> Iterator[Problem]:
    """One problem for each key that has no place there."""
    allowed = allowed_keys(misfit.part)
    if not isinstance(misfit.node, MapNode):
        return
    written = {entry.name for entry in misfit.node.entries}
    free = [key for key in allowed if key not in written]  # what is written was not meant again
    unknown = (e for e in misfit.node.entries if e.name not in allowed)
    cut = _cut_by_commas(misfit.node)
    pieces = {piece.name for _, words in cut for piece in words if piece.name not in allowed}
    for entry in islice((e for e in unknown if not e.name.startswith("x-")), _MOST):
        if entry.name not in pieces:
            yield _problem(entry, misfit, allowed, _nearest(entry.name, free))
    for whole, words in islice(cut, _MOST):
        if any(piece.name in pieces for piece in words):
            yield _comma(whole, words)


def _cut_by_commas(node: MapNode) -> list[tuple[Entry, list[Entry]]]:
    """Values that go on behind a comma, as in {description: State, two letters}: the entry with
    its beginning, and the words behind it, which YAML takes for keys."""
    found: list[tuple[Entry, list[Entry]]] = []
    whole: Entry | None = None
    for entry in sorted(node.entries, key=lambda e: (e.key.mark.line, e.key.mark.column)):
        if not _is_word(entry):
            whole = entry if isinstance(entry.value, ScalarNode) and entry.value.plain else None
        elif whole is not None and whole.value.mark.end_line == entry.key.mark.line:
            if not found or found[-1][0] is not whole:
                found.append((whole, []))
            found[-1][1].append(entry)
    return found


def _is_word(entry: Entry) -> bool:
    """A key without colon and value, as between { and } only."""
    value = entry.value
    return (
        isinstance(value, ScalarNode) and not value.raw and value.mark.line == entry.key.mark.line
    )


def _comma(whole: Entry, words: list[Entry]) -> Problem:
    start, end = whole.value.mark, words[-1].key.mark
    texts = [getattr(whole.value, "raw", ""), *(piece.key.raw for piece in words)]
    return Problem(
        "unknown-key",
        f'unknown key "{words[0].name}": between {{ and }} a comma ends a value',
        Mark(start.file, start.line, start.column, end.end_line, end.end_column),
        "one value?",
        help=f"write {whole.name}: {quoted(', '.join(text.strip() for text in texts))}",
    )


def _problem(entry: Entry, misfit: Misfit, allowed: tuple[str, ...], near: str | None) -> Problem:
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
