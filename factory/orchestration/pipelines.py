"""A pipeline's definitions, its job resolved on its own small graph.

Dagster resolves a job against every asset of the definitions that it stands in; over a factory
of N pipelines that is N². A pipeline alone has a handful of assets, so its job is resolved there
and joins the others finished.
"""

import math
from dataclasses import dataclass

import dagster as dg

from factory.orchestration.deadline import GRACE
from factory.orchestration.landed import landed_asset, source_asset
from factory.orchestration.schedules import schedule_of
from factory.orchestration.steps import Workshop, allowed_seconds
from factory.orchestration.tables import table_asset
from factory.orchestration.tags import MAX_RUNTIME, PIPELINE
from factory.plan import PipelinePlan


@dataclass(frozen=True, slots=True)
class Part:
    """What a pipeline adds to the whole. The source's asset is apart: others may share it."""

    plan: PipelinePlan
    source: dg.AssetSpec
    assets: tuple[dg.AssetsDefinition, ...]
    job: dg.JobDefinition
    schedule: dg.ScheduleDefinition | None

    @property
    def keys(self) -> set[dg.AssetKey]:
        """The keys of the assets that only this pipeline may make."""
        return {key for asset in self.assets for key in asset.keys}


def build_part(workshop: Workshop) -> Part:
    """The assets, checks, job and schedule of one pipeline."""
    pipeline = workshop.pipeline
    source = source_asset(pipeline)
    tables = [table_asset(workshop, table) for table in pipeline.tables]
    assets = (landed_asset(workshop), *tables)
    job = dg.define_asset_job(
        name=pipeline.name,
        selection=dg.AssetSelection.assets(*(key for asset in assets for key in asset.keys)),
        description=pipeline.spec.description,
        tags=_tags(pipeline),
        metadata={"spec": pipeline.spec.mark.place},
    )
    small = dg.Definitions(
        assets=[source, *assets],
        jobs=[job],
        resources=workshop.resources,
        executor=dg.in_process_executor,
    )
    return Part(
        pipeline,
        source,
        assets,
        small.resolve_job_def(pipeline.name),
        schedule_of(pipeline, workshop.in_force),
    )


def _tags(pipeline: PipelinePlan) -> dict[str, str]:
    spec = pipeline.spec
    tags = {PIPELINE: pipeline.name}
    allowed = allowed_seconds(spec)
    if allowed is not None:  # the run itself ends before, in its own words
        tags[MAX_RUNTIME] = str(math.ceil(allowed + 3 * GRACE))
    return tags
