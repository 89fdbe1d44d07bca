"""A plan and its changes as JSON values."""

from collections.abc import Iterable
from typing import Any

from factory.changes.edits import PipelineChange
from factory.changes.fields import Edit
from factory.changes.outlook import Outlook
from factory.cli.plan_text import landed_location
from factory.cli.preview import Preview, Since
from factory.plan import PipelinePlan, Plan, TablePlan, column_name


def preview_json(preview: Preview) -> dict[str, Any]:
    """The plan, what differs from a revision, and what the next runs do; null: not asked for."""
    outlooks = preview.outlooks
    return {
        **plan_json(preview.plan),
        "since": preview.since and _since(preview.since),
        "next_runs": outlooks and [_outlook(outlook) for outlook in outlooks],
        "changes": preview.changes,
    }


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
        and {
            "cron": schedule.cron,
            "timezone": schedule.timezone,
            "enabled": schedule.enabled,
            "catchup": schedule.catchup,
        },
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


def _since(since: Since) -> dict[str, Any]:
    return {
        "revision": since.revision,
        "pipelines": [_change(change) for change in since.changes],
        "notes": list(since.notes),
    }


def _change(change: PipelineChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "before": change.before and change.before.name,
        "happening": change.happening,
        "effect": change.effect,
        "edits": _edits(change.edits),
        "tables": [
            {
                "name": str(table.after.id) if table.after else None,
                "before": str(table.before.id) if table.before else None,
                "happening": table.happening,
                "loads": table.loads,
                "edits": _edits(table.edits),
            }
            for table in change.tables
        ],
    }


def _outlook(outlook: Outlook) -> dict[str, Any]:
    offered = outlook.facts.offered
    return {
        "pipeline": outlook.pipeline.name,
        "version_offered": offered and offered.id,
        "version_held": outlook.facts.held,
        "version_loaded": outlook.loaded,
        "bytes_to_fetch": outlook.facts.fetch,
        "not_asked": list(outlook.facts.silences),
        "tables": [
            {
                "name": str(table.table.id),
                "action": table.action,
                "why": table.why,
                "rows_now": table.rows,
                "rejected": table.rejected,
                "columns": _edits(table.columns),
            }
            for table in outlook.tables
        ],
    }


def _edits(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [
        {"what": edit.what, "aspect": edit.aspect or None, "old": edit.old, "new": edit.new}
        for edit in edits
    ]
