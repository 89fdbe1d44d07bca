"""`factory plan`: what will exist on a target, and what that changes. Nothing is touched."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from factory.cli import times, words
from factory.cli.exits import Exit, Stop
from factory.cli.plan_changes import outlook_lines, since_lines
from factory.cli.plan_json import preview_json
from factory.cli.plan_markdown import plan_markdown
from factory.cli.plan_text import plan_lines
from factory.cli.preview import Preview, changes_since, look_at_target
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import columns, wants_color, write_lines
from factory.plan import make_plan


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What `factory plan` was asked for."""

    target: str | None
    format: Literal["text", "md", "json"]
    since: str | None
    offline: bool
    detailed_exitcode: bool


def show_plan(names: Sequence[str], options: PlanOptions) -> Exit:
    """Print the plan of the named pipelines, or of all, and what it changes."""
    if options.detailed_exitcode and options.offline and options.since is None:
        raise Stop("there is nothing to compare with", hint="--since REV, or without --offline")
    root, project = open_project(target=options.target)
    factory = factory_of(project)
    target = choose_target(factory, options.target)
    since = None
    if options.since is not None:
        since = changes_since(root, project, target, options.since, names)
        gone = {
            c.before.name.lower() for c in since.changes if c.before and c.before is not c.after
        }
        known = {spec.name.lower() for spec in project.specs}
        left = [name for name in names if name.lower() in known or name.lower() not in gone]
        chosen = choose_pipelines(project, left) if left or not names else []
    else:
        chosen = choose_pipelines(project, names)
    plan = make_plan(chosen, target)
    outlooks = None if options.offline else look_at_target(plan, factory)
    preview = Preview(plan, since, outlooks)
    write_lines(sys.stdout, _rendered(preview, options.format))
    if project.broken and not names:
        left_out = words.count(len(project.broken), "broken file")
        write_lines(sys.stderr, [f"{left_out} left out: factory check"])
    if not options.detailed_exitcode:
        return Exit.FINE
    if project.broken and not names:
        return Exit.SPECS
    if preview.changes:
        return Exit.CHANGES
    return Exit.FINE if preview.certain else Exit.SPECS


def _rendered(preview: Preview, format: Literal["text", "md", "json"]) -> Iterator[str]:
    if format == "json":
        yield json.dumps(preview_json(preview), indent=2, ensure_ascii=False)
    elif format == "md":
        yield from plan_markdown(preview, times.now())
    else:
        yield from _text(preview)


def _text(preview: Preview) -> Iterator[str]:
    color = wants_color(sys.stdout)
    if preview.since is not None:
        yield from since_lines(preview.since, times.now(), color=color)
    else:
        most = columns(sys.stdout) if sys.stdout.isatty() else None
        yield from plan_lines(preview.plan, times.now(), most, color=color)
    if preview.outlooks is not None:
        yield ""
        yield from outlook_lines(preview.outlooks, preview.plan.target.name, color=color)
