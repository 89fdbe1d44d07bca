"""The script that the factory replaces: pandas reads, each row goes through dlt as a dict."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
os.environ |= {
    "DLT_DATA_DIR": str(folder / "dlt"),
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}

import dlt  # noqa: E402 # it reads the variables above when it is imported
import pandas  # noqa: E402


@dlt.resource(name="rows", write_disposition="replace")
def rows() -> Iterator[dict[str, object]]:
    frame = pandas.read_csv(archive, low_memory=False)
    for row in frame.itertuples(index=False):
        yield row._asdict()


pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
    dataset_name="bench",
)
pipeline.run(rows())
