"""pandas: read_csv of the zip as a whole, then DuckDB's CREATE TABLE AS of the data frame."""

import sys
from pathlib import Path

import duckdb
import pandas

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
frame = pandas.read_csv(archive, low_memory=False)
with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
    connection.execute("CREATE TABLE rows AS FROM frame")
