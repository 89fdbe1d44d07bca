"""Whether the licence of a dataset is the one that it was landed under before."""

import re

from factory.ingest.manifest import Manifest, read_manifest
from factory.ingest.outcomes import LicenceChange
from factory.ingest.pruning import manifest_names
from factory.plan import PipelinePlan
from factory.ports import Bucket, SourceVersion


def licence_before(pipeline: PipelinePlan, bucket: Bucket, version: SourceVersion) -> str | None:
    """The licence of the highest version that is landed, if `version` has another one.

    Costs one listing and, as a rule, one read; nothing if the source tells no licence.
    """
    if version.licence is None:
        return None
    for name in sorted(manifest_names(pipeline, bucket), key=_by_number, reverse=True):
        manifest = read_manifest(bucket, name)
        if manifest is None or manifest.pipeline != pipeline.name:
            continue
        before = manifest.version.licence
        if before is not None:
            return None if before == version.licence else before
    return None


def licence_change(manifest: Manifest, version: SourceVersion) -> LicenceChange | None:
    """What changed with the landing of `manifest`, or since: `version` is what is on offer."""
    landed, now = manifest.version.licence, version.licence
    if landed and now and landed != now:
        return LicenceChange(landed, now)
    if landed and manifest.licence_before:
        return LicenceChange(manifest.licence_before, landed)
    return None


def _by_number(name: str) -> list[tuple[int, str]]:
    """Version 12 comes after version 9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]
