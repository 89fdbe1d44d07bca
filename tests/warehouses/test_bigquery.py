"""What the wire must show, and what it may do to us. BigQuery behind a proxy."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pytest
import requests
from google.api_core.exceptions import Forbidden, GoogleAPICallError, TooManyRequests
from google.cloud.bigquery import Client

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.errors import Overtaken, Permanent, Retryable, TimedOut
from factory.gcp.refusals import call_error
from factory.ports import Column, TableId, TableShape
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.staging import staging_table
from tests.standins.proxy import Fault, Wire
from tests.standins.tokens import PROJECT
from tests.warehouses.rig import AB, VERSION, Rig

JOBS, QUERIES = "/jobs", "/queries"


@pytest.fixture
def make_rig(
    bigquery_wire: Wire, gcs_endpoint: str, gcs_bucket_name: str, dataset_name: str
) -> Callable[[], Rig]:
    """Each call is a new process, as far as the warehouse can tell."""

    def make() -> Rig:
        bucket = GcsBucket(gcs_bucket_name, PROJECT, gcs_endpoint)
        return Rig(BigQueryWarehouse(PROJECT, "EU", bigquery_wire.url), bucket, dataset_name)

    return make


@pytest.fixture
def rig(make_rig: Callable[[], Rig]) -> Rig:
    return make_rig()


def jobs(wire: Wire) -> list[dict[str, Any]]:
    """The jobs that were asked for."""
    return [request.json() for request in wire.sent("POST", JOBS) if request.body]


def loads(wire: Wire) -> list[dict[str, Any]]:
    """The load jobs that were asked for."""
    return [body for body in jobs(wire) if "load" in body.get("configuration", {})]


def queries(wire: Wire) -> list[dict[str, Any]]:
    """The queries that were asked, and their dry runs."""
    bodies = [request.json() for request in wire.sent("POST", "/") if request.body]
    asked = [body.get("configuration", body) for body in bodies]
    return [one for one in asked if "dryRun" in one or isinstance(one.get("query"), str)]


def scripts(wire: Wire) -> list[dict[str, Any]]:
    """The publishing jobs that were asked for."""
    ours = "factory_publish_"
    return [job for job in jobs(wire) if job["jobReference"].get("jobId", "").startswith(ours)]


def test_a_load_says_all_that_makes_it_safe(rig: Rig, bigquery_wire: Wire) -> None:
    columns = (Column("a", "INT64", nullable=False, description="Key."), Column("j", "JSON"))

    rig.stage(rig.shape(columns), "one", {"a": [1], "j": ["{}"]})

    [job] = loads(bigquery_wire)
    asked = job["configuration"]["load"]
    assert job["jobReference"]["location"] == "EU"
    assert job["jobReference"]["jobId"].startswith("factory_stage_")
    assert asked["sourceUris"] == [rig.bucket.uri("raw/one.parquet")]
    assert asked["sourceFormat"] == "PARQUET"
    assert asked["writeDisposition"] == "WRITE_TRUNCATE"
    assert asked["createDisposition"] == "CREATE_NEVER"
    assert asked["maxBadRecords"] == 0
    assert "autodetect" not in asked
    fields = asked["schema"]["fields"]
    assert [(f["name"], f["type"], f["mode"]) for f in fields] == [
        ("a", "INT64", "NULLABLE"),  # the checks find NULLs, with a count
        ("j", "STRING", "NULLABLE"),
    ]


def test_a_staging_table_expires_by_the_clock_of_the_service(rig: Rig, bigquery_wire: Wire) -> None:
    """This machine's may be days behind, and the table would be gone as soon as it is made."""
    columns = (Column("a", "INT64", nullable=False, description='"Key"'), Column("j", "JSON"))

    staged = rig.stage(rig.shape(columns), "one", {"a": [1], "j": ["{}"]})

    name = staged.reference.replace("`", "").rpartition(".")[2]
    url = f"{bigquery_wire.url}/bigquery/v2/projects/{PROJECT}/datasets/{rig.dataset}/tables/{name}"
    table = requests.get(url, timeout=10).json()
    expires = datetime.fromtimestamp(int(table["expirationTime"]) / 1000, UTC)
    assert abs(expires - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=5)
    [made] = [asked["query"] for asked in queries(bigquery_wire)]
    assert "TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 3 DAY)" in made
    fields = [(f["name"], f["type"], f["mode"]) for f in table["schema"]["fields"]]
    assert fields == [("a", "INTEGER", "NULLABLE"), ("j", "STRING", "NULLABLE")]
    assert bigquery_wire.sent("POST", "/tables") == []


