"""Going back to a landed version, without the source.

A version that was rolled back is held: a small object beside its manifest says so, and which
version is to be loaded in its place. Runs go by it until the source has a newer version, or
until the held one is asked for by its number.
"""

import json
import time
from collections.abc import Mapping, Sequence

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
    """The manifest of the version that is to be loaded in place of a held one, whose own place
    another one may have taken since."""
    wanted = held
    while content := bucket.read(f"{pipeline.prefix(wanted)}/{HOLD}"):
        wanted = _instead(content)
    return _landed(pipeline, bucket, wanted)


def version_before(loads: Sequence[Load], held: Mapping[str, str]) -> tuple[str, str] | None:
    """The version that is to be held, and the one to be loaded in its place.

    It is the newest load's, and that of the newest load of another one that is not held. None if
    there is none. After a rollback they are those of that rollback, so a second one changes
    nothing. `loads` is the ledger, newest first; `held` says what is loaded in place of which.
    """
    versions = list(dict.fromkeys(load.source_version for load in loads if not load.synthetic))
    if not versions[1:]:
        return None
    newest, other = versions[:2]
    if held.get(other) == newest:
        return other, newest
    before = next((version for version in versions[1:] if version not in held), None)
    return None if before is None else (newest, before)


def held_versions(
    pipeline: PipelinePlan, bucket: Bucket, landed: Sequence[Manifest]
) -> Mapping[str, str]:
    """Those of the landed versions that are held, each with the one that takes its place."""
    folders = {found.version.id: pipeline.prefix(found.version.id) for found in landed}
    found = {version: bucket.read(f"{folder}/{HOLD}") for version, folder in folders.items()}
    return {version: _instead(content) for version, content in found.items() if content}


def _instead(content: bytes) -> str:
    return str(json.loads(content).get("instead"))


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
