"""`factory list`: the pipelines of the project in a table."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

from factory.cli import times
from factory.cli.exits import Exit
from factory.cli.project import open_project
from factory.cli.terminal import columns, paint, plain, table, wants_color, width, write_lines
from factory.spec.model import PipelineSpec
from factory.spec.project import BrokenFile

_HEADER = ("NAME", "GROUP", "SOURCE", "TABLES", "SCHEDULE", "NEXT RUN", "FILE")
_BROKEN = "broken: see factory check"


def list_pipelines() -> Exit:
    """Print every pipeline, the broken ones too."""
    _, project = open_project()
    now = times.now()
    rows = [_row(spec, now) for spec in project.specs]
    rows += [_broken_row(broken) for broken in project.broken]
    color = wants_color(sys.stdout)
    write_lines(sys.stdout, _lines(sorted(rows), color))
    return Exit.FINE


def _lines(rows: Sequence[Sequence[str]], color: bool) -> Iterator[str]:
    """A table; on a terminal that is too narrow for it, a paragraph a pipeline."""
    if not rows:
        yield "no pipelines yet: write one in pipelines/"
        return
    lines = table(_HEADER, rows, color=False)
    if not sys.stdout.isatty() or max(map(width, lines)) <= columns(sys.stdout):
        yield from table(_HEADER, rows, color=color)
        return
    for name, group, source, tables, schedule, following, file in rows:
        yield paint(name, "bold", color=color) + (f"  ({group})" if group else "")
        facts = (
            source and f"{source} → {tables}",
            ", next ".join(filter(None, (schedule, following))),
            file,
        )
        yield from (f"  {fact}" for fact in facts if fact)


def _row(spec: PipelineSpec, now: datetime) -> tuple[str, ...]:
    source = f"{spec.source.kind}: {spec.source.reference}"
    tables = ", ".join(str(table.id) for table in spec.tables)
    cells = (spec.name, spec.group or "", source, tables, times.schedule_words(spec.schedule))
    following = times.coming_words(spec.schedule, now, 1)
    return (*map(plain, cells), *(following or [""]), spec.mark.place)


def _broken_row(broken: BrokenFile) -> tuple[str, ...]:
    return (plain(broken.name), "", "", "", _BROKEN, "", broken.file)
