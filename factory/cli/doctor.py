"""`factory doctor`: whether everything is there that a run needs, and what to type where not."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from factory.cli import words
from factory.cli.exits import Exit
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import hint_line, paint, plain, wants_color, write_lines
from factory.doctor.examination import examine, repaired
from factory.doctor.findings import Finding
from factory.plan import make_plan
from factory.redact import redact

_STYLES = {"ok": "green", "warning": "yellow", "error": "red"}


def doctor(
    names: Sequence[str],
    target_name: str | None,
    format: Literal["text", "json"],
    *,
    offline: bool,
    fix: bool,
) -> Exit:
    """Print what was found. FINE if nothing of it makes runs fail."""
    _, project = open_project(target=target_name)
    target = choose_target(factory_of(project), target_name)
    plan = make_plan(choose_pipelines(project, names), target)
    coming = examine(project, plan, os.environ, offline=offline)
    coming = repaired(coming) if fix else coming
    if format == "json":
        found = list(coming)
        write_lines(sys.stdout, [_json(found)])
    else:
        found = _told(coming)
        write_lines(sys.stdout, ["", *_verdict(found, target.name)])
    return Exit.SPECS if any(finding.level == "error" for finding in found) else Exit.FINE


def _told(coming: Iterable[Finding]) -> list[Finding]:
    """The findings, each printed when it comes: some services take their time."""
    found: list[Finding] = []
    color = wants_color(sys.stdout)
    for finding in coming:
        new = not found or finding.area != found[-1].area
        head = [paint(finding.area, "bold", color=color)] if new else []
        write_lines(sys.stdout, [*head, *_text(finding, color)])
        found.append(finding)
    return found


def _text(finding: Finding, color: bool) -> Iterator[str]:
    mark = paint(f"{finding.level:<8}", _STYLES[finding.level], color=color)
    took = f" ({finding.seconds:.1f} s)" if finding.seconds is not None else ""
    yield f"  {mark}{plain(finding.subject)}: {plain(finding.said)}{took}"
    if finding.fix and finding.level != "ok":
        yield f"        {hint_line(plain(finding.fix), color=color)}"


def _verdict(found: Sequence[Finding], target: str) -> Iterator[str]:
    errors = sum(finding.level == "error" for finding in found)
    warnings = sum(finding.level == "warning" for finding in found)
    counted = f"{words.count(errors, 'error')}, {words.count(warnings, 'warning')}"
    yield f"{counted} for target {target}" if errors or warnings else f"target {target} is fine"
    if any(finding.repair is not None for finding in found):
        yield f"factory doctor --target {target} --fix makes what is missing"


def _json(found: Sequence[Finding]) -> str:
    keys = ("level", "area", "subject", "said", "fix", "seconds")
    plain_values = [{key: getattr(finding, key) for key in keys} for finding in found]
    for one in plain_values:
        one.update({key: redact(value) for key, value in one.items() if isinstance(value, str)})
    return json.dumps(plain_values, indent=2, ensure_ascii=False)
