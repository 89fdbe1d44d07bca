"""dlt with Arrow tables, its fast way: pyarrow reads batches, dlt writes Parquet and loads it."""

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
os.environ |= {
    "DLT_DATA_DIR": str(folder / "dlt"),
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}

import dlt  # noqa: E402 # it reads the variables above when it is imported
import pyarrow  # noqa: E402
import pyarrow.csv  # noqa: E402

with zipfile.ZipFile(archive) as opened:
    csv = opened.extract(opened.namelist()[0], folder)


@dlt.resource(name="rows", write_disposition="replace")
def rows() -> Iterator[pyarrow.Table]:
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    convert = pyarrow.csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
    read = pyarrow.csv.ReadOptions(block_size=16 << 20)
    with pyarrow.csv.open_csv(csv, read, parse, convert) as batches:
        for batch in batches:
            yield pyarrow.Table.from_batches([batch])


pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
    dataset_name="bench",
)
pipeline.run(rows(), loader_file_format="parquet")
