"""A project with one pipeline, the services that it speaks to, and what must be true of them.

Versions are published one after another; `expected` says which rows a table has after them.
"""

import json
import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast
from uuid import uuid4

import requests

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.gcp.identity import VARIABLE
from factory.ingest.manifest import FILE_NAME, read_manifest
from factory.ports import Bucket, Warehouse
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
from factory.warehouses.duckdb_file import holding
from tests.faults.orders import Report
from tests.faults.points import Disposition, Place, Target
from tests.loopback.kaggle import LoopbackKaggle
from tests.standins.proxy import Wire, proxy
from tests.standins.tokens import PROJECT

_ROOT = Path(__file__).parents[2]
_DATASET = "owner/letters"
_ROWS = 40  # new ones a version
_PIPELINE = """\
source: {{kaggle: owner/letters}}
bucket: {{name: {bucket}, keep: {{versions: 2}}}}
table: {{name: {dataset}.letters, write_disposition: {disposition}, primary_key: [id]}}
columns:
  - {{name: id, type: INT64}}
  - {{name: word, type: STRING}}
  - {{name: amount, type: FLOAT64}}
  - {{name: day, type: DATE, format: "%d/%m/%Y"}}
checks: [{{row_count: {{min: 1}}}}, {{not_null: [id]}}]
retries: {{max_attempts: 3, delay: 1s}}
"""
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """Where the stand-ins of Google's services listen."""

    gcs: str
    bigquery: str
    tokens: str


