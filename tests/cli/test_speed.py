"""`factory check` runs before every commit, `factory run` every night: neither may load what it
does not need."""

import os
import resource
import subprocess

import pytest

from tests.cli.conftest import PYTHON, ROOT, Folder

HEAVY = {"dagster", "google", "duckdb", "kagglesdk", "kaggle", "pyarrow", "rich", "requests"}
LIMIT = 0.3  # seconds, warm, the pipelines of this repository
_WORK = [  # as `check` does, it mostly imports
    str(PYTHON),
    "-c",
    "import asyncio, decimal, http.server, sqlite3, tarfile, unittest.mock, xml.dom.minidom",
]
_WORK_TAKES = 0.10  # seconds, where LIMIT was set
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


def test_check_answers_in_the_time_of_a_blink() -> None:
    check = [str(PYTHON), "-m", "factory", "check"]
    seconds, yardstick = map(min, zip(*((cpu(check), cpu(_WORK)) for _ in range(5)), strict=True))
    slowness = max(1.0, yardstick / _WORK_TAKES)  # of a busy or old machine
    assert seconds / slowness < LIMIT


def cpu(command: list[str]) -> float:
    """Seconds of processor time: those of a clock depend on what else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=plain_environment(), check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
