"""Where to look after a run: the commands that show its rows and its history."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from factory.cli.project import absolute
from factory.cli.terminal import paint
from factory.orchestration.links import table_link
from factory.plan import PipelinePlan, TablePlan
from factory.spec.model import OWN_UI


def afterwards(
    plan: PipelinePlan, root: Path, ui: str, run_id: str, *, color: bool
) -> Iterator[str]:
    """Commands to type, as they work from the current folder."""
    yield paint("where to look", "bold", color=color)
    for command in _rows_commands(plan, plan.tables[0], root):
        yield f"  {command}"
    if len(plan.tables) > 1:
        yield f"  … and {', '.join(str(table.id) for table in plan.tables[1:])} alike"
    yield f"  {history(root, ui, run_id)}"


def history(root: Path, ui: str, run_id: str) -> str:
    """Where the run's own page is, with its steps, its log, its checks. `ui` is the address of a
    service that is up, or what `dagster dev` will have."""
    page = f"{ui}/runs/{run_id}"
    if ui != OWN_UI:
        return page
    there = f"cd {shlex.quote(str(root))} && " if root != Path.cwd() else ""
    return f"{there}{program('dagster')} dev, then {page}"


def real_rows(plan: PipelinePlan, default_target: str, *, color: bool) -> Iterator[str]:
    """What to type for the real rows after a run with made-up ones."""
    yield paint(
        "these rows are synthetic, made up to fit the spec; for the real ones:", color=color
    )
    option = "" if plan.target.name == default_target else f" --target {plan.target.name}"
    yield f"  {program('factory')} run {plan.name}{option}"


def program(name: str) -> str:
    """How to start a program of this installation: its bare name if that finds it."""
    beside = Path(sys.executable).parent / name
    found = shutil.which(name)
    if not beside.is_file() or (found is not None and absolute(found) == beside):
        return name
    return shlex.quote(_from_here(beside))


def _rows_commands(plan: PipelinePlan, table: TablePlan, root: Path) -> Iterator[str]:
    warehouse = plan.target.warehouse
    if warehouse.type == "bigquery":
        project = table.id.project or warehouse.project
        name = f"{project}:{table.id.dataset}.{table.id.table}"
        yield f"bq head --max_rows=10 {shlex.quote(name)}"
        yield from filter(None, [table_link(plan, table)])
        return
    file = _from_here(root / (warehouse.path or ""))
    query = f"FROM {table.id.dataset}.{table.id.table} LIMIT 10"
    yield f"duckdb {shlex.quote(file)} {_quoted(query)}"
    if shutil.which("duckdb") is None:
        code = f"import duckdb; duckdb.connect({file!r}).sql({query!r}).show()"
        yield f"{program('python')} -c {_quoted(code)}   (without the duckdb program)"


def _quoted(text: str) -> str:
    """One word for the shell, in double quotes where they do, for they read better."""
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def _from_here(path: Path) -> str:
    """The path relative to the current folder where it lies below, else absolute."""
    here = Path.cwd()
    whole = absolute(path)
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
