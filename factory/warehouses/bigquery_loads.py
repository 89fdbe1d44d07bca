"""Load jobs: from Parquet to a staging table, with our schema and never BigQuery's guess."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from factory.errors import Retryable
from factory.ports import TableShape
from factory.warehouses import bigquery_sql
from factory.warehouses import bigquery_tables as tables
from factory.warehouses.bigquery_jobs import job_id, run_once

if TYPE_CHECKING:
    from google.cloud.bigquery import Client, LoadJob, LoadJobConfig

_MAKE_TIME = 600.0  # seconds that making a table may take
_UPLOAD_TIMEOUT = (10.0, 300.0)  # seconds: to connect, for a part of a file


def load_objects(
    client: "Client", location: str, staging: str, shape: TableShape, uris: Sequence[str]
) -> int:
    """Fill the staging table from Cloud Storage in one job; the rows in it."""
    config = _config(shape, append=False)
    parts = [staging, list(uris), config.to_api_repr()["load"]["schema"]]

    def insert(name: str) -> "LoadJob":
        _ensure_staging(client, location, staging, shape)
        return client.load_table_from_uri(
            uris, staging, job_id=name, location=location, job_config=config, timeout=tables.TIMEOUT
        )

    run_once(
        client,
        location,
        identify=lambda attempt: job_id("stage", parts, attempt),
        insert=insert,
        took_effect=lambda job: _is_there(client, staging, job.output_rows),
    )
    return _rows(client, staging)


def load_files(
    client: "Client", location: str, staging: str, shape: TableShape, files: Sequence[Path]
) -> int:
    """Fill the staging table from local files, a job each; the rows in it.

    The jobs belong to this call alone: a staging table that an earlier one left is dropped.
    """
    client.delete_table(staging, not_found_ok=True, timeout=tables.TIMEOUT)
    call = uuid4().hex
    _ensure_staging(client, location, staging, shape)
    for position, file in enumerate(files):
        run_once(
            client,
            location,
            identify=_ids(staging, call, position),
            insert=_upload(client, location, staging, file, _config(shape, append=True)),
            took_effect=lambda _: True,  # inserted by this call, its answer was lost
        )
    return _rows(client, staging)


@contextmanager
def unless_dropped(client: "Client", staging: str) -> Iterator[None]:
    """Retryable if the staging table goes meanwhile: the script of an earlier try, whose end this
    one did not wait for, drops what is staged when it has published."""
    from google.api_core.exceptions import NotFound

    try:
        yield
    except NotFound as exc:
        client.get_dataset(staging.rpartition(".")[0], timeout=tables.TIMEOUT)  # or says it is gone
        if _is_there(client, staging):
            raise
        raise Retryable(
            f"the staging table {staging} was dropped while it was filled",
            hint="by an earlier try of this load that was still at work, or by hand: run again",
        ) from exc


def _ensure_staging(client: "Client", location: str, staging: str, shape: TableShape) -> None:
    place = ".".join(map(bigquery_sql.quoted, staging.rsplit(".", 2)))
    client.query_and_wait(
        bigquery_sql.create_staging(place, shape.columns),
        location=location,
        api_timeout=tables.TIMEOUT,
        wait_timeout=_MAKE_TIME,
    )


def _ids(staging: str, call: str, position: int) -> Callable[[int], str]:
    return lambda attempt: job_id("stage", [staging, call, position], attempt)


def _upload(
    client: "Client", location: str, staging: str, file: Path, config: "LoadJobConfig"
) -> "Callable[[str], LoadJob]":
    def insert(name: str) -> "LoadJob":
        with file.open("rb") as content:
            return client.load_table_from_file(
                content,
                staging,
                size=file.stat().st_size,
                job_id=name,
                location=location,
                job_config=config,
                timeout=_UPLOAD_TIMEOUT,
            )

    return insert


def _config(shape: TableShape, *, append: bool) -> "LoadJobConfig":
    from google.cloud.bigquery import LoadJobConfig, SourceFormat, WriteDisposition

    return LoadJobConfig(
        source_format=SourceFormat.PARQUET,
        schema=tables.staging_schema(shape.columns),
        create_disposition="CREATE_NEVER",  # so that it has an expiration
        write_disposition=(
            WriteDisposition.WRITE_APPEND if append else WriteDisposition.WRITE_TRUNCATE
        ),
        max_bad_records=0,
        labels={"tool": "pipeline-factory"},
    )


def _rows(client: "Client", staging: str) -> int:
    return int(client.get_table(staging, timeout=tables.TIMEOUT).num_rows or 0)


def _is_there(client: "Client", staging: str, rows: int | None = None) -> bool:
    """Whether the staging table exists, with so many rows where they are told."""
    from google.api_core.exceptions import NotFound

    try:
        there = _rows(client, staging)
    except NotFound:
        return False
    return rows is None or there == rows
