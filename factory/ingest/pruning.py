"""Removing from the bucket what nobody needs: old versions, and what dead runs have left."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from factory.ingest.manifest import FILE_NAME, HOLD, Manifest, read_manifest
from factory.plan import PipelinePlan
from factory.ports import Bucket, TableId

SCRATCH = "_staging"  # the folder, beside landed originals, of rows that are read from them
_MOMENT = timedelta(microseconds=1)


def prune(pipeline: PipelinePlan, bucket: Bucket, loaded: str) -> list[Manifest]:
    """Delete all but the newest versions, by the time they were landed; returns the deleted.
    The version that is `loaded` stays, which after a rollback is not the newest.

    The manifest goes last, so that what a run that dies here leaves is removed by the next one;
    who finds it half takes it for gone. Nothing is deleted that no manifest of this pipeline names.
    """
    keep = pipeline.spec.bucket.keep_versions
    if keep is None:
        return []
    landed = sorted(landed_versions(pipeline, bucket), key=lambda m: m.landed_at, reverse=True)
    kept = {*list(dict.fromkeys(manifest.version.id for manifest in landed))[:keep], loaded}
    gone = [manifest for manifest in landed if manifest.version.id not in kept]
    for manifest in gone:
        for name in {o.name for table in manifest.tables for o in table.stored}:
            bucket.delete(name)
        bucket.delete(f"{manifest.name.rpartition('/')[0]}/{HOLD}")
        bucket.delete(manifest.name)
    return gone


def sweep_scratch(pipeline: PipelinePlan, table: TableId, bucket: Bucket) -> None:
    """Remove what this run and others, of any version, have read from originals for the table."""
    ours = tuple(f"/{SCRATCH}/{each.dataset}.{each.table}-" for each in (table, table.rejects))
    for stored in list(bucket.list(_home(pipeline))):
        if any(mark in stored.name for mark in ours):
            bucket.delete(stored.name)


def sweep_abandoned(pipeline: PipelinePlan, bucket: Bucket) -> None:
    """Remove all landings without a manifest: whoever began them is gone, or is overtaken by the
    load that was just published, and finds that out when its own manifest is written. Halves of
    objects go, too, where nobody is at them any more."""
    landings = _landings(pipeline)
    folders = defaultdict(list)
    for stored in bucket.list(_home(pipeline)):
        if landing := landings.match(stored.name):
            folders[landing[0]].append(stored.name)
    for folder, names in folders.items():
        manifest = f"{folder}{FILE_NAME}"
        if manifest not in names and bucket.read(manifest) is None:
            for name in names:
                bucket.delete(name)
    bucket.tidy()


def landing_time(pipeline: PipelinePlan, bucket: Bucket) -> datetime:
    """When a version is landed that is landed now: where `keep` goes by it, later than any other
    of the pipeline, also where the clock was set back."""
    now = datetime.now(UTC)
    if pipeline.spec.bucket.keep_versions is None:
        return now
    landed = [manifest.landed_at for manifest in landed_versions(pipeline, bucket)]
    return max([now, *(moment + _MOMENT for moment in landed)])


def landed_versions(pipeline: PipelinePlan, bucket: Bucket) -> Iterable[Manifest]:
    """Every manifest of this pipeline in the bucket, in no order."""
    for name in manifest_names(pipeline, bucket):
        manifest = read_manifest(bucket, name)
        if manifest is not None and manifest.pipeline == pipeline.name:
            yield manifest


def manifest_names(pipeline: PipelinePlan, bucket: Bucket) -> Sequence[str]:
    """The names of all manifests where this pipeline lands; others may land there, too."""
    names = [stored.name for stored in bucket.list(_home(pipeline))]
    return [name for name in names if name.endswith(f"/{FILE_NAME}")]


def _home(pipeline: PipelinePlan) -> str:
    """What the names of all objects of the pipeline begin with."""
    common = pipeline.spec.bucket.prefix.split("{source_version}")[0]
    return common.format(pipeline=pipeline.name).lstrip("/")


def _landings(pipeline: PipelinePlan) -> re.Pattern[str]:
    """The beginnings of names that only landings of this pipeline have; where others may land in
    the same place, only those of the same reading."""
    spec = pipeline.spec.bucket.prefix
    folder = spec.format(pipeline=pipeline.name, source_version="\0").strip("/")
    ours = "[0-9a-f]{8}" if "{pipeline}" in spec else pipeline.fingerprint[:8]
    return re.compile(re.escape(folder).replace(re.escape("\0"), "[^/]+") + f"/spec={ours}/")
