"""A project of one pipeline, with no columns said: types come from the rows."""

import shutil
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
_FACTORY = """\
version: 1
targets:
  local:
    bucket: {type: local, path: landed}
    warehouse: {type: duckdb, path: warehouse.duckdb}
http: {allow_private: [127.0.0.0/8]}
"""
_PIPELINE = """\
source: {source}
bucket: bench
table: bench.rows
limits: {{max_bytes: 100GB}}
"""


def write_project(archive: Path, folder: Path, source: str | None = None) -> Path:
    """The project's root, which is `folder`. `source` is YAML, instead of the archive's."""
    (folder / "pipelines").mkdir(parents=True, exist_ok=True)
    (folder / "factory.yaml").write_text(_FACTORY)
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(_REPOSITORY / name, folder / name)
    text = _PIPELINE.format(source=source or f'{{file: "{archive}"}}')
    (folder / "pipelines/bench.yaml").write_text(text)
    return folder
