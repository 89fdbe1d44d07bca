"""`factory plan`: what will exist on a target. Nothing is touched, no network is used."""

import json
import sys
from collections.abc import Sequence
from typing import Any, Literal

from factory.cli import times
from factory.cli.exits import Exit
from factory.cli.plan_text import landed_location, plan_lines
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.terminal import columns, wants_color, write_lines
from factory.plan import PipelinePlan, Plan, TablePlan, column_name, make_plan


def show_plan(names: Sequence[str], target: str | None, format: Literal["text", "json"]) -> Exit:
    """Print the plan of the named pipelines, or of all."""
    _, project = open_project(target=target)
    chosen = choose_target(factory_of(project), target)
    plan = make_plan(choose_pipelines(project, names), chosen)
    if format == "json":
        write_lines(sys.stdout, [json.dumps(plan_json(plan), indent=2, ensure_ascii=False)])
    else:
        most = columns(sys.stdout) if sys.stdout.isatty() else None
        lines = plan_lines(plan, times.now(), most, color=wants_color(sys.stdout))
        write_lines(sys.stdout, lines)
    return Exit.FINE


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values. The clock has no part in it: equal specs give equal plans."""
    return {
        "target": plan.target.name,
        "pipelines": [_pipeline(pipeline) for pipeline in plan.pipelines],
    }


def _pipeline(pipeline: PipelinePlan) -> dict[str, Any]:
    spec, schedule = pipeline.spec, pipeline.spec.schedule
    return {
        "name": pipeline.name,
        "file": spec.mark.place,
        "description": spec.description,
        "group": spec.group,
        "owners": list(spec.owners),
        "depends_on": list(spec.depends_on),
        "source": {
            "asset": "/".join(pipeline.source_key),
            "kind": spec.source.kind,
            "reference": spec.source.reference,
            "version": spec.source.version or "latest",
        },
        "landed": {
            "asset": "/".join(pipeline.landed_key),
            "location": landed_location(pipeline),
            "format": spec.bucket.format,
            "keep_versions": spec.bucket.keep_versions,
        },
        "tables": [_table(table) for table in pipeline.tables],
        "job": pipeline.name,
        "schedule": schedule
        and {"cron": schedule.cron, "timezone": schedule.timezone, "enabled": schedule.enabled},
        "freshness_max_age_seconds": spec.freshness_max_age,
    }


def _table(table: TablePlan) -> dict[str, Any]:
    partition = table.spec.partition_by
    return {
        "asset": "/".join(table.key),
        "name": str(table.id),
        "location": table.location,
        "write_disposition": table.spec.write_disposition,
        "primary_key": list(table.spec.primary_key),
        "partition_by": partition
        and {"column": partition.column, "granularity": partition.granularity},
        "cluster_by": list(table.spec.cluster_by),
        "columns": [
            {
                "name": column_name(column, table.spec, position),
                "type": column.type,
                "nullable": column.nullable,
            }
            for position, column in enumerate(table.spec.columns, start=1)
        ],
        "other_columns": table.spec.schema_contract.columns,
        "checks": [
            {
                "name": check.name,
                "kind": check.spec.kind,
                "asks": check.asks,
                "severity": check.spec.severity,
            }
            for check in table.checks
        ],
    }