def test_a_dataset_is_made_where_the_target_says(rig: Rig, bigquery_wire: Wire) -> None:
    rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})

    asked = bigquery_wire.sent("POST", "/datasets")
    [made] = [request.json() for request in asked if request.path.endswith("/datasets")]
    assert made["location"] == "EU"


def test_publishing_jobs_have_an_id_and_a_place(rig: Rig, bigquery_wire: Wire) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, (Column("a", "INT64", nullable=False), AB[1]))
    rig.load("two", {"a": [2], "b": ["y"]}, (Column("a", "INT64", nullable=False), AB[1]))

    created, replaced = scripts(bigquery_wire)
    assert created["jobReference"]["location"] == replaced["jobReference"]["location"] == "EU"
    assert "CREATE OR REPLACE TABLE" in created["configuration"]["query"]["query"]
    assert "`a` INT64 NOT NULL" in created["configuration"]["query"]["query"]
    assert replaced["configuration"]["query"]["query"].startswith("BEGIN TRANSACTION;")


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_lost_answers_load_and_publish_once(
    rig: Rig, bigquery_wire: Wire, disposition: str
) -> None:
    """Every job is inserted, and its answer lost: the stage's, the ledger's, the publish's."""
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)
    staged = rig.stage(rig.shape(AB, disposition), "two", {"a": [2], "b": ["y"]})
    fault = bigquery_wire.lose_answer("POST", JOBS, times=3)

    again = rig.stage(rig.shape(AB, disposition), "two", {"a": [2], "b": ["y"]})
    published = rig.publish(again, rig.row("two", 1, disposition))

    assert fault.broken == 3
    assert again == staged
    expected = [(2, "y")] if disposition == "replace" else [(1, "x"), (2, "y")]
    assert (published.rows, rig.rows()) == (len(expected), expected)
    assert [load.load_id for load in rig.warehouse.loads(rig.table)] == ["two", "one"]


def said(job: dict[str, Any]) -> str:
    return str(job["configuration"]["query"]["query"])


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_a_first_load_makes_the_table_with_its_rows(
    rig: Rig, bigquery_wire: Wire, disposition: str
) -> None:
    """Nobody ever sees it empty."""
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)
    rig.load("two", {"a": [2], "b": ["y"]}, disposition=disposition)

    made = [r.json()["tableReference"]["tableId"] for r in bigquery_wire.sent("POST", "/tables")]
    assert "people" not in made
    first, second = (said(job) for job in scripts(bigquery_wire))
    assert "CREATE TABLE" in first
    assert "OR REPLACE" not in first
    assert " AS SELECT " in first
    assert "CREATE" not in second
    assert rig.rows() == [(1, "x"), (2, "y")]


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_a_script_that_died_before_the_ledger_is_finished(
    make_rig: Callable[[], Rig], bigquery_wire: Wire, disposition: str
) -> None:
    """The table is there with its rows, and the ledger does not know of them."""
    rig = make_rig()
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition, rejects=["r"])
    client = Client(PROJECT, client_options={"api_endpoint": bigquery_wire.url})
    client.query(f"DELETE FROM {rig.dataset}._factory_loads WHERE TRUE").result()
    assert rig.warehouse.loads(rig.table) == ()

    again = make_rig().load("one", {"a": [1], "b": ["x"]}, disposition=disposition, rejects=["r"])
    make_rig().load("two", {"a": [2], "b": ["y"]}, disposition=disposition, version="v2")

    assert (again.rows, again.already) == (1, False)
    assert rig.rows() == [(1, "x"), (2, "y")]
    assert rig.rejects() == [("one", VERSION, "r")]
    assert [load.load_id for load in rig.warehouse.loads(rig.table)] == ["two", "one"]


