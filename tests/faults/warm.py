"""What a run imports while it runs, imported before: then every child of a fork has it."""

import importlib
import pkgutil
from pathlib import Path

import factory

_VENDORS = (
    "duckdb",
    "google.cloud.bigquery",
    "google.cloud.storage",
    "google.protobuf.field_mask_pb2",
    "google_crc32c",
    "kagglesdk.datasets.services.dataset_api_service",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.parquet",
    "requests",
    "sqlglot",
    "sqlite3",
)
_PROJECT = Path(__file__).parents[2]
_NOT_OF_A_RUN = ("factory.cli", "factory.definitions", "factory.doctor", "factory.__main__")


def warm() -> None:
    """Import all that the steps of a run may come to need, and what that imports when used."""
    for vendor in _VENDORS:
        importlib.import_module(vendor)
    for module in pkgutil.walk_packages(factory.__path__, "factory."):
        if not module.name.startswith((*_NOT_OF_A_RUN, "factory.orchestration")):
            importlib.import_module(module.name)
    from factory.spec.project import load_project
    from factory.warehouses.dialect import to_duckdb

    load_project(_PROJECT, {})
    to_duckdb("SELECT COUNT(*) AS n FROM t WHERE a IS NULL")
