"""`factory explain`: every value of a pipeline, where it was typed, and what it overrides."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from factory.cli import words
from factory.cli.exits import Exit, Stop
from factory.cli.project import open_project
from factory.cli.suggest import did_you_mean
from factory.cli.terminal import columns, cut, paint, plain, table, wants_color, write_lines
from factory.spec.assembly import assemble
from factory.spec.document import Candidate
from factory.spec.masking import Mask
from factory.spec.project import Project
from factory.spec.provenance import Origin, VariableUse, near_field, origins, select, unset_fields

_WIDEST = 40  # columns that a value may take in the table


def explain(name: str, field: str | None, format: Literal["text", "json"]) -> Exit:
    """Print where the values come from: of the whole pipeline, or of one field."""
    root, project = open_project()
    candidate = _candidate(root, project, name)
    assert candidate.document is not None  # noqa: S101 - _candidate has seen to it
    hide = Mask(candidate.problems, project.texts).text
    found = origins(candidate.document, os.environ, hide)
    chosen = select(found, field) if field else found
    if field and not chosen and field not in unset_fields():
        near = near_field(found, field)
        hint = f'did you mean "{near}"?' if near else f"factory explain {name} shows all"
        raise Stop(f'{name} has no field "{field}"', hint=hint)
    if format == "json":
        body = [_json(origin) for origin in chosen]
        write_lines(sys.stdout, [json.dumps(body, indent=2, ensure_ascii=False)])
    else:
        color = wants_color(sys.stdout)
        lines = _lines(candidate, chosen, color) if chosen else _unset(str(field))
        write_lines(sys.stdout, _about(chosen, lines) if field else lines)
    return _verdict(candidate)


def _candidate(root: Path, project: Project, name: str) -> Candidate:
    """The file of that pipeline, also one with errors, if it can be read at all."""
    found = assemble(str(root), project.texts, os.environ, ()).candidates
    for candidate in found:
        if candidate.name.lower() == name.lower():
            if candidate.document is None:
                raise Stop(
                    f"{candidate.file} cannot be read", hint="factory check", code=Exit.SPECS
                )
            return candidate
    known = [candidate.name for candidate in found]
    raise Stop(f'there is no pipeline "{name}"', hint=did_you_mean(name, known))


def _lines(candidate: Candidate, chosen: Sequence[Origin], color: bool) -> Iterator[str]:
    yield f"{paint(candidate.name, 'bold', color=color)}  {candidate.file}"
    rows = [(plain(origin.path), cut(_text(origin.value), _WIDEST), _from(origin))
            for origin in chosen]  # fmt: skip
    most = columns(sys.stdout) if sys.stdout.isatty() else None
    for line in table(("FIELD", "VALUE", "FROM"), rows, color=color):
        yield line if most is None or color else cut(line, most)


def _from(origin: Origin) -> str:
    """`pipelines/covid.yaml:12:3, overrides factory.yaml:7:24 (30s)`."""
    parts = [str(origin.mark or origin.otherwise)]
    parts += [f"overrides {each.mark} ({cut(_text(each.value), _WIDEST)})"
              for each in origin.overrides]  # fmt: skip
    parts += [_variable(use) for use in origin.variables]
    return ", ".join(parts)


def _variable(use: VariableUse) -> str:
    """`by ${BUCKET}, which is set`."""
    if use.is_set:
        return f"by ${{{use.name}}}, which is set"
    stands = "" if use.default is None else f': the default "{use.default}" stands'
    return f"by ${{{use.name}}}, which is not set{stands}"


def _about(chosen: Sequence[Origin], lines: Iterator[str]) -> Iterator[str]:
    """With what the schema says of a single field."""
    yield from lines
    if len(chosen) == 1 and chosen[0].description:
        yield f"  {chosen[0].description}"


def _unset(field: str) -> Iterator[str]:
    yield f"{field} is not set, and has no default"
    if unset_fields()[field]:
        yield f"  {unset_fields()[field]}"


def _text(value: object) -> str:
    if isinstance(value, list):
        return plain(f"[{', '.join(map(_text, value))}]")
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value)


def _json(origin: Origin) -> dict[str, Any]:
    return {
        "field": origin.path,
        "value": origin.value,
        "from": str(origin.mark or origin.otherwise),
        "overrides": [{"from": str(each.mark), "value": each.value} for each in origin.overrides],
        "variables": [
            {"name": use.name, "set": use.is_set, "default": use.default}
            for use in origin.variables
        ],
        "description": origin.description,
    }


def _verdict(candidate: Candidate) -> Exit:
    errors = sum(problem.severity == "error" for problem in candidate.problems)
    if not errors:
        return Exit.FINE
    said = f"{candidate.file} has {words.count(errors, 'error')}; factory check explains"
    write_lines(sys.stderr, [said])
    return Exit.SPECS