def test_a_table_that_came_to_be_meanwhile_is_added_to(rig: Rig, bigquery_wire: Wire) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition="append")
    staged = rig.stage(rig.shape(AB, "append"), "two", {"a": [2], "b": ["y"]})
    fault = bigquery_wire.refuse("GET", f"/{rig.dataset}/tables/people", 404, whole=True)

    rig.publish(staged, rig.row("two", 1, "append"))

    assert fault.broken == 1
    _, refused, duplicate, added = scripts(bigquery_wire)
    assert ["CREATE" in said(job) for job in (refused, duplicate, added)] == [True, False, False]
    assert refused["jobReference"] == duplicate["jobReference"] != added["jobReference"]
    assert rig.rows() == [(1, "x"), (2, "y")]


def test_rejects_change_in_the_transaction_of_the_ledger(rig: Rig, bigquery_wire: Wire) -> None:
    for load in ("one", "two"):
        rig.load(load, {"a": [1], "b": ["x"]}, rejects=["r"])

    created, replaced = (said(job) for job in scripts(bigquery_wire))
    for script in (created, replaced):
        transaction = script[script.index("BEGIN TRANSACTION") :]
        assert transaction.index("people__rejects") < transaction.index("_factory_loads` (")
        assert transaction.index("_factory_loads` (") < transaction.index("COMMIT TRANSACTION")


def test_another_process_adopts_the_jobs_of_one_that_died(
    make_rig: Callable[[], Rig], bigquery_wire: Wire
) -> None:
    shape = make_rig().shape(AB, "append")
    make_rig().stage(shape, "one", {"a": [1], "b": ["x"]})

    staged = make_rig().stage(shape, "one", {"a": [1], "b": ["x"]})
    make_rig().publish(staged, make_rig().row("one", 1, "append"))
    published = make_rig().publish(staged, make_rig().row("one", 1, "append"))

    assert published.already
    assert make_rig().rows() == [(1, "x")]
    first, second = loads(bigquery_wire)
    assert first["jobReference"] == second["jobReference"]
    assert len(scripts(bigquery_wire)) == 1


def test_loads_that_follow_the_same_one_are_published_one_at_a_time(
    make_rig: Callable[[], Rig], bigquery_wire: Wire
) -> None:
    """They want a job of the same id, which BigQuery gives out once."""
    make_rig().load("one", {"a": [1], "b": ["x"]})
    fast, slow = (make_rig().stage(make_rig().shape(), n, {"a": [2], "b": [n]}) for n in "fs")
    make_rig().warehouse.publish(fast, make_rig().row("f", 1), "one")

    with pytest.raises(Overtaken):
        make_rig().warehouse.publish(slow, make_rig().row("s", 1), "one")

    first, *others = [str(job["jobReference"]["jobId"]) for job in scripts(bigquery_wire)][1:]
    assert first.endswith("-0")
    assert others == [first, first.removesuffix("0") + "1"]
    assert make_rig().rows() == [(2, "f")]


