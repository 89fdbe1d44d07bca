"""Two runs at once with different versions: the older one is never published over the newer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest

from factory.buckets.gcs import GcsBucket
from factory.errors import Overtaken
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.ingest.manifest import FILE_NAME, Manifest, read_manifest
from factory.ingest.outcomes import Loading
from factory.plan import PipelinePlan
from factory.ports import Bucket, Warehouse
from factory.sources.kaggle import KaggleSource
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.ingest.loads import TABLE, Bench, Halt, plan_of, silent
from tests.loopback.kaggle import LoopbackKaggle
from tests.standins.tokens import PROJECT

_DATASET = "owner/letters"
_OLD, _NEW = [(1, "a"), (2, "b")], [(2, "c"), (3, "d")]
_BEFORE = [(0, "z"), (1, "z")]
_AFTER = {
    "replace": _NEW,
    "merge": [(0, "z"), (1, "z"), (2, "c"), (3, "d")],
    "append": sorted([*_BEFORE, *_OLD, *_NEW]),
}
Watch = Callable[..., None]
Format = Literal["parquet", "original"]


@dataclass
class Shop:
    """A source whose versions go into one table. Each run has adapters of its own."""

    folder: Path
    kaggle: LoopbackKaggle
    places: Callable[[], tuple[Warehouse, Bucket]]
    dataset: str

    def publish(self, rows: list[tuple[int, str]]) -> None:
        text = "id,name\n" + "".join(f"{number},{name}\n" for number, name in rows)
        self.kaggle.publish(_DATASET, {"letters.csv": text.encode()})

    def plan(self, disposition: str, format: Format = "parquet") -> PipelinePlan:
        table = replace(TABLE, dataset=self.dataset)
        plan = plan_of(id=table, write_disposition=disposition, primary_key=("id",))
        bucket = replace(plan.spec.bucket, format=format)
        return replace(plan, spec=replace(plan.spec, bucket=bucket))

    def source(self) -> KaggleSource:
        return KaggleSource(_DATASET, None, self.kaggle.endpoint, {})

    def land(self, plan: PipelinePlan, name: str, watch: Watch = silent) -> Manifest:
        warehouse, bucket = self.places()
        work = self.folder / name
        work.mkdir(parents=True, exist_ok=True)
        return land(plan, self.source(), bucket, warehouse, work, watch).manifest

    def load(
        self,
        plan: PipelinePlan,
        manifest: Manifest,
        name: str,
        watch: Watch = silent,
        *,
        on_purpose: bool = False,
    ) -> Loading:
        warehouse, bucket = self.places()

        def newest() -> Manifest:
            return self.land(plan, f"{name}-newest")

        return load_table(
            plan, plan.tables[0], manifest, warehouse, bucket,
            newest=None if on_purpose else newest,
            run_id=name, work=self.folder / name, progress=watch,
        )  # fmt: skip

    def run(self, plan: PipelinePlan, name: str, watch: Watch = silent) -> Loading:
        """Both steps, the second one tried again as its `retries` have it."""
        manifest = self.land(plan, name, watch)
        try:
            return self.load(plan, manifest, name, watch)
        except Overtaken:
            return self.load(plan, manifest, name, watch)

    def rows(self) -> list[tuple[object, ...]]:
        found = self.places()[0].query(f"SELECT id, name FROM {self.dataset}.t ORDER BY id, name")
        return [tuple(row.values()) for row in found]

    def tables(self) -> set[str]:
        """The names of all that is in the dataset."""
        warehouse, _ = self.places()
        place = f"{self.dataset}.INFORMATION_SCHEMA.TABLES"
        if isinstance(warehouse, DuckDbWarehouse):
            place = "duckdb_tables()"
        return {
            str(row["table_name"]) for row in warehouse.query(f"SELECT table_name FROM {place}")
        }

    def versions(self, plan: PipelinePlan) -> list[str]:
        """What the ledger has, oldest first."""
        loads = self.places()[0].loads(plan.tables[0].id)
        return [load.source_version for load in reversed(loads)]


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, dataset_name: str) -> Iterator[Shop]:
    def local() -> tuple[Warehouse, Bucket]:
        return DuckDbWarehouse(tmp_path / "w.duckdb"), Bench(tmp_path).bucket

    places: Callable[[], tuple[Warehouse, Bucket]] = local
    if getattr(request, "param", "duckdb") == "bigquery":
        endpoint = request.getfixturevalue("bigquery_endpoint")
        gcs, name = (request.getfixturevalue(f) for f in ("gcs_endpoint", "gcs_bucket_name"))

        def places() -> tuple[Warehouse, Bucket]:
            return BigQueryWarehouse(PROJECT, "EU", endpoint), GcsBucket(name, PROJECT, gcs)

    with LoopbackKaggle() as kaggle:
        shop = Shop(tmp_path / "runs", kaggle, places, dataset_name)
        shop.publish(_BEFORE)
        yield shop


_STOPS = [("duckdb", stop) for stop in ("fetch", "land", "stage", "check", "publish")]


@pytest.mark.parametrize(
    ("shop", "stop"), [*_STOPS, ("bigquery", "land"), ("bigquery", "publish")], indirect=["shop"]
)
@pytest.mark.parametrize("disposition", ["replace", "merge", "append"])
def test_who_is_slow_does_not_put_the_old_version_back(
    shop: Shop, stop: str, disposition: str
) -> None:
    plan = shop.plan(disposition)
    shop.run(plan, "first")
    shop.publish(_OLD)
    halt = Halt(stop)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(shop.run, plan, "slow", halt)
        assert halt.here.wait(60)
        shop.publish(_NEW)
        assert shop.run(plan, "fast").published
        halt.go_on.set()
        slower = slow.result(60)

    assert shop.rows() == _AFTER[disposition]
    assert shop.run(plan, "next").unchanged
    if disposition == "append":
        assert shop.versions(plan) == ["1", "3", "2"]
        return
    assert shop.versions(plan) == ["1", "3"]
    assert (slower.unchanged, slower.manifest.version.id, slower.load.source_version) == (
        True, "3", "3",
    )  # fmt: skip


def test_a_replay_is_wanted_whatever_was_published_meanwhile(shop: Shop) -> None:
    plan = shop.plan("replace")
    shop.run(plan, "first")
    shop.publish(_OLD)
    older = shop.land(plan, "replay")

    def another(phase: str, *_: object) -> None:
        if phase == "check" and len(shop.versions(plan)) == 1:
            shop.publish(_NEW)
            shop.run(plan, "fast")

    with pytest.raises(Overtaken, match="another run has published"):
        shop.load(plan, older, "replay", another, on_purpose=True)
    shop.load(plan, older, "replay", on_purpose=True)

    assert (shop.rows(), shop.versions(plan)) == (_OLD, ["1", "3", "2"])
    shop.run(plan, "next")
    assert shop.rows() == _NEW


def test_who_finds_that_the_source_has_gone_on_lands_what_it_offers_now(shop: Shop) -> None:
    """Of three versions at once it is loaded by whoever comes last."""
    plan = shop.plan("replace")
    shop.run(plan, "first")
    shop.publish(_OLD)
    older = shop.land(plan, "slow")
    shop.publish(_NEW)
    shop.run(plan, "fast")
    shop.publish(_BEFORE)

    slow = shop.load(plan, older, "slow")

    assert (slow.published, slow.manifest.version.id) == (True, "4")
    assert (shop.rows(), shop.versions(plan)) == (_BEFORE, ["1", "3", "4"])
    assert shop.run(plan, "next").unchanged


def test_a_source_that_goes_on_while_nobody_else_publishes_stops_no_run(shop: Shop) -> None:
    plan = shop.plan("replace")
    first = shop.run(plan, "first")
    shop.publish(_OLD)
    landed = shop.land(plan, "slow")
    assert landed.loads_before == ((str(plan.tables[0].id), first.load.load_id),)
    assert read_manifest(shop.places()[1], landed.name) == landed
    shop.publish(_NEW)

    asked = len(shop.kaggle.seen())
    assert shop.load(plan, landed, "slow").published
    assert (shop.rows(), len(shop.kaggle.seen())) == (_OLD, asked)


def test_a_new_version_is_asked_for_again_once_the_ledger_was_read(shop: Shop) -> None:
    """Else who was faster between the two could be taken for older."""
    plan = shop.plan("replace")
    warehouse, bucket = shop.places()
    offers = iter([_OLD, _NEW])

    class Moving(KaggleSource):
        def version(self):  # type: ignore[no-untyped-def]  # as its parent's
            shop.publish(next(offers))
            return super().version()

    work = shop.folder / "run"
    work.mkdir(parents=True)
    source = Moving(_DATASET, None, shop.kaggle.endpoint, {})
    assert land(plan, source, bucket, warehouse, work, silent).manifest.version.id == "3"


@pytest.mark.parametrize("shop", ["duckdb", "bigquery"], indirect=True)
@pytest.mark.parametrize("format", ["parquet", "original"])
def test_nothing_is_left_of_a_run_that_died_once_a_newer_version_is_loaded(
    shop: Shop, format: Format
) -> None:
    plan = shop.plan("replace", format)

    def die(phase: str, *_: object) -> None:
        if phase == "check":
            raise SystemExit

    with pytest.raises(SystemExit):
        shop.run(plan, "dead", die)
    assert len(shop.tables()) > 0
    shop.publish(_NEW)
    assert shop.run(plan, "next").published

    assert shop.tables() == {"t", "_factory_loads"}
    assert [o.name for o in shop.places()[1].list("") if "_staging" in o.name] == []


@pytest.mark.parametrize("shop", ["duckdb", "bigquery"], indirect=True)
@pytest.mark.parametrize("format", ["parquet", "original"])
def test_nothing_is_left_of_a_landing_that_died_once_a_newer_version_is_loaded(
    shop: Shop, format: Format
) -> None:
    plan = shop.plan("replace", format)
    _, bucket = shop.places()
    others = f"raw/letters/v=1/spec={plan.fingerprint[:8]}x/notes.txt"
    bucket.put(others, b"somebody's own", silent)
    with pytest.raises(SystemExit):
        shop.run(plan, "dead", _dying_once_landed)
    [dead] = [o.name for o in bucket.list("") if o.name != others]
    shop.publish(_NEW)
    assert shop.run(plan, "next").published

    left = {o.name for o in bucket.list("")}
    assert dead not in left
    assert others in left
    assert len(left) == 3  # and an object with its manifest


def test_who_is_swept_while_it_lands_looks_anew(shop: Shop) -> None:
    plan = shop.plan("replace")
    shop.publish(_OLD)

    def another(phase: str, item: str, *_: object) -> None:
        if phase == "land" and item.endswith(FILE_NAME) and not shop.versions(plan):
            shop.publish(_NEW)
            shop.run(plan, "fast")

    with pytest.raises(Overtaken, match="has published while this one landed version 2"):
        shop.land(plan, "slow", another)
    assert shop.run(plan, "again").unchanged
    assert shop.rows() == _NEW
    assert [o.name for o in shop.places()[1].list("") if "v=2" in o.name] == []


def _dying_once_landed(phase: str, item: str, *_: object) -> None:
    if phase == "land" and item.endswith(FILE_NAME):
        raise SystemExit
