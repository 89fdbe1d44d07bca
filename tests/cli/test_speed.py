"""`factory check` runs before every commit, `factory run` every night: neither may load what it
does not need."""

import os
import subprocess

import pytest

from tests.cli.conftest import PYTHON, ROOT, Folder

HEAVY = {"dagster", "google", "duckdb", "kagglesdk", "kaggle", "pyarrow", "rich", "requests"}
READERS = {  # what fetches, reads and writes rows, and vendors' clients of other targets
    "factory.authoring",
    "factory.ingest.reading",
    "factory.sources.http",
    "factory.sources.kaggle",
    "factory.sources.sample",
    "apprise",
    "google",
    "kagglesdk",
    "numpy",
    "pandas",
    "pyarrow",
    "python_calamine",
    "requests",
    "sqlglot",
}
_REPORT = """
import gc, sys
from factory.cli import main
code = main(sys.argv[1:])
looked_at = len(gc.get_objects()) > 1_000
print(*sorted(sys.modules), *["garbage"] * looked_at, file=sys.stderr)
sys.exit(code)
"""


def plain_environment() -> dict[str, str]:
    """As a person has it: compiled modules are kept, and nothing measures coverage."""
    unusual = ("COV", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unusual)}
    return kept | {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["list"],
        ["plan", "--offline"],
        ["plan", "--offline", "--format", "json"],
        ["schema"],
        ["--help"],
    ],
)
def test_light_commands_load_nothing_heavy(project: Folder, words: list[str]) -> None:
    assert HEAVY & {name.partition(".")[0] for name in loaded_by(project, *words)} == set()


def test_a_run_of_an_unchanged_source_loads_no_readers(project: Folder) -> None:
    for name in ("dagster.yaml", "workspace.yaml"):
        project.write(name, (ROOT / name).read_text(encoding="utf-8"))
    project.write("sales.csv", "day,amount\n2026-01-01,1.5\n")
    project.write(
        "pipelines/sales.yaml",
        """\
        source: {file: sales.csv}
        bucket: sales-bucket
        table: shop.sales
        """,
    )
    first, second = (loaded_by(project, "run", "sales") for _ in range(2))
    assert {"factory.ingest.reading", "pyarrow"} <= first  # the names are still right
    assert READERS & second == set()
    assert "garbage" not in second  # Python ends without a look through all that Dagster loaded


def loaded_by(project: Folder, *words: str) -> set[str]:
    """The names of all modules that the command has loaded in the end."""
    done = subprocess.run(
        [PYTHON, "-c", _REPORT, *words],
        cwd=project.root,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())