@pytest.mark.parametrize("reason", [KeyboardInterrupt(), TimedOut("the run is late")])
def test_a_run_that_is_ended_stops_its_job_at_the_service(
    make_rig: Callable[[], Rig], bigquery_wire: Wire, reason: BaseException
) -> None:
    def ring(*_: object) -> None:
        raise reason

    def ring_once(stall: Fault) -> None:
        while not stall.broken:  # until the job is waited for
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGUSR1)

    rig = make_rig()
    staged = rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})
    stall = bigquery_wire.add(
        Fault(lambda request: request.is_("GET", "/factory_publish_"), "stall", seconds=20)
    )
    before = signal.signal(signal.SIGUSR1, ring)
    Thread(target=ring_once, args=[stall], daemon=True).start()
    try:
        with pytest.raises(type(reason)):
            rig.publish(staged, rig.row("one", 1))
    finally:
        signal.signal(signal.SIGUSR1, before)

    (job,) = scripts(bigquery_wire)
    (cancelled,) = bigquery_wire.sent("POST", "/cancel")
    stopped = str(job["jobReference"]["jobId"])
    assert stopped in cancelled.path
    client = Client(PROJECT, client_options={"api_endpoint": bigquery_wire.url})
    while client.get_job(stopped, location="EU").state != "DONE":  # what was said comes late
        time.sleep(0.05)
    staged = make_rig().stage(rig.shape(), "one", {"a": [1], "b": ["x"]})
    make_rig().publish(staged, make_rig().row("one", 1))
    assert make_rig().rows() == [(1, "x")]


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE {0}.x AS SELECT 1", "SELECT 1; SELECT 2", "DROP TABLE {0}.people"]
)
def test_a_query_is_one_select_or_is_not_run(rig: Rig, bigquery_wire: Wire, sql: str) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    before = len(queries(bigquery_wire))

    with pytest.raises(Permanent, match="BigQuery does not take this for one SELECT from tables"):
        rig.warehouse.query(sql.format(rig.dataset))

    (asked,) = queries(bigquery_wire)[before:]
    assert asked["dryRun"] is True
    assert rig.rows() == [(1, "x")]


def test_the_answer_of_a_short_query_comes_with_the_question(rig: Rig, bigquery_wire: Wire) -> None:
    rig.load("one", {"a": [1, 2], "b": ["x", "y"]})
    before = len(bigquery_wire.requests)

    assert rig.rows() == [(1, "x"), (2, "y")]

    dry, asked = bigquery_wire.requests[before:]
    assert dry.is_("POST", JOBS)
    assert asked.is_("POST", QUERIES)
    assert asked.json()["labels"] == {"tool": "pipeline-factory"}
    assert int(asked.json()["jobTimeoutMs"]) == 600_000


def again_fail(wire: Wire, job: dict[str, Any], attempt: int) -> None:
    """Have the service do the job once more, as that attempt, and see it fail."""
    name = f"{job['jobReference']['jobId'].rpartition('-')[0]}-{attempt}"
    body = {**job, "jobReference": {**job["jobReference"], "jobId": name}}
    place = f"{wire.url}/bigquery/v2/projects/{PROJECT}/jobs"
    requests.post(place, json=body, timeout=10).raise_for_status()
    while (status := requests.get(f"{place}/{name}", timeout=10).json()["status"])[
        "state"
    ] != "DONE":
        time.sleep(0.05)
    assert "errorResult" in status


def test_after_many_failed_nights_the_next_id_is_found_in_a_few_questions(
    make_rig: Callable[[], Rig], bigquery_wire: Wire
) -> None:
    staged = make_rig().stage(make_rig().shape(), "one", {"a": [1], "b": ["x"]})
    gone = replace(staged, reference=staged.reference.replace("__stg_", "__gone_"))
    with pytest.raises(Permanent):
        make_rig().warehouse.publish(gone, make_rig().row("one", 1), None)
    (failed,) = scripts(bigquery_wire)
    for night in range(1, 20):  # each with the id of its own, as they would have been
        again_fail(bigquery_wire, failed, night)
    before = len(bigquery_wire.sent("GET", JOBS))

    make_rig().warehouse.publish(staged, make_rig().row("one", 1), None)

    ids = [str(job["jobReference"]["jobId"]) for job in scripts(bigquery_wire)]
    assert [name.rpartition("-")[2] for name in ids][-3:] == ["0", "19", "20"]
    asked = [call.path for call in bigquery_wire.sent("GET", JOBS)[before:]]
    assert len([path for path in asked if "factory_publish_" in path]) < 20
    assert make_rig().rows() == [(1, "x")]


def test_a_ledger_that_was_made_anew_has_jobs_of_its_own(
    make_rig: Callable[[], Rig], bigquery_wire: Wire
) -> None:
    for _ in range(2):
        rig = make_rig()
        rig.load("one", {"a": [1], "b": ["x"]})
        for table in ("people", "_factory_loads"):
            url = f"{bigquery_wire.url}/bigquery/v2/projects/{PROJECT}/datasets/{rig.dataset}"
            requests.delete(f"{url}/tables/{table}", timeout=10).raise_for_status()
        time.sleep(0.01)  # tables are told apart by the millisecond

    first, second = (str(job["jobReference"]["jobId"]) for job in scripts(bigquery_wire))
    assert first != second


