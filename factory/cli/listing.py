"""`factory list`: the pipelines of the project in a table."""

import sys
from datetime import datetime

from factory.cli import times
from factory.cli.exits import Exit
from factory.cli.project import broken_names, open_project
from factory.cli.terminal import plain, table, wants_color
from factory.spec.model import PipelineSpec

_HEADER = ("NAME", "GROUP", "SOURCE", "TABLES", "SCHEDULE", "NEXT RUN", "FILE")


def list_pipelines() -> Exit:
    """Print every pipeline, the broken ones too."""
    _, project = open_project()
    now = times.now()
    rows = [_row(spec, now) for spec in project.specs]
    rows += [
        (plain(name), "", "", "", "broken: see factory check", "", file)
        for name, file in broken_names(project).items()
    ]
    for line in table(_HEADER, sorted(rows), color=wants_color(sys.stdout)):
        sys.stdout.write(line + "\n")
    return Exit.FINE


def _row(spec: PipelineSpec, now: datetime) -> tuple[str, ...]:
    source = f"{spec.source.kind}: {spec.source.reference}"
    tables = ", ".join(str(table.id) for table in spec.tables)
    cells = (spec.name, spec.group or "", source, tables, times.schedule_words(spec.schedule))
    following = times.coming_words(spec.schedule, now, 1)
    return (*map(plain, cells), *(following or [""]), spec.mark.place)