@dataclass
class World:
    """See the module. Services are reached by the child through wires, by us directly."""

    folder: Path
    target: Target
    disposition: Disposition
    kaggle: LoopbackKaggle
    services: Services | None
    wires: Mapping[Place, Wire]
    name: str = field(default_factory=lambda: uuid4().hex[:10])
    versions: int = 0
    loaded: list[int] = field(default_factory=list)
    clean: Report | None = None  # of a run without a fault

    @property
    def project(self) -> Path:
        return self.folder / self.name

    @property
    def dataset(self) -> str:
        return f"d_{self.name}"

    @property
    def env(self) -> Mapping[str, str]:
        """What a run of the pipeline finds in its environment."""
        env = {"KAGGLE_API_ENDPOINT": self.kaggle.endpoint, "TMPDIR": str(self.scratch)}
        if self.wires:
            env["GCP_PROJECT"] = PROJECT
            env["GCS_API_ENDPOINT"] = self.wires["gcs"].url
            env["BIGQUERY_API_ENDPOINT"] = self.wires["bigquery"].url
            env[VARIABLE] = str(self._account)
        return env

    @property
    def scratch(self) -> Path:
        return self.folder / f"{self.name}-tmp"

    def build(self) -> None:
        """Write the project, and make the bucket where the target wants it made."""
        (self.project / "pipelines").mkdir(parents=True)
        self.scratch.mkdir()
        shutil.copy(_ROOT / "factory.yaml", self.project)
        spec = _PIPELINE.format(
            bucket=self._bucket_name, dataset=self.dataset, disposition=self.disposition
        )
        (self.project / "pipelines/letters.yaml").write_text(spec, encoding="utf-8")
        if self.services is not None:
            url = f"{self.services.gcs}/storage/v1/b?project={PROJECT}"
            made = requests.post(url, json={"name": self._bucket_name}, timeout=30)
            made.raise_for_status()
            account = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
            account["token_uri"] = f"{self.wires['tokens'].url}/token"
            self._account.write_text(json.dumps(account), encoding="utf-8")

    def publish(self) -> int:
        """A new version at the source; its number."""
        self.versions = self.kaggle.publish(_DATASET, {"letters.csv": _csv(self.versions + 1)})
        return self.versions

    def expected(self, versions: Sequence[int]) -> list[Row]:
        """The rows after these versions were loaded, one after the other."""
        if self.disposition == "replace":
            return sorted(_rows(versions[-1])) if versions else []
        if self.disposition == "append":
            return sorted(row for version in versions for row in _rows(version))
        merged = {row[0]: row for version in versions for row in _rows(version)}
        return sorted(merged.values())

    def rows(self) -> list[Row]:
        """What a reader sees now. Raises as the warehouse does."""
        name = f"{self.dataset}.letters"
        quoted = f"`{PROJECT}.{name}`" if self.target == "gcp" else name
        found = self.warehouse.query(
            f"SELECT id, word, amount, CAST(day AS STRING) AS day FROM {quoted}"
        )
        return sorted(tuple(row.values()) for row in found)

    def tables(self) -> set[str]:
        """The names of all tables in the dataset."""
        place = f"`{PROJECT}`.`{self.dataset}`.INFORMATION_SCHEMA.TABLES"
        sql = f"SELECT table_name FROM {place}"
        if self.target == "local":
            sql = f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{self.dataset}'"
        return {str(row["table_name"]) for row in self.warehouse.query(sql)}

    def ledger(self) -> list[str]:
        """The versions that the ledger has, oldest first."""
        name = f"{self.dataset}._factory_loads"
        quoted = f"`{PROJECT}.{name}`" if self.target == "gcp" else name
        found = self.warehouse.query(f"SELECT source_version FROM {quoted} ORDER BY loaded_at")
        return [str(row["source_version"]) for row in found]

    def litter(self) -> list[str]:
        """Objects that no manifest names, and files that a run has left where it worked; also
        halves of objects, which no bucket lists."""
        bucket = self.bucket
        names = {stored.name for stored in bucket.list("")}
        named = {name for name in names if name.endswith(FILE_NAME)}
        for name in sorted(named):
            manifest = read_manifest(bucket, name)
            assert manifest is not None
            named |= {o.name for table in manifest.tables for o in table.objects}
        return [*sorted(names - named), *sorted(map(str, self._other_files()))]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Looks cost little inside, and nobody can write where the warehouse is a file."""
        with ExitStack() as stack:
            if self.services is None:
                stack.enter_context(holding(self._file, patience=30))
            yield

    def folders_of_work(self) -> list[str]:
        """What runs keep to go on from, by pipeline and run."""
        home = self.project / ".factory/work"
        return sorted(path.relative_to(home).as_posix() for path in home.glob("*/*"))

    def _other_files(self) -> Iterator[Path]:
        """What is neither an object, nor the warehouse, nor kept to go on from."""
        home = self.project / ".factory"
        warehouse = {self._file, self._file.with_name(f"{self._file.name}.wal")}
        known = {*warehouse, home / "buckets" / self._bucket_name, home / "work"}
        for path in [*self.scratch.rglob("*"), *home.rglob("*")]:
            if path.is_file() and not known & {path, *path.parents}:
                yield path

    @property
    def bucket(self) -> Bucket:
        if self.services is not None:
            return GcsBucket(self._bucket_name, PROJECT, self.services.gcs)
        return LocalBucket(self.project / ".factory/buckets", self._bucket_name)

    @property
    def warehouse(self) -> Warehouse:
        if self.services is not None:
            return BigQueryWarehouse(PROJECT, "EU", self.services.bigquery)
        return DuckDbWarehouse(self._file, patience=30)

    @property
    def _account(self) -> Path:
        return self.folder / f"account-{self.name}.json"

    @property
    def _file(self) -> Path:
        return self.project / ".factory/warehouse.duckdb"

    @property
    def _bucket_name(self) -> str:
        return f"bucket-{self.name}"


@contextmanager
def new_world(
    folder: Path, target: Target, disposition: Disposition, services: Services | None
) -> Iterator[World]:
    """A world of its own; the services (for the target gcp) may be shared with other worlds."""
    with ExitStack() as stack:
        kaggle = stack.enter_context(LoopbackKaggle())
        there = cast(Mapping[Place, str], asdict(services) if services is not None else {})
        wires = {place: stack.enter_context(proxy(url)) for place, url in there.items()}
        world = World(folder, target, disposition, kaggle, services, wires)
        world.build()
        yield world
        shutil.rmtree(world.project, ignore_errors=True)
        shutil.rmtree(world.scratch, ignore_errors=True)


def _rows(version: int) -> list[Row]:
    """Half of the ids of a version are those of the one before."""
    rng = random.Random(version)
    first = version * _ROWS // 2
    return [
        (
            number,
            rng.choice(["plain", "with, comma", 'with "quotes"', "ünï ☃", "two\nlines"]),
            round(rng.uniform(-1e6, 1e6), 3),
            f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        )
        for number in range(first, first + _ROWS)
    ]


def _csv(version: int) -> bytes:
    lines = ["id,word,amount,day"]
    for number, word, amount, day in _rows(version):
        year, month, date = str(day).split("-")
        quoted = str(word).replace('"', '""')
        lines.append(f'{number},"{quoted}",{amount},{date}/{month}/{year}')
    return ("\n".join(lines) + "\n").encode()
