"""Which version is due for a table: no run publishes an older one over what another run published.

The ledger is read before the source is asked, and each publish needs the ledger to be as it was
read. So what a run publishes was on offer after every load before it had been published. A replay
is the exception: somebody wants that version, whatever is newer.
"""

from collections.abc import Callable, Sequence

from factory.ingest.manifest import Manifest
from factory.plan import PipelinePlan, TablePlan
from factory.ports import Load, Warehouse


def newest_loads(pipeline: PipelinePlan, warehouse: Warehouse) -> tuple[tuple[str, str], ...]:
    """The newest load of each table that has one, for `Manifest.loads_before`."""
    books = [(str(table.id), warehouse.loads(table.id)) for table in pipeline.tables]
    return tuple((table, loads[0].load_id) for table, loads in books if loads)


def due_manifest(
    table: TablePlan, manifest: Manifest, loads: Sequence[Load], newest: Callable[[], Manifest]
) -> Manifest:
    """The manifest to load: `manifest`, or that of `newest` if another run was faster.

    `loads` was read before this call. `newest` lands what the source offers, if nobody has; it is
    asked only where the ledger has another load than it had before `manifest` was landed.
    """
    if not loads or loads[0].synthetic or _as_it_was(table, manifest, loads[0]):
        return manifest
    if table.spec.write_disposition == "append":
        return manifest  # adds its own rows, whatever was added meanwhile
    return newest()


def _as_it_was(table: TablePlan, manifest: Manifest, newest: Load) -> bool:
    before = dict(manifest.loads_before).get(str(table.id))
    return newest.load_id == before or newest.source_version == manifest.version.id