def test_a_staging_table_that_is_gone_is_loaded_again(rig: Rig, bigquery_wire: Wire) -> None:
    """The job that filled it succeeded, so its id says nothing any more."""
    staged = rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})
    rig.warehouse.discard(staged)

    assert rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]}).rows == 1
    ids = [job["jobReference"]["jobId"].rpartition("-")[2] for job in loads(bigquery_wire)]
    assert ids == ["0", "0", "1"]


def drop_before(rig: Rig, wire: Wire, method: str, part: str) -> Fault:
    """Drop what is staged as "one" before the next such request is answered, as the script of an
    earlier try does that has published."""
    client = Client(PROJECT, client_options={"api_endpoint": wire.url})
    staging = f"{PROJECT}.{rig.dataset}.{staging_table(rig.table, 'one').table}"
    return wire.add(
        Fault(
            lambda request: request.is_(method, part),
            "meanwhile",
            happens=lambda: client.delete_table(staging),
        )
    )


def test_a_staging_table_that_goes_while_it_is_adopted_is_loaded_again(
    rig: Rig, bigquery_wire: Wire
) -> None:
    rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})
    fault = drop_before(rig, bigquery_wire, "GET", "/tables/people__stg")

    assert rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]}).rows == 1

    assert fault.broken == 1


@pytest.mark.parametrize(("method", "part"), [("GET", "/tables/people__stg"), ("POST", JOBS)])
@pytest.mark.parametrize("local", [False, True])
def test_a_staging_table_that_goes_while_it_is_filled_is_filled_by_the_next_try(
    rig: Rig, bigquery_wire: Wire, tmp_path: Path, method: str, part: str, local: bool
) -> None:
    if local:
        rig = Rig(rig.warehouse, LocalBucket(tmp_path, "b"), rig.dataset)
    fault = drop_before(rig, bigquery_wire, method, part)

    with pytest.raises(Retryable, match=r"people__stg_\w+ was dropped while it was filled"):
        rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})

    assert fault.broken == 1
    assert rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]}).rows == 1


def test_a_staging_table_that_goes_before_its_rows_are_shown_is_filled_by_the_next_try(
    rig: Rig, bigquery_wire: Wire
) -> None:
    name = rig.put("raw/1", pa.table({"a": [1], "b": ["x"]}))
    staging = staging_table(rig.table, "one").table
    fault = drop_before(rig, bigquery_wire, "GET", f"/{staging}/data")

    with pytest.raises(Retryable, match=r"people__stg_\w+ was dropped while it was filled"):
        rig.warehouse.stage(rig.shape(), "one", [name], rig.bucket, 1)

    assert fault.broken == 1
    again = rig.warehouse.stage(rig.shape(), "one", [name], rig.bucket, 1)
    assert again.preview == [{"a": 1, "b": "x"}]


@pytest.mark.parametrize(
    ("status", "path"), [(503, JOBS), (429, JOBS), (403, JOBS), (503, QUERIES)]
)
def test_a_service_that_is_busy_for_a_moment(
    rig: Rig, bigquery_wire: Wire, status: int, path: str
) -> None:
    fault = bigquery_wire.refuse("POST", path, status)

    rig.load("one", {"a": [1], "b": ["x"]}, disposition="append")

    assert fault.broken == 1
    assert rig.rows() == [(1, "x")]


def test_lost_answers_of_tables_and_datasets(rig: Rig, bigquery_wire: Wire) -> None:
    for part in ("/datasets", "/tables"):
        bigquery_wire.lose_answer("POST", part)
    bigquery_wire.lose_answer("DELETE", "/tables")

    rig.load("one", {"a": [1], "b": ["x"]}, disposition="append")

    assert rig.rows() == [(1, "x")]


