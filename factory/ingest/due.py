"""Which version is due for a table: no run publishes an older one over what another run published.

The ledger is read before the source is asked, and each publish needs the ledger to be as it was
read. So what a run publishes was on offer after every load before it had been published. A replay
is the exception: somebody wants that version, whatever is newer.
"""

from collections.abc import Callable, Sequence

from factory.errors import Overtaken
from factory.ingest.earlier import manifest_for
from factory.ingest.manifest import Manifest
from factory.plan import PipelinePlan, TablePlan
from factory.ports import Bucket, Load, Warehouse


def newest_loads(pipeline: PipelinePlan, warehouse: Warehouse) -> tuple[tuple[str, str], ...]:
    """The newest load of each table that has one, for `Manifest.loads_before`."""
    books = [(str(table.id), warehouse.loads(table.id)) for table in pipeline.tables]
    return tuple((table, loads[0].load_id) for table, loads in books if loads)


def due_manifest(
    pipeline: PipelinePlan,
    table: TablePlan,
    manifest: Manifest,
    loads: Sequence[Load],
    bucket: Bucket,
    offered: Callable[[], str],
) -> Manifest:
    """The manifest to load: `manifest`, or that of the version on offer if another run was faster.

    `loads` was read before this call. The source is asked only where the ledger has another load
    than it had before `manifest` was landed. Raises Overtaken if nobody has landed what it offers.
    """
    if not loads or loads[0].synthetic or _as_it_was(table, manifest, loads[0]):
        return manifest
    if table.spec.write_disposition == "append":
        return manifest  # adds its own rows, whatever was added meanwhile
    version = offered()
    current = manifest_for(pipeline, bucket, version)
    if current is None:
        raise Overtaken(
            f"{table.id} has version {loads[0].source_version} from another run by now, and the "
            f"source has {version}: {manifest.version.id} may be older than both",
            hint=f"run {pipeline.name} again: it loads version {version}",
        )
    return current


def _as_it_was(table: TablePlan, manifest: Manifest, newest: Load) -> bool:
    before = dict(manifest.loads_before).get(str(table.id))
    return newest.load_id == before or newest.source_version == manifest.version.id
