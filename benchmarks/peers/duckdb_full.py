"""DuckDB alone: unzip, CREATE TABLE AS. Types come from every row (`sample_size=-1`)."""

import sys
import zipfile
from pathlib import Path

import duckdb

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
with zipfile.ZipFile(archive) as opened:
    csv = opened.extract(opened.namelist()[0], folder)
with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
    connection.execute(f"CREATE TABLE rows AS FROM read_csv('{csv}', sample_size=-1)")
