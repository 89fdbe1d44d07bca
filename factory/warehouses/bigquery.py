"""BigQuery as the warehouse."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factory.errors import Permanent
from factory.gcp.calls import endpoint_options, google_errors
from factory.gcp.refusals import Setting
from factory.ports import Bucket, Load, Published, Staged, TableId, TableShape
from factory.warehouses import bigquery_sql, ledger
from factory.warehouses import bigquery_tables as tables
from factory.warehouses.bigquery_jobs import job_id, run_once
from factory.warehouses.bigquery_loads import load_files, load_objects, unless_dropped
from factory.warehouses.doubles import changed_numbers, check_numbers, into_doubles
from factory.warehouses.evolution import evolve
from factory.warehouses.keys import check_keys, faulty_keys
from factory.warehouses.rejects import rejects_shape, require_ours
from factory.warehouses.staging import load_label, staging_table

if TYPE_CHECKING:
    from google.cloud.bigquery import Client, QueryJob, QueryJobConfig

_QUERY_TIME = 600.0  # seconds that a query may take
_LABELS = {"tool": "pipeline-factory"}


class BigQueryWarehouse:
    """Tables in BigQuery, by Application Default Credentials. See `factory.ports.Warehouse`.

    Datasets are created in `location` if they are missing. What a publish guarantees:

    - append, merge, and replace of a table that keeps its columns and layout are one
      transaction with the ledger's row.
    - replace of a table that is new or changes its columns, partitions or clusters needs a
      statement that no transaction takes: CREATE OR REPLACE TABLE … AS SELECT, atomic by
      itself, then the ledger's row. If the script dies between the two, publishing again
      makes the same table and the row.
    - A first append or merge makes the table with its rows in one statement too. Its label
      says which load that was, so that publishing again only adds the ledger's row.
    - Rejects change together with the ledger's row.
    - One publish of a table runs at a time, wherever it was started: the id of its job follows
      from the load that it is to follow, and BigQuery takes an id once.
    """

    def __init__(self, project: str | None, location: str | None, api_endpoint: str | None) -> None:
        self._project = project
        self._location = location
        self._api_endpoint = api_endpoint
        self._locations: dict[str, str] = {}  # of datasets known to exist
        self._ledgers: dict[str, str] = {}  # known to exist, and when each was made
        self._selects: set[str] = set()  # queries that are known to be no more than that

    def uri(self, table: TableId) -> str:
        return f"bigquery://{table.project or self._project}/{table.dataset}/{table.table}"

    def loads(self, table: TableId) -> Sequence[Load]:
        with google_errors(f"read the ledger of {table}", self._setting(table)):
            book = ledger.ledger_of(table)
            if tables.find_table(self._client, self._name(book)) is None:
                return ()
            rows = self._ask(
                f"SELECT * FROM {self._place(book)} WHERE `table` = @table ORDER BY loaded_at DESC",
                {"table": ledger.name_in_ledger(table)},
            )
            return tuple(ledger.read_row(row, table) for row in rows)

    def exists(self, table: TableId) -> bool:
        with google_errors(f"look for {table}", self._setting(table)):
            return tables.find_table(self._client, self._name(table)) is not None

    def stage(
        self,
        shape: TableShape,
        load_id: str,
        objects: Sequence[str],
        bucket: Bucket,
        preview: int = 0,
    ) -> Staged:
        staging = staging_table(shape.id, load_id)
        with (
            google_errors(f"stage {shape.id}", self._setting(shape.id, objects, bucket)),
            unless_dropped(self._client, self._name(staging)),
        ):
            location = self._ensure_dataset(shape.id)
            uris = [bucket.uri(name) for name in objects]
            if all(uri.startswith("gs://") for uri in uris):
                rows = load_objects(self._client, location, self._name(staging), shape, uris)
            else:
                with tempfile.TemporaryDirectory(prefix="factory-stage-") as folder:
                    files = [bucket.local_copy(name, Path(folder)) for name in objects]
                    rows = load_files(self._client, location, self._name(staging), shape, files)
            shown = self._first_rows(staging, preview) if preview else ()
        return Staged(shape, self._place(staging), rows, shown)

    def query(self, sql: str) -> Sequence[Mapping[str, object]]:
        with google_errors("run a query", Setting(self._project, self._location)):
            self._refuse_more_than_a_select(sql)
            return self._ask(sql, {})

    def publish(
        self, staged: Staged, load: Load, after: str | None, rejects: Staged | None = None
    ) -> Published:
        table = staged.shape.id
        with google_errors(f"publish {table}", self._setting(table)):
            self._ensure_dataset(table)
            self._ensure_ledger(table)
            already = self._is_published(load)
            if not already:
                self._publish_rows(staged, load, after, rejects)
            rows, published = self._outcome(load)
            if not published:
                raise ledger.overtaken(table)
            return Published(rows, already)

    def discard(self, staged: Staged) -> None:
        with google_errors(f"drop {staged.reference}", self._setting(staged.shape.id)):
            self._client.delete_table(
                _unquoted(staged.reference), not_found_ok=True, timeout=tables.TIMEOUT
            )

    def translate(self, sql: str) -> str:
        return sql

    @cached_property
    def _client(self) -> "Client":
        from google.cloud.bigquery import Client

        return Client(
            project=self._project, location=self._location, **endpoint_options(self._api_endpoint)
        )

    def _setting(
        self, table: TableId, objects: Sequence[str] = (), bucket: Bucket | None = None
    ) -> Setting:
        """What a call about the table works with, for messages."""
        project = table.project or self._project
        uri = bucket.uri(objects[0]) if bucket and objects else ""
        return Setting(
            project=self._project,
            location=self._location,
            bucket=uri.removeprefix("gs://").partition("/")[0] if uri.startswith("gs:") else None,
            dataset=f"{project}.{table.dataset}" if project else table.dataset,
        )

    def _name(self, table: TableId) -> str:
        return f"{table.project or self._client.project}.{table.dataset}.{table.table}"

    def _place(self, table: TableId) -> str:
        return ".".join(map(bigquery_sql.quoted, self._name(table).rsplit(".", 2)))

    def _first_rows(self, table: TableId, rows: int) -> Sequence[Mapping[str, object]]:
        there = self._client.get_table(self._name(table), timeout=tables.TIMEOUT)
        listed = self._client.list_rows(there, max_results=rows, timeout=tables.TIMEOUT)
        return [dict(row.items()) for row in listed]

    def _ensure_dataset(self, table: TableId) -> str:
        """The dataset's location."""
        reference = self._name(table).rpartition(".")[0]
        if reference not in self._locations:
            location = tables.ensure_dataset(self._client, reference, self._location)
            self._locations[reference] = location
        return self._locations[reference]

    def _ensure_ledger(self, table: TableId) -> str:
        """When the ledger was made, for telling it from one before it."""
        book = ledger.ledger_of(table)
        if self._name(book) not in self._ledgers:
            shape = TableShape(book, ledger.COLUMNS, "What the pipeline factory loaded, and when.")
            there = tables.ensure_table(self._client, self._name(book), shape)
            self._ledgers[self._name(book)] = str(there.created)
        return self._ledgers[self._name(book)]

    def _is_published(self, load: Load) -> bool:
        return self._about(load, "SELECT COUNT(*) AS found FROM {ledger}")["found"] > 0

    def _outcome(self, load: Load) -> tuple[int, bool]:
        """The rows of the table, and whether the ledger has the load."""
        rows = f"(SELECT COUNT(*) FROM {self._place(load.table)})"
        said = self._about(load, f"SELECT COUNT(*) AS found, {rows} AS there FROM {{ledger}}")
        return said["there"], said["found"] > 0

    def _about(self, load: Load, question: str) -> Mapping[str, int]:
        """The one row that a question about the load's own row in the ledger has."""
        values = ledger.row_values(load)
        book = self._place(ledger.ledger_of(load.table))
        [row] = self._ask(
            f"{question.format(ledger=book)} WHERE load_id = @load_id AND `table` = @table",
            {name: values[name] for name in ("load_id", "table")},
        )
        return row

    def _publish_rows(
        self, staged: Staged, load: Load, after: str | None, rejects: Staged | None
    ) -> None:
        from google.api_core.exceptions import Conflict

        shape = staged.shape
        if shape.disposition == "merge":
            check_keys(shape, self._count(faulty_keys(staged, bigquery_sql.quoted)))
        beside = self._rejects(load, rejects)
        tidy = self._tidy(load.table, [part for part in (staged, rejects) if part])
        try:
            self._run_script(f"{self._script(staged, load, beside)}\n{tidy}", load, after)
        except Conflict:  # the table came to be meanwhile: by a script of ours, or another run
            self._run_script(f"{self._script(staged, load, beside)}\n{tidy}", load, after)

    def _tidy(self, table: TableId, own: Sequence[Staged]) -> str:
        """What drops all that is staged for the table, this load's own with it."""
        found = tables.staged_for(self._client, table, self._name(table).rpartition(".")[0])
        places = [self._place(TableId(table.dataset, name, table.project)) for name in found]
        staged = dict.fromkeys([*(part.reference for part in own), *places])
        return bigquery_sql.drop_staged(staged, self._place(ledger.ledger_of(table)))

    def _run_script(self, script: str, load: Load, after: str | None) -> None:
        parts = [self._name(load.table), self._ensure_ledger(load.table), after]
        values = {**ledger.row_values(load), "after": after or ""}
        location = self._ensure_dataset(load.table)
        run_once(
            self._client,
            location,
            identify=lambda attempt: job_id("publish", parts, attempt),
            insert=lambda name: self._insert(script, values, job=name, location=location),
            took_effect=lambda _: self._is_published(load),
        )

    def _rejects(self, load: Load, staged: Staged | None) -> Sequence[str]:
        """The statements that publish the rejects, after their table was made."""
        shape = rejects_shape(load.table)
        table = tables.find_table(self._client, self._name(shape.id))
        if table is not None:
            require_ours(tables.columns_of(table), load.table)
        elif staged is None:
            return []
        else:
            tables.ensure_table(self._client, self._name(shape.id), shape)
        return bigquery_sql.rejects(
            self._place(shape.id),
            staged.reference if staged else None,
            replace=load.disposition == "replace",
        )

    def _script(self, staged: Staged, load: Load, beside: Sequence[str]) -> str:
        """What publishes the rows, after the table was prepared for it."""
        shape, staging = staged.shape, staged.reference
        place, book = self._place(shape.id), self._place(ledger.ledger_of(shape.id))
        table = tables.find_table(self._client, self._name(shape.id))
        if shape.disposition == "replace":
            if table and tables.has_layout(table, shape):
                evolution = evolve(tables.columns_of(table), shape)
                tables.adapt(self._client, table, shape, evolution)
                return bigquery_sql.replace_rows(place, staging, shape, book, beside)
            return bigquery_sql.replace_table(place, staging, shape, book, beside)
        label = load_label(load.load_id)
        if table is None:
            return bigquery_sql.create_table(place, staging, shape, label, book, beside)
        if table.labels.get(bigquery_sql.FIRST_LOAD) == label:
            return bigquery_sql.note_load(book, beside)
        evolution = evolve(tables.columns_of(table), shape)
        if doubles := into_doubles(shape, evolution):
            query = changed_numbers(staged, doubles, bigquery_sql.quoted, "FLOAT64")
            check_numbers(shape, doubles, [*self._ask(query, {})[0].values()])
        tables.adapt(self._client, table, shape, evolution)
        if shape.disposition == "merge":
            return bigquery_sql.merge_rows(place, staging, shape, evolution, book, beside)
        return bigquery_sql.append_rows(place, staging, shape, evolution, book, beside)

    def _count(self, sql: str) -> int:
        return int(next(iter(self._ask(sql, {})[0].values())))

    def _ask(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        config = _config(values)
        config.job_timeout_ms = int(_QUERY_TIME * 1000)
        result = self._client.query_and_wait(
            sql, job_config=config, api_timeout=tables.TIMEOUT, wait_timeout=_QUERY_TIME
        )
        as_text = {field.name for field in result.schema if field.field_type == "JSON"}
        return [
            {
                name: json.dumps(value) if name in as_text and value is not None else value
                for name, value in row.items()
            }
            for row in result
        ]

    def _refuse_more_than_a_select(self, sql: str) -> None:
        """What BigQuery itself takes the text for decides, before it does anything. Where it does
        not say, `factory check` has judged the text, and nobody else."""
        from google.cloud.bigquery import QueryJobConfig

        if sql in self._selects:
            return
        config = QueryJobConfig(dry_run=True, use_query_cache=False, use_legacy_sql=False)
        job = self._client.query(sql, config, job_retry=None, timeout=tables.TIMEOUT)
        if job.statement_type not in {"SELECT", None}:
            raise Permanent("BigQuery does not take this for one SELECT from tables",
                            hint=f"the query is: {sql}")  # fmt: skip
        self._selects.add(sql)

    def _insert(
        self, sql: str, values: Mapping[str, Any], *, job: str, location: str
    ) -> "QueryJob":
        return self._client.query(
            sql, _config(values), job_id=job, location=location, job_retry=None,
            timeout=tables.TIMEOUT,
        )  # fmt: skip


def _config(values: Mapping[str, Any]) -> "QueryJobConfig":
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    return QueryJobConfig(
        labels=_LABELS,
        use_legacy_sql=False,
        query_parameters=[
            ScalarQueryParameter(name, _parameter_type(value), value)
            for name, value in values.items()
        ],
    )


def _parameter_type(value: object) -> str:
    if isinstance(value, bool):
        return "BOOL"
    return "INT64" if isinstance(value, int) else "STRING"


def _unquoted(reference: str) -> str:
    return reference.replace("`", "")
