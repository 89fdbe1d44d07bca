"""`factory history`: what was loaded into a pipeline's tables, and what is landed."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from factory.cli.exits import Exit
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import paint, plain, table, wants_color, write_lines
from factory.ingest.earlier import held_versions
from factory.ingest.manifest import Manifest
from factory.ingest.pruning import landed_versions
from factory.plan import PipelinePlan, plan_pipeline
from factory.ports import Load
from factory.wiring import make_bucket, make_warehouse

_LOADS = ("WHEN (UTC)", "TABLE", "VERSION", "ROWS", "HOW", "RUN")
_LANDED = ("LANDED (UTC)", "VERSION", "BYTES", "FOLDER", "")


@dataclass(frozen=True, slots=True)
class _Past:
    """Loads newest first; landed versions newest first; versions that are held."""

    loads: Sequence[Load]
    landed: Sequence[Manifest]
    held: Mapping[str, str]


def show_history(name: str, target_name: str | None, format: Literal["text", "json"]) -> Exit:
    """Print the loads of the pipeline's tables, newest first, and the landed versions."""
    _, project = open_project(target=target_name)
    factory = factory_of(project)
    target = choose_target(factory, target_name)
    plan = plan_pipeline(choose_pipelines(project, [name])[0], target)
    warehouse, bucket = make_warehouse(target, factory), make_bucket(plan, factory)
    loads = [load for planned in plan.tables for load in warehouse.loads(planned.id)]
    loads.sort(key=lambda load: str(load.loaded_at), reverse=True)
    landed = sorted(landed_versions(plan, bucket), key=lambda m: m.landed_at, reverse=True)
    past = _Past(loads, landed, held_versions(plan, bucket, landed))
    if format == "json":
        write_lines(sys.stdout, [json.dumps(_as_json(past), indent=2, ensure_ascii=False)])
    else:
        write_lines(sys.stdout, _lines(plan, past, wants_color(sys.stdout)))
    return Exit.FINE


def _lines(plan: PipelinePlan, past: _Past, color: bool) -> Iterator[str]:
    if not past.loads:
        yield f"nothing was loaded on {plan.target.name} yet: factory run {plan.name}"
    else:
        yield from table(_LOADS, [_load_row(load) for load in past.loads], color=color, right=(3,))
    if past.landed:
        yield ""
        yield from table(
            _LANDED, [_landed_row(m, past) for m in past.landed], color=color, right=(2,)
        )
        yield ""
        yield paint(
            f"factory replay {plan.name} --version V loads one of these again", "dim", color=color
        )


def _load_row(load: Load) -> tuple[str, ...]:
    when = load.loaded_at.strftime("%Y-%m-%d %H:%M") if load.loaded_at else ""
    how = f"{load.disposition}, synthetic" if load.synthetic else load.disposition
    return (
        when,
        str(load.table),
        plain(load.source_version),
        f"{load.rows:,}",
        how,
        load.run_id[:8],
    )


def _landed_row(manifest: Manifest, past: _Past) -> tuple[str, ...]:
    newest = past.loads[0].source_version if past.loads else None
    version = manifest.version.id
    state = "held" if version in past.held else "loaded" if version == newest else ""
    return (
        f"{manifest.landed_at:%Y-%m-%d %H:%M}",
        plain(version),
        f"{manifest.bytes_landed:,}",
        plain(manifest.name.rpartition("/")[0]),
        state,
    )


def _as_json(past: _Past) -> dict[str, object]:
    return {
        "loads": [
            {
                "table": str(load.table),
                "version": load.source_version,
                "rows": load.rows,
                "disposition": load.disposition,
                "synthetic": load.synthetic,
                "loaded_at": load.loaded_at.isoformat() if load.loaded_at else None,
                "run_id": load.run_id,
                "load_id": load.load_id,
            }
            for load in past.loads
        ],
        "landed": [
            {
                "version": manifest.version.id,
                "label": manifest.version.label,
                "landed_at": manifest.landed_at.isoformat(),
                "bytes": manifest.bytes_landed,
                "manifest": manifest.name,
                "held": manifest.version.id in past.held,
            }
            for manifest in past.landed
        ],
    }
