"""sling: its binary from a zip to DuckDB, with the `duckdb` program that it drives."""

import os
import sys
import sysconfig
import zipfile
from pathlib import Path

archive, folder = Path(sys.argv[1]), Path(sys.argv[2])
packages = Path(sysconfig.get_path("purelib"))
[version] = (packages / "duckdb_extension_json/extensions").iterdir()
extensions = folder / ".duckdb/extensions" / version.name / "linux_amd64"
extensions.mkdir(parents=True)
for name in ("json", "httpfs"):  # so that the program need not download them
    file = f"{name}.duckdb_extension"
    found = packages / f"duckdb_extension_{name}/extensions" / version.name / file
    (extensions / file).symlink_to(found)
with zipfile.ZipFile(archive) as opened:
    csv = opened.extract(opened.namelist()[0], folder)
os.environ |= {
    "HOME": str(folder),
    "SLING_HOME_DIR": str(folder / ".sling"),
    "SLING_DISABLE_TELEMETRY": "true",
    "DUCKDB_PATH": str(packages / "duckdb_cli/duckdb"),
    "DUCK": f"duckdb://{folder}/warehouse.duckdb",
}
binary = str(packages / "sling_linux_amd64/bin/sling-linux-amd64")
words = ["run", "--src-stream", f"file://{csv}", "--tgt-conn", "DUCK", "--tgt-object", "main.rows"]
os.execv(binary, [binary, *words, "--mode", "full-refresh"])