def test_local_files_are_loaded_with_the_same_care(
    rig: Rig, bigquery_wire: Wire, tmp_path: Path
) -> None:
    local = Rig(rig.warehouse, LocalBucket(tmp_path, "b"), rig.dataset)
    bigquery_wire.lose_answer("POST", "/tables")

    for _ in range(2):
        staged = local.stage(rig.shape(), "one", {"a": [1, 2], "b": ["x", "y"]})

    assert staged.rows == 2
    uploads = bigquery_wire.sent("POST", "/upload/")
    assert len(uploads) == 2
    assert all(b'"maxBadRecords": 0' in upload.body for upload in uploads)


def test_a_dataset_elsewhere_is_refused(rig: Rig, bigquery_wire: Wire) -> None:
    rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})
    elsewhere = Rig(
        BigQueryWarehouse(PROJECT, "us-east1", bigquery_wire.url), rig.bucket, rig.dataset
    )

    with pytest.raises(Permanent, match="is in EU, the target's location is us-east1") as caught:
        elsewhere.stage(rig.shape(), "two", {"a": [1], "b": ["x"]})

    assert "`location: EU`" in str(caught.value)


def test_a_view_is_not_replaced(rig: Rig, bigquery_wire: Wire) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    reference = {"projectId": PROJECT, "datasetId": rig.dataset, "tableId": "seen"}
    view = {"query": f"SELECT 1 AS a FROM {rig.dataset}.people", "useLegacySql": False}
    requests.post(
        f"{bigquery_wire.url}/bigquery/v2/projects/{PROJECT}/datasets/{rig.dataset}/tables",
        json={"tableReference": reference, "view": view},
        timeout=10,
    ).raise_for_status()

    with pytest.raises(Permanent, match="is a view, not a table"):
        rig.warehouse.exists(TableId(rig.dataset, "seen"))


def test_partitions_and_clusters_are_those_of_the_shape(rig: Rig, bigquery_wire: Wire) -> None:
    columns = (Column("a", "INT64"), Column("t", "TIMESTAMP"), Column("d", "DATE"))
    rows = {"a": [1], "t": [datetime(2024, 1, 2, tzinfo=UTC)], "d": [datetime(2024, 1, 2).date()]}
    plain = rig.shape(columns)
    shapes = [
        TableShape(rig.table, columns, partition_column="t", granularity="hour"),
        TableShape(rig.table, columns, partition_column="d", cluster_by=("a",)),
        TableShape(rig.table, columns, partition_column="d", cluster_by=("a",)),
    ]

    for number, shape in enumerate([plain, *shapes]):
        staged = rig.stage(shape, str(number), rows)
        rig.publish(staged, rig.row(str(number), 1))

    said = [job["configuration"]["query"]["query"] for job in scripts(bigquery_wire)]
    assert "PARTITION BY" not in said[0]
    assert "PARTITION BY TIMESTAMP_TRUNC(`t`, HOUR)" in said[1]
    assert "PARTITION BY `d` CLUSTER BY `a`" in said[2]
    assert "CREATE" not in said[3]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Permission bigquery.jobs.create denied on project p", "roles/bigquery.jobUser"),
        ("Permission bigquery.datasets.create denied", "roles/bigquery.user"),
        ("Permission bigquery.tables.updateData denied on table", "roles/bigquery.dataEditor"),
        ("a@b does not have storage.objects.get access", "roles/storage.objectUser"),
    ],
)
def test_a_missing_right_says_which_role_has_it(said: str, hint: str) -> None:
    error = call_error("load", Forbidden(said))

    assert isinstance(error, Permanent)
    assert hint in str(error)


@pytest.mark.parametrize(
    "refused",
    [
        TooManyRequests("slow down"),
        Forbidden("rate", errors=[{"reason": "rateLimitExceeded", "message": "rate"}]),
        GoogleAPICallError("Transaction is aborted due to concurrent update against table t"),
    ],
)
def test_what_passes_is_said_to_pass(refused: GoogleAPICallError) -> None:
    assert isinstance(call_error("load", refused), Retryable)


def test_a_uri_for_people() -> None:
    warehouse = BigQueryWarehouse(PROJECT, "EU", None)

    assert warehouse.uri(TableId("d", "t")) == "bigquery://proj/d/t"
    assert warehouse.uri(TableId("d", "t", "other")) == "bigquery://other/d/t"
