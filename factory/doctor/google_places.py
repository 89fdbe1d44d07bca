"""Buckets and datasets on Google Cloud: whether they exist, where, and what we may do there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from factory.doctor.findings import Finding, unanswered
from factory.errors import FactoryError
from factory.gcp.calls import TIMEOUT, endpoint_options, google_errors, storage_client
from factory.gcp.identity import identity
from factory.gcp.refusals import (
    Setting,
    granting,
    granting_on_dataset,
    making_bucket,
    making_dataset,
)
from factory.plan import PipelinePlan
from factory.spec.model import BucketTarget, WarehouseTarget
from factory.warehouses.bigquery_sql import quoted

if TYPE_CHECKING:
    from google.cloud.bigquery import Client as BigQuery
    from google.cloud.storage import Client as Storage

_AREA = "places"
_RIGHTS = ("storage.objects.create", "storage.objects.delete", "storage.objects.get",
           "storage.objects.list")  # fmt: skip
_TABLE_RIGHTS = ("bigquery.tables.getData", "bigquery.tables.updateData", "bigquery.tables.update",
                 "bigquery.tables.delete")  # fmt: skip
_ONCE: dict[str, Any] = {"timeout": 10.0, "retry": None}  # seconds; who looks does not insist
_PROBE = "_factory_doctor"  # a table that is asked about and never made
_NOT_OF_EU = {"EUROPE-WEST2", "EUROPE-WEST6"}  # London, Zurich
_DUAL_OF_EU = {"EUR4", "EUR5", "EUR7", "EUR8"}


def google_places(plans: Sequence[PipelinePlan]) -> Iterator[Finding]:
    """Each bucket and dataset of the plans, once."""
    locations: dict[str, str | None] = {}
    for plan in plans:
        name = plan.spec.bucket.name
        if plan.target.bucket.type == "gcs" and name not in locations:
            look = _Bucket(name, plan.target.bucket, plan.target.warehouse.location or "EU")
            locations[name] = None
            yield from look.findings()
            locations[name] = look.location
    yield from _datasets(plans, locations)


def _datasets(plans: Sequence[PipelinePlan], locations: dict[str, str | None]) -> Iterator[Finding]:
    seen: dict[str, str | None] = {}
    asked: set[str | None] = set()
    for plan in plans:
        target = plan.target.warehouse
        if target.type != "bigquery":
            continue
        if target.project not in asked:
            asked.add(target.project)
            yield _may_query(target)
        for table in plan.tables:
            look = _Dataset(table.id.dataset, table.id.project or target.project, target)
            if look.reference not in seen:
                yield look.finding()
                seen[look.reference] = look.location
                yield from _compatible(plan, locations, look)


def _compatible(
    plan: PipelinePlan, locations: dict[str, str | None], look: "_Dataset"
) -> Iterator[Finding]:
    bucket, there = plan.spec.bucket.name, locations.get(plan.spec.bucket.name)
    if there and look.location and not loads_from(look.location, there):
        said = f"BigQuery in {look.location} does not load from gs://{bucket} in {there}"
        fix = f"use a bucket in {look.location}, or set `location: {there}` and another dataset"
        yield Finding("error", _AREA, f"{plan.name}: locations", said, fix)


def loads_from(dataset: str, bucket: str) -> bool:
    """Whether a dataset in one location loads from a bucket in another."""
    dataset, bucket = dataset.upper(), bucket.upper()
    if dataset in {bucket, "US"}:
        return True
    european = bucket.startswith("EUROPE-") and bucket not in _NOT_OF_EU
    return dataset == "EU" and (european or bucket in _DUAL_OF_EU)


@dataclass(slots=True)
class _Bucket:
    name: str
    target: BucketTarget
    wanted: str  # the warehouse's location
    location: str | None = None

    @property
    def _setting(self) -> Setting:
        return Setting(self.target.project, self.wanted, bucket=self.name)

    def findings(self) -> Iterator[Finding]:
        from google.api_core.exceptions import NotFound

        subject = f"bucket gs://{self.name}"
        try:
            with google_errors(f"look into gs://{self.name}", self._setting):
                client = self._client()
                try:
                    next(iter(client.list_blobs(self.name, max_results=1, **_ONCE)), None)
                except NotFound:
                    yield self._missing(subject)
                    return
                yield self._found(subject, client)
                yield self._rights(subject, client)
        except FactoryError as error:
            yield unanswered(_AREA, subject, error)

    def _found(self, subject: str, client: "Storage") -> Finding:
        from google.api_core.exceptions import Forbidden

        try:
            self.location = str(client.get_bucket(self.name, **_ONCE).location)
        except Forbidden:
            said = "there; its location is not shown to us (storage.buckets.get is missing)"
            return Finding("ok", _AREA, subject, said)
        return Finding("ok", _AREA, subject, f"there, in {self.location}")

    def _rights(self, subject: str, client: "Storage") -> Finding:
        from google.api_core.exceptions import NotFound

        try:
            granted = client.bucket(self.name).test_iam_permissions(list(_RIGHTS), **_ONCE)
        except NotFound:  # it is there: this service just does not tell
            return Finding("ok", _AREA, subject, "rights are not told by this service")
        lacking = [right for right in _RIGHTS if right not in granted]
        if lacking:
            fix = granting("roles/storage.objectUser", identity().member, bucket=self.name)
            return Finding("error", _AREA, subject, f"we lack {', '.join(lacking)}", fix)
        return Finding("ok", _AREA, subject, "we may create, read, list and delete objects")

    def _missing(self, subject: str) -> Finding:
        fix = making_bucket(self.name, self.target.project, self.wanted)
        return Finding("error", _AREA, subject, "does not exist", fix, repair=self._make)

    def _make(self) -> str:
        with google_errors(f"create the bucket gs://{self.name}", self._setting):
            client = self._client()
            bucket = client.bucket(self.name)
            bucket.iam_configuration.uniform_bucket_level_access_enabled = True
            bucket.iam_configuration.public_access_prevention = "enforced"
            client.create_bucket(bucket, location=self.wanted, timeout=TIMEOUT)
        return f"made the bucket gs://{self.name} in {self.wanted}, closed to the public"

    def _client(self) -> "Storage":
        return storage_client(self.target.project, self.target.api_endpoint)


@dataclass(slots=True)
class _Dataset:
    name: str
    project: str | None
    target: WarehouseTarget
    location: str | None = None

    @property
    def reference(self) -> str:
        return f"{self.project}.{self.name}" if self.project else self.name

    @property
    def _setting(self) -> Setting:
        return Setting(self.target.project, self.target.location, dataset=self.reference)

    def finding(self) -> Finding:
        from google.api_core.exceptions import NotFound

        subject = f"dataset {self.reference}"
        try:
            with google_errors(f"look at the dataset {self.reference}", self._setting):
                client = _bigquery(self.target)
                reference = f"{self.project or client.project}.{self.name}"
                place = ".".join(map(quoted, reference.rsplit(".", 1)))
                try:
                    self.location = str(client.get_dataset(reference, **_ONCE).location)
                except NotFound:
                    _dry_run(self.target, f"CREATE SCHEMA {place}")
                    return self._missing(subject)
                _dry_run(self.target, f"CREATE TABLE {place}.{_PROBE} (a INT64)")
                lacking = self._lacking(client, reference)
        except FactoryError as error:
            return unanswered(_AREA, subject, error)
        wanted = self.target.location
        if wanted and wanted.upper() != self.location.upper():
            said = f"is in {self.location}, and the target says {wanted}"
            fix = f"set `location: {self.location}` in the target of factory.yaml"
            return Finding("error", _AREA, subject, said, fix)
        if lacking:
            owner = self.project or client.project
            fix = granting_on_dataset(
                "roles/bigquery.dataEditor", identity().member, owner, self.name
            )
            said = f"in its tables we lack {', '.join(lacking)}"
            return Finding("error", _AREA, subject, said, fix)
        return Finding("ok", _AREA, subject, f"there, in {self.location}; we may make its tables")

    def _lacking(self, client: "BigQuery", reference: str) -> list[str]:
        """What we may not do in a table that is there; rights on a dataset hold in each."""
        first = next(iter(client.list_tables(reference, max_results=1, **_ONCE)), None)
        if first is None:
            return []
        told = client.test_iam_permissions(first.reference, _TABLE_RIGHTS, **_ONCE)
        return [right for right in _TABLE_RIGHTS if right not in told.get("permissions", ())]

    def _missing(self, subject: str) -> Finding:
        fix = making_dataset(self.name, self.project, self.target.location)
        said = "does not exist; the first run makes it"
        return Finding("warning", _AREA, subject, said, fix, repair=self._make)

    def _make(self) -> str:
        from google.cloud.bigquery import Dataset

        with google_errors(f"create the dataset {self.reference}", self._setting):
            client = _bigquery(self.target)
            dataset = Dataset(f"{self.project or client.project}.{self.name}")
            dataset.location = self.target.location
            made = client.create_dataset(dataset, exists_ok=True, timeout=TIMEOUT[1])
        return f"made the dataset {self.reference} in {made.location}"


def _may_query(target: WarehouseTarget) -> Finding:
    subject = f"project {target.project or 'of the credentials'}"
    try:
        with google_errors("start a query", Setting(target.project, target.location)):
            _dry_run(target, "SELECT 1")
    except FactoryError as error:
        return unanswered(_AREA, subject, error)
    return Finding("ok", _AREA, subject, "we may start queries")


def _dry_run(target: WarehouseTarget, sql: str) -> None:
    """Asks whether we may, which costs nothing and touches nothing."""
    from google.cloud.bigquery import QueryJobConfig

    config = QueryJobConfig(dry_run=True, use_query_cache=False)
    _bigquery(target).query(sql, job_config=config, job_retry=None, **_ONCE)


def _bigquery(target: WarehouseTarget) -> "BigQuery":
    from google.cloud.bigquery import Client

    return Client(
        project=target.project, location=target.location, **endpoint_options(target.api_endpoint)
    )
