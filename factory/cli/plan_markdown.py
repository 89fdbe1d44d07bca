"""What changes, as a comment on a pull request: short tables, the rest folded away."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from factory.changes.edits import PipelineChange
from factory.changes.fields import Edit
from factory.changes.outlook import Outlook
from factory.cli import times
from factory.cli.plan_changes import (
    ACTIONS,
    edit_words,
    effect_words,
    offer_words,
    outlook_tally,
    schedules,
    table_words,
    tally,
)
from factory.cli.preview import Preview, Since
from factory.plan import Plan
from factory.redact import redact

_MARKER = "<!-- factory plan -->"  # by which a later run finds its comment again
_LONGEST = 60_000  # characters; GitHub takes 65,536 in a comment
_MOST_NAMED = 6  # edits that a row of the table names
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~])")


def plan_markdown(preview: Preview, now: datetime) -> Iterator[str]:
    """The lines of the comment. The same specs and facts give the same lines."""
    length = 0
    for block in _blocks(preview, now):
        length += len(block) + 2
        if length > _LONGEST:
            yield "_… and more than a comment can hold: run `factory plan` to see all of it._"
            return
        yield f"{block}\n"


def _blocks(preview: Preview, now: datetime) -> Iterator[str]:
    yield _MARKER
    if preview.since is not None:
        yield from _since(preview.since, now)
    elif preview.outlooks is None:
        yield from _plan(preview.plan, now)
    if preview.outlooks is not None:
        yield from _outlooks(preview.outlooks, preview.plan.target.name)


def _since(since: Since, now: datetime) -> Iterator[str]:
    yield f"### factory plan: {tally(since.changes)} since {_code(since.revision)}"
    if since.changes:
        lines = [(_sign(c), _title(c), _named(c), _text(effect_words(c))) for c in since.changes]
        yield _table(("", "Pipeline", "Changes", "For the data"), lines)
    for note in since.notes:
        yield f"> {_text(note)}"
    for change in since.changes:
        rows = list(_details(change, now))
        if rows:
            body = _table(("", "What", "Before", "After"), rows)
            yield f"<details><summary>{change.name}</summary>\n\n{body}\n\n</details>"


def _outlooks(outlooks: Iterable[Outlook], target: str) -> Iterator[str]:
    found = tuple(outlooks)
    yield f"### The next run on {_code(target)}: {outlook_tally(found)}"
    rows = [
        (ACTIONS[table.action][0], _code(str(table.table.id)), _text(table_words(table)),
         _text(offer_words(outlook)))
        for outlook in found
        for table in outlook.tables
    ]  # fmt: skip
    if rows:
        yield _table(("", "Table", "What happens", "Source"), rows)
    for outlook in found:
        edits = [_edit(edit, str(t.table.id)) for t in outlook.tables for edit in t.columns]
        if edits:
            body = _table(("", "What", "Before", "After"), edits)
            name = outlook.pipeline.name
            yield f"<details><summary>{name}: columns</summary>\n\n{body}\n\n</details>"
        yield from (f"> {_code(outlook.pipeline.name)}: {_text(s)}" for s in outlook.notes)


def _plan(plan: Plan, now: datetime) -> Iterator[str]:
    yield f"### factory plan on {_code(plan.target.name)}"
    rows = [
        (_code(each.name), _code(each.source_words),
         "<br>".join(_code(str(table.id)) for table in each.tables),
         _text(times.schedule_words(each.spec.schedule)),
         _text(", ".join(times.coming_words(each.spec.schedule, now, 1))))
        for each in plan.pipelines
    ]  # fmt: skip
    yield _table(("Pipeline", "Source", "Tables", "Schedule", "Next run"), rows)


def _title(change: PipelineChange) -> str:
    before = change.before.name if change.before else change.name
    return (
        _code(change.name) if before == change.name else f"{_code(before)} → {_code(change.name)}"
    )


def _named(change: PipelineChange) -> str:
    """What is touched, in a few words."""
    names = dict.fromkeys(edit.what for edit in change.edits)
    for table in change.tables:
        which = table.after or table.before
        if table.happening != "changed" and which:
            names[f"table {which.id} {table.happening}"] = None
        names |= dict.fromkeys(edit.what for edit in table.edits)
    shown = [_text(name) for name in names][:_MOST_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _details(change: PipelineChange, now: datetime) -> Iterator[tuple[str, ...]]:
    yield from (_edit(edit) for edit in change.edits)
    runs = dict(schedules(change, now))
    if runs:
        yield "", "next runs", _text(runs["before"]), _text(runs["after"])
    for table in change.tables:
        which = table.after or table.before
        yield from (_edit(edit, str(which.id) if which else "") for edit in table.edits)


def _edit(edit: Edit, of: str = "") -> tuple[str, ...]:
    what, old, new = edit_words(edit)
    place = f"{_code(of)} " if of else ""
    return edit.sign, f"{place}{_text(what)}", _text(old), _text(new)


def _sign(change: PipelineChange) -> str:
    return {"added": "+", "removed": "-"}.get(change.happening, "~")


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _text(text: str) -> str:
    """Words as words, whatever Markdown would make of them. Redacted before they are escaped."""
    return _SPECIAL.sub(r"\\\1", redact(text)).replace("@", "@&#8203;").replace("#", "&#35;")


def _code(text: str) -> str:
    plain = redact(text).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"
