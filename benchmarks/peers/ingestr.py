"""ingestr: unzip, then its command from a CSV file to DuckDB."""

import os
import sys
import zipfile
from pathlib import Path

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
with zipfile.ZipFile(archive) as opened:
    csv = opened.extract(opened.namelist()[0], folder)
command = str(Path(sys.executable).with_name("ingestr"))
os.environ |= {"DLT_DATA_DIR": str(folder / "dlt"), "DISABLE_TELEMETRY": "true"}
source = ["--source-uri", f"csv://{csv}", "--source-table", "rows"]
target = ["--dest-uri", f"duckdb:///{folder}/warehouse.duckdb", "--dest-table", "main.rows"]
os.execv(command, [command, "ingest", "--yes", "--progress", "log", *source, *target])
