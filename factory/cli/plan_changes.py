"""What changes, as people read it on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from factory.changes.edits import PipelineChange, TableChange
from factory.changes.fields import Edit
from factory.changes.outlook import Action, Outlook, TableOutlook
from factory.cli import times, words
from factory.cli.preview import Since
from factory.cli.terminal import cut, paint, plain
from factory.orchestration.amounts import amount
from factory.spec.model import ScheduleSpec

_WIDEST = 160  # columns of a value; the JSON has all of it
_STYLES = {"+": "green", "-": "red", "~": "yellow", "=": "dim", "?": "cyan"}
ACTIONS: dict[Action, tuple[str, str]] = {
    "create": ("+", "created"),
    "replace": ("~", "replaced"),
    "append": ("~", "appended to"),
    "merge": ("~", "merged into"),
    "keep": ("=", "unchanged"),
    "unknown": ("?", "not known"),
}


def since_lines(since: Since, now: datetime, *, color: bool) -> Iterator[str]:
    """What differs from a revision; `now` decides which runs are next."""
    yield f"{paint(f'since {plain(since.revision)}', 'bold', color=color)}: {tally(since.changes)}"
    for change in since.changes:
        yield from _change_lines(change, now, color)
    yield from (f"  note: {plain(note)}" for note in since.notes)


def outlook_lines(outlooks: Sequence[Outlook], target: str, *, color: bool) -> Iterator[str]:
    """What the next runs would do to the tables of a target."""
    title = paint(f"what the next run would do on {target}", "bold", color=color)
    yield f"{title}: {outlook_tally(outlooks)}"
    for outlook in outlooks:
        offer = offer_words(outlook)
        yield f"  {outlook.pipeline.name}{f': {offer}' if offer else ''}"
        for table in outlook.tables:
            sign, _ = ACTIONS[table.action]
            yield f"    {_signed(sign, color)} {table.table.id}  {table_words(table)}"
            yield from (f"        {_edit_line(edit, color)}" for edit in table.columns)
        yield from (f"    note: {plain(note)}" for note in outlook.notes)


def tally(changes: Sequence[PipelineChange]) -> str:
    """`1 pipeline added, 2 changed`."""
    if not changes:
        return "no changes"
    kinds = ("added", "removed", "renamed", "changed")
    counts = [(kind, sum(c.happening == kind for c in changes)) for kind in kinds]
    first, *others = [(number, kind) for kind, number in counts if number]
    said = [f"{words.count(first[0], 'pipeline')} {first[1]}"]
    return ", ".join(said + [f"{number} {kind}" for number, kind in others])


def outlook_tally(outlooks: Sequence[Outlook]) -> str:
    """`1 table created, 2 replaced, 3 unchanged`."""
    tables = [table for outlook in outlooks for table in outlook.tables]
    counts = [(sum(t.action == a for t in tables), text) for a, (_, text) in ACTIONS.items()]
    found = [(number, text) for number, text in counts if number]
    if not found:
        return "no tables"
    (number, text), *others = found
    said = [f"{words.count(number, 'table')} {text}"]
    return ", ".join(said + [f"{number} {text}" for number, text in others])


def effect_words(change: PipelineChange) -> str:
    """What a change means for the data."""
    if change.happening == "added":
        return "the first run lands and loads"
    if change.happening == "removed":
        return "nothing runs any more; tables and landed files stay"
    loads = any(table.loads for table in change.tables)
    if change.lands and loads:
        return "a new landing and a new load"
    if change.lands:
        return "a new landing; the tables stay as they are"
    if loads:
        return "a new load of what is landed"
    return "schedule only: no rows are touched" if change.schedule_only else "no rows are touched"


def offer_words(outlook: Outlook) -> str:
    """`version 13 on offer, 12 loaded, 4.7 MB to fetch`."""
    offered, loaded = outlook.facts.offered, outlook.loaded
    parts = [f"{offered.label} on offer"] if offered else []
    if loaded is not None:
        parts.append(f"{loaded} loaded" if offered else f"version {loaded} loaded")
    if offered and outlook.facts.fetch is not None:
        parts.append(f"{amount(outlook.facts.fetch, 'bytes')} to fetch")
    return plain(", ".join(parts))


def table_words(table: TableOutlook) -> str:
    """`replaced, 1,048,575 rows now: version 12 is loaded, 13 is on offer`."""
    said = ACTIONS[table.action][1]
    if table.evolves:
        said = f"evolved and {said}"
    if table.rows is not None:
        said += f", {words.count(table.rows, 'row')} now"
    if table.rejected:
        said += f", {table.rejected:,} rejected by the last load"
    return plain(f"{said}: {table.why}")


def edit_words(edit: Edit) -> tuple[str, str, str]:
    """What differs, before and after: `column age type`, `INT64`, `FLOAT64`."""
    what = f"{edit.what} {edit.aspect}".strip()
    old, new = cut(plain(edit.old), _WIDEST), cut(plain(edit.new), _WIDEST)
    return plain(what), old, new if old != new else f"{new} (another further on)"


def schedules(change: PipelineChange, now: datetime) -> Iterator[tuple[str, str]]:
    """The next runs by the schedule before and after, where it differs."""
    if not any(edit.what == "schedule" for edit in change.edits):
        return
    for label, plan in (("before", change.before), ("after", change.after)):
        schedule: ScheduleSpec | None = plan.spec.schedule if plan else None
        runs = ", ".join(times.coming_words(schedule, now, 3))
        yield label, runs or "only when somebody starts it"


def _change_lines(change: PipelineChange, now: datetime, color: bool) -> Iterator[str]:
    sign = {"added": "+", "removed": "-"}.get(change.happening, "~")
    name = change.name
    if change.happening == "renamed" and change.before and change.before.name != name:
        name = f"{change.before.name} → {name}"
    yield f"  {_signed(sign, color)} {paint(name, 'bold', color=color)}: {effect_words(change)}"
    for edit in change.edits:
        yield f"      {_edit_line(edit, color)}"
    for label, runs in schedules(change, now):
        yield f"          next runs {label}: {runs}"
    for table in change.tables:
        yield from _table_lines(table, color)


def _table_lines(change: TableChange, color: bool) -> Iterator[str]:
    table = change.after or change.before
    sign = {"added": "+", "removed": "-"}.get(change.happening, "~")
    told = {"added": "is created", "removed": "stays, but nothing loads it any more"}
    said = told.get(change.happening) or ("is loaded anew" if change.loads else "keeps its rows")
    if change.happening == "renamed":
        said = "is created; the table of the old name stays as it is"
    yield f"      {_signed(sign, color)} table {table.id if table else ''} {said}"
    yield from (f"          {_edit_line(edit, color)}" for edit in change.edits)


def _edit_line(edit: Edit, color: bool) -> str:
    what, old, new = edit_words(edit)
    value = " → ".join(filter(None, (old, new)))
    return f"{_signed(edit.sign, color)} {what}: {value}"


def _signed(sign: str, color: bool) -> str:
    return paint(sign, _STYLES[sign], color=color)
