"""The contract of a pipeline file, changed to what its source has become."""

from collections.abc import Iterator, Sequence

from factory.authoring.columns_text import contract_entry
from factory.authoring.drift import Drift
from factory.authoring.splice import Change, Lines, cut
from factory.authoring.yaml_text import comment, inline
from factory.ports import ColumnType
from factory.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode

_KINDS = (
    {"INT64", "FLOAT64", "NUMERIC"},
    {"DATE", "DATETIME", "TIMESTAMP"},
)


def changes_for(text: str, columns: ListNode, drift: Drift, seen: str) -> list[Change]:
    """What to change in `text`, where the list `columns` is the contract.

    What is gone is commented out, for it may come back and its description took work; between
    brackets, where comments cannot stand, it is taken out.
    """
    lines = Lines(text)
    kept = len(columns.items) - len(drift.gone)
    entries = [
        inline(contract_entry(column, kept + number))
        for number, column in enumerate(drift.added, start=1)
    ]
    changes = [
        change
        for number, kind in drift.retyped.items()
        for change in _retype(lines, columns.items[number], kind)
    ]
    if lines.is_flow(columns):
        parts = [(lines.start(item.mark), lines.end(item)) for item in columns.items]
        if drift.gone or entries:
            changes += cut(text, parts, drift.gone, ", ".join(entries))
        return changes
    for number in drift.gone:
        changes += _comment_out(lines, columns.items[number], seen)
    return [*changes, *_append(lines, columns.items[-1], entries)]


def _append(lines: Lines, last: Node, entries: Sequence[str]) -> Iterator[Change]:
    """New items below the last one, its comment included, with its indentation."""
    begin = lines.line_start(lines.start(last.mark))
    lead = lines.text[begin : lines.start(last.mark)]
    end = lines.line_end(lines.end(last))
    added = "".join(f"{lines.newline}{lead}{entry}" for entry in entries)
    if added:
        yield Change(end, end, added)


def _comment_out(lines: Lines, item: Node, seen: str) -> Iterator[Change]:
    offset = lines.line_start(lines.start(item.mark))
    lead = lines.text[offset : lines.start(item.mark)]
    indent = len(lead) - len(lead.lstrip(" "))
    last = lines.end(item)
    while offset <= last:
        end = lines.line_end(offset)
        if lines.text[offset:end].strip():
            yield Change(offset + indent, offset + indent, "# ")
        if end >= last:
            yield Change(end, end, f"  {comment(f'not in {seen} any more')}")
            return
        offset = end + (2 if lines.text.startswith("\r\n", end) else 1)


def _retype(lines: Lines, item: Node, kind: ColumnType) -> Iterator[Change]:
    """The new type, and without what only the old one takes: a format, bounds, values."""
    entry = item.entry("type") if isinstance(item, MapNode) else None
    if not isinstance(item, MapNode) or entry is None or not isinstance(entry.value, ScalarNode):
        return
    typed = entry.value
    quote = typed.raw[0] if not typed.plain else ""
    yield Change(lines.start(typed.mark), lines.end(typed), f"{quote}{kind}{quote}")
    alike = any({typed.value, kind} <= kinds for kinds in _KINDS)
    unfit = {"format"} if alike else {"format", "min", "max", "values"}
    gone = [n for n, each in enumerate(item.entries) if each.name in unfit]
    if not gone:
        return
    if lines.is_flow(item):
        parts = [(lines.start(e.key.mark), lines.end(e.value)) for e in item.entries]
        yield from cut(lines.text, parts, gone, "")
        return
    first = next(n for n in range(len(item.entries)) if n not in gone)
    if first:  # the dash stays, and the first key that stays moves up to it
        begin, end = item.entries[0].key.mark, item.entries[first].key.mark
        yield Change(lines.start(begin), lines.start(end), "")
    for number in gone:
        if number > first:
            yield _without_line(lines, item.entries[number])


def _without_line(lines: Lines, entry: Entry) -> Change:
    """A key and its value on lines of their own, away."""
    begin = lines.line_start(lines.start(entry.key.mark))
    end = lines.line_end(lines.end(entry.value))
    after = end + len(lines.newline) if end < len(lines.text) else end
    return Change(begin, after, "")
