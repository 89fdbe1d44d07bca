"""The endings by which files are known to be data, and of which format."""

from collections.abc import Mapping
from typing import Final

from factory.spec.model import FileType

WAL: Final = "-wal"  # behind the whole name of a SQLite file: changes that belong to it
# None: what is in the file says which format it has
ENDINGS: Final[Mapping[str, FileType | None]] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".txt": None,
    ".json": "json", ".jsonl": "ndjson", ".ndjson": "ndjson",
    ".parquet": "parquet",
    ".xlsx": "excel", ".xlsm": "excel", ".xlsb": "excel", ".xls": "excel", ".ods": "excel",
    ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite",
}  # fmt: skip
