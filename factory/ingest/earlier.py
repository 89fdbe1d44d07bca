"""Going back to a landed version, without the source.

A version that was rolled back is held: a small object beside its manifest says so, and which
version is to be loaded in its place. Runs go by it until the source has a newer version, or
until the held one is asked for by its number.
"""

import json
import time
from collections.abc import Container, Sequence

from factory.errors import Permanent, Refused
from factory.ingest.manifest import FILE_NAME, HOLD, Manifest, read_manifest
from factory.ingest.outcomes import Landing
from factory.ingest.pruning import landed_versions
from factory.plan import PipelinePlan
from factory.ports import Bucket, Load, Progress

_LISTED = 10  # versions in a message


def land_again(
    pipeline: PipelinePlan, bucket: Bucket, version: str, hold: str | None, progress: Progress
) -> Landing:
    """The landing of an earlier `version`, which is free again if it was held.

    With `hold`, that version is held from now on in favour of this one. Raises Permanent if
    either is not in the bucket as the pipeline reads it now, Refused for made-up rows.
    """
    started = time.monotonic()
    manifest = _landed(pipeline, bucket, version)
    if manifest.version.synthetic:
        raise Refused(
            f"version {version} of {pipeline.name} is synthetic, and made-up rows are not replayed",
            hint=f"factory run {pipeline.name} --sample makes them again",
        )
    if hold is not None and hold != version:
        _hold(pipeline, bucket, hold, version, progress)
    bucket.delete(f"{pipeline.prefix(version)}/{HOLD}")
    return Landing(manifest, True, 0, time.monotonic() - started)


def manifest_for(pipeline: PipelinePlan, bucket: Bucket, version: str) -> Manifest | None:
    """The manifest that a run goes by when the source offers `version`; None: it is not landed."""
    prefix = pipeline.prefix(version)
    manifest = read_manifest(bucket, f"{prefix}/{FILE_NAME}")
    held = manifest is not None and bucket.read(f"{prefix}/{HOLD}") is not None
    return in_place_of(pipeline, bucket, version) if held else manifest


def in_place_of(pipeline: PipelinePlan, bucket: Bucket, held: str) -> Manifest:
    """The manifest of the version that is to be loaded in place of a held one."""
    content = bucket.read(f"{pipeline.prefix(held)}/{HOLD}") or b"{}"
    wanted = json.loads(content).get("instead")
    return _landed(pipeline, bucket, str(wanted))


def version_before(loads: Sequence[Load], held: Container[str]) -> tuple[str, str] | None:
    """The newest version that was ever loaded, and the last one before it that is not held.

    None if there is none. `loads` is the ledger, newest first. Versions are in the order of their
    first load, so a second rollback finds what the first one found.
    """
    real = [load.source_version for load in reversed(loads) if not load.synthetic]
    versions = list(dict.fromkeys(real))
    before = next((v for v in reversed(versions[:-1]) if v not in held), None)
    return None if before is None else (versions[-1], before)


def held_versions(
    pipeline: PipelinePlan, bucket: Bucket, landed: Sequence[Manifest]
) -> frozenset[str]:
    """Those of the landed versions that are held."""
    folders = {f"{pipeline.prefix(found.version.id)}": found.version.id for found in landed}
    return frozenset(
        version for folder, version in folders.items() if bucket.read(f"{folder}/{HOLD}")
    )


def _hold(
    pipeline: PipelinePlan, bucket: Bucket, held: str, instead: str, progress: Progress
) -> None:
    _landed(pipeline, bucket, held)
    name = f"{pipeline.prefix(held)}/{HOLD}"
    content = json.dumps({"held": held, "instead": instead}).encode()
    if bucket.read(name) != content:
        bucket.delete(name)
        bucket.put(name, content, progress)


def _landed(pipeline: PipelinePlan, bucket: Bucket, version: str) -> Manifest:
    prefix = pipeline.prefix(version)
    manifest = read_manifest(bucket, f"{prefix}/{FILE_NAME}")
    if manifest is not None:
        there = {stored.name for stored in bucket.list(f"{prefix}/")}
        if all(o.name in there for table in manifest.tables for o in table.stored):
            return manifest
        raise Permanent(
            f"version {version} of {pipeline.name} is not whole in {pipeline.bucket_location}: "
            "it is being removed, or objects of it were",
            hint=f"load it from the source: source: {{version: {version}}}",
        )
    landed = sorted(landed_versions(pipeline, bucket), key=lambda m: m.landed_at, reverse=True)
    if any(found.version.id == version for found in landed):
        raise Permanent(
            f"version {version} of {pipeline.name} was landed for another reading of its files",
            hint="its columns, files or format were other ones in the YAML then; take them back, "
            f"or load it from the source: source: {{version: {version}}}",
        )
    here = [m.version.id for m in landed if m.fingerprint == pipeline.fingerprint]
    raise Permanent(
        f"version {version} of {pipeline.name} is not in {pipeline.bucket_location}",
        hint=f"there are {', '.join(here[:_LISTED])}" if here else "nothing is landed there yet",
    )
