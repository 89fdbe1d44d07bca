"""Step one: ask the source, fetch, read and land. Its asset, and the source's own."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import dagster as dg

from factory.ingest.earlier import land_again
from factory.ingest.landing import land
from factory.ingest.outcomes import Landing
from factory.orchestration.amounts import amount, duration
from factory.orchestration.checks import declared_licence, reported_licence
from factory.orchestration.links import bucket_link
from factory.orchestration.metadata import (
    data_version,
    of_landing,
    of_source,
    written_at,
)
from factory.orchestration.resources import BUCKETS, WAREHOUSE
from factory.orchestration.steps import Step, Workshop
from factory.orchestration.tags import HOLD, REPLAY, SCHEDULE
from factory.orchestration.work import work_folder
from factory.plan import PipelinePlan
from factory.ports import Bucket
from factory.wiring import make_source

_Event = dg.AssetCheckResult | dg.MaterializeResult[None]


def source_asset(pipeline: PipelinePlan) -> dg.AssetSpec:
    """The external asset that stands for the published dataset; equal for all its readers."""
    kind = pipeline.spec.source.kind
    return dg.AssetSpec(
        key=list(pipeline.source_key),
        description=f"Published elsewhere ({kind}); observed by every run that asks its version.",
        group_name="sources",
        kinds={kind},
    )


def landed_asset(workshop: Workshop) -> dg.AssetsDefinition:
    """The files of the source, as immutable objects in the bucket."""
    pipeline = workshop.pipeline
    spec = pipeline.spec
    mark = spec.source.mark or spec.mark

    @dg.asset(
        key=list(pipeline.landed_key),
        deps=[list(pipeline.source_key)],
        description=f"What {workshop.name} has fetched, in {pipeline.bucket_location}.",
        group_name=group_of(pipeline),
        owners=list(spec.owners),
        tags=dict(spec.tags),
        kinds={"gcs" if pipeline.target.bucket.type == "gcs" else "file", _stored_as(pipeline)},
        metadata={**written_at(mark, workshop.factory.root)},
        code_version=pipeline.fingerprint[:12],
        pool=spec.pool,
        check_specs=declared_licence(pipeline),
        required_resource_keys={BUCKETS, WAREHOUSE},
    )
    def landed(context: dg.AssetExecutionContext) -> Iterator[_Event]:
        step = Step(workshop, context, mark)
        with step.guarded():
            _wait_for_turn(step)
            bucket = step.bucket()
            landing = _land(step, bucket)
        workshop.listener.landed(landing)
        _say(context, landing)
        manifest = landing.manifest
        if landing.held is None and REPLAY not in context.run.tags:
            context.log_event(_observation(pipeline, landing))
        link = bucket_link(pipeline, manifest.name.rpartition("/")[0])
        yield from reported_licence(pipeline, landing)
        yield dg.MaterializeResult(
            metadata=of_landing(pipeline, landing, bucket, link),
            data_version=data_version(manifest, pipeline.fingerprint),
        )

    return landed


def group_of(pipeline: PipelinePlan) -> str:
    """The group of a pipeline's assets, in Dagster's alphabet."""
    group = pipeline.spec.group or "default"
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in group)


def _land(step: Step, bucket: Bucket) -> Landing:
    workshop, tags = step.workshop, step.context.run.tags
    if REPLAY in tags:
        wanted = tags[REPLAY], tags.get(HOLD)
        return land_again(workshop.pipeline, bucket, *wanted, step.progress)
    with work_folder(workshop.factory.root, workshop.name, step.first_run, "land") as work:
        return land_newest(step, bucket, work)


def land_newest(step: Step, bucket: Bucket, work: Path) -> Landing:
    """What the source offers now, landed; in a run with --sample, made-up rows. `work` is a folder
    of this step's own."""
    workshop = step.workshop
    source = make_source(workshop.pipeline, workshop.factory, workshop.env, sample=step.sample())
    return land(workshop.pipeline, source, bucket, step.warehouse(), work, step.progress)


def _wait_for_turn(step: Step) -> None:
    """Schedules of one minute do not all ask the source in the same second. Who is in a pool has
    had to wait for it, and would keep the others waiting."""
    spec = step.workshop.pipeline.spec
    schedule = None if spec.pool else spec.schedule
    by_schedule = SCHEDULE in step.context.run.tags and step.context.run.parent_run_id is None
    if schedule is None or not schedule.jitter or not by_schedule or step.context.retry_number:
        return
    wait = jitter_share(step.workshop.name) * schedule.jitter
    step.context.log.info(f"waiting {duration(wait)} of a jitter of {duration(schedule.jitter)}")
    sleep(wait)


def jitter_share(name: str) -> float:
    """The part of its jitter that a pipeline waits: always the same, spread over [0, 1)."""
    return zlib.crc32(name.encode()) / 2**32


def _observation(pipeline: PipelinePlan, landing: Landing) -> dg.AssetObservation:
    """What was seen at the source; synthetic rows say nothing about it, so they name themselves."""
    version = landing.manifest.version
    seen = f"synthetic-{version.id}" if version.synthetic else version.id
    return dg.AssetObservation(
        asset_key=list(pipeline.source_key),
        metadata=of_source(landing.manifest),
        tags={"dagster/data_version": seen},
    )


def _say(context: dg.AssetExecutionContext, landing: Landing) -> None:
    label, manifest = landing.manifest.version.label, landing.manifest
    if landing.licence is not None:
        context.log.warning(f"{landing.licence}: see whether you may still use it as you do")
    if landing.held is not None:
        context.log.warning(
            f"version {landing.held} was rolled back and is held: {label} is loaded in its place, "
            f"until a newer one is published; `factory replay` with its number frees it"
        )
        return
    if landing.unchanged:
        context.log.info(f"unchanged: {label} is landed already, nothing was fetched")
        return
    context.log.info(
        f"landed {label}: fetched {amount(landing.bytes_fetched, 'bytes')}, "
        f"stored {amount(manifest.bytes_landed, 'bytes')} in {duration(landing.seconds)}"
    )


def _stored_as(pipeline: PipelinePlan) -> str:
    """The kind of file in the bucket, as Dagster draws it."""
    if pipeline.spec.bucket.format == "parquet":
        return "parquet"
    return pipeline.spec.source.format.type or "csv"
