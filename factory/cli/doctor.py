"""`factory doctor`: whether everything is there that a run needs, and what to type where not."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
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
    found = list(examine(project, plan, os.environ, offline=offline))
    if fix:
        found = list(repaired(found))
    color = wants_color(sys.stdout)
    write_lines(
        sys.stdout, [_json(found)] if format == "json" else _text(found, target.name, color)
    )
    return Exit.SPECS if any(finding.level == "error" for finding in found) else Exit.FINE


def _text(found: Sequence[Finding], target: str, color: bool) -> Iterator[str]:
    area = ""
    for finding in found:
        if finding.area != area:
            area = finding.area
            yield paint(area, "bold", color=color)
        mark = paint(f"{finding.level:<8}", _STYLES[finding.level], color=color)
        took = f" ({finding.seconds:.1f} s)" if finding.seconds is not None else ""
        yield f"  {mark}{plain(finding.subject)}: {plain(finding.said)}{took}"
        if finding.fix and finding.level != "ok":
            yield f"        {hint_line(plain(finding.fix), color=color)}"
    yield ""
    yield from _verdict(found, target)


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
