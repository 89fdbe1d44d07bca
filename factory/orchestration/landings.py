"""How step two finds what step one landed: the manifest's name is in Dagster's event log."""

import dagster as dg

from factory.errors import Permanent
from factory.ingest.manifest import Manifest, read_manifest
from factory.orchestration.metadata import MANIFEST, SYNTHETIC
from factory.plan import PipelinePlan
from factory.ports import Bucket

_LOOK_BACK = 25  # materializations; enough to find a real one behind some synthetic ones


def landed_manifest(
    pipeline: PipelinePlan,
    bucket: Bucket,
    instance: dg.DagsterInstance,
    *,
    run_id: str,
    synthetic: bool,
) -> Manifest:
    """The manifest that this run landed, else the newest one of the same kind.

    Raises Permanent if there is none: synthetic rows never stand in for real ones, nor real
    ones for synthetic.
    """
    records = instance.fetch_materializations(
        dg.AssetKey(list(pipeline.landed_key)), limit=_LOOK_BACK
    ).records
    records = sorted(records, key=lambda record: record.run_id != run_id)  # stable: newest first
    known = [found for record in records if (found := _noted(record.asset_materialization))]
    name = next((name for name, is_synthetic in known if is_synthetic == synthetic), None)
    if name is None:
        raise _nothing_landed(pipeline, synthetic=synthetic, other_kind=bool(known))
    manifest = read_manifest(bucket, name)
    if manifest is None:
        raise Permanent(
            f"the landed version {bucket.uri(name)} is gone from the bucket",
            hint=f"run the whole job {pipeline.name}, it lands the version again",
        )
    return manifest


def _noted(materialization: dg.AssetMaterialization | None) -> tuple[str, bool] | None:
    """The manifest's name and whether it is synthetic, as step one noted them."""
    metadata = materialization.metadata if materialization else {}
    name, synthetic = metadata.get(MANIFEST), metadata.get(SYNTHETIC)
    if name is None or not isinstance(name.value, str):
        return None
    return name.value, bool(synthetic.value) if synthetic else False


def _nothing_landed(pipeline: PipelinePlan, *, synthetic: bool, other_kind: bool) -> Permanent:
    key = "/".join(pipeline.landed_key)
    if not other_kind:
        return Permanent(
            f"nothing is landed for {pipeline.name} yet",
            hint=f"run the whole job {pipeline.name}, or materialize {key} first",
        )
    is_now, wanted = ("real", "synthetic") if synthetic else ("synthetic", "real")
    return Permanent(
        f"this run is {wanted} and all that is landed for {pipeline.name} is {is_now}",
        hint=f"run the whole job {pipeline.name}: it lands {wanted} rows; the two never mix",
    )
