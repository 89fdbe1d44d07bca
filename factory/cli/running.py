"""`factory run`: one pipeline, here and now."""

import gc
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from factory.cli.exits import Exit, Stop
from factory.cli.interrupts import watch_interrupts
from factory.cli.looking import afterwards, history, real_rows
from factory.cli.progress import show_progress
from factory.cli.project import choose_pipelines, choose_target, factory_of, open_project
from factory.cli.summary import landing_lines, preview_lines, table_lines
from factory.cli.terminal import (
    columns,
    hint_line,
    paint,
    plain,
    problem_line,
    wants_color,
    write_lines,
)
from factory.orchestration.amounts import duration
from factory.plan import PipelinePlan, plan_pipeline
from factory.spec.project import without_collector

if TYPE_CHECKING:
    from factory.orchestration.running import RunReport
    from factory.spec.project import Project


@dataclass(frozen=True, slots=True)
class Errand:
    """What a run is for, in words, with the tags that ask Dagster for it."""

    what: str
    tags: Mapping[str, str]
    sample: int | None = None


def run(name: str, target_name: str | None, sample: int | None) -> Exit:
    """Run the pipeline and print what it did. FINE only if every table was published."""
    root, project = open_project(target=target_name)
    target = choose_target(factory_of(project), target_name)
    plan = plan_pipeline(choose_pipelines(project, [name])[0], target)
    what = f"{sample:,} synthetic rows a table" if sample else plain(plan.source_words)
    return carry_out(root, project, plan, Errand(what, {}, sample))


def carry_out(root: Path, project: "Project", plan: PipelinePlan, errand: Errand) -> Exit:
    """Run the pipeline as the errand asks, and print what it did."""
    factory, sample = project.factory, errand.sample
    write_lines(sys.stderr, [_beginning(plan, errand.what, wants_color(sys.stderr))])
    report = _carry_out(project, plan, errand)
    gc.freeze()  # Python looks through all that is left when it ends, which takes half a second
    color = wants_color(sys.stdout)
    write_lines(sys.stdout, _summary(plan, report, color))
    if not report.success:
        write_lines(sys.stderr, _reason(plan, report, wants_color(sys.stderr)))
        log = f"log: {history(root, factory.dagster_url, report.run_id)}"
        sign = paint("=", "cyan", color=wants_color(sys.stderr))
        write_lines(sys.stderr, [f"  {sign} {log}"])
        return Exit.BUG if report.failure and report.failure.unexpected else Exit.SPECS
    write_lines(sys.stdout, afterwards(plan, root, factory.dagster_url, report.run_id, color=color))
    if sample is not None:
        write_lines(sys.stdout, real_rows(plan, factory.default_target, color=color))
    return Exit.FINE


def _carry_out(project: "Project", plan: PipelinePlan, errand: Errand) -> "RunReport":
    with without_collector():
        from factory.orchestration.running import run_pipeline

    report = None
    with (
        show_progress(sys.stderr) as listener,
        watch_interrupts(listener.say) as watch,
        suppress(KeyboardInterrupt),  # Dagster takes it in most places, not in all
    ):
        report = run_pipeline(
            project,
            plan.target,
            plan.name,
            sample=errand.sample,
            tags=errand.tags,
            listener=listener,
            notice=listener.say,
        )
    if report is None or (watch.stopped is not None and not report.success):
        code = Exit.TERMINATED if watch.stopped is signal.SIGTERM else Exit.INTERRUPTED
        raise Stop("stopped; every table is whole, and running again goes on", code=code)
    return report


def _beginning(plan: PipelinePlan, what: str, color: bool) -> str:
    return f"running {paint(plan.name, 'bold', color=color)} on {plan.target.name}: {what}"


def _summary(plan: PipelinePlan, report: "RunReport", color: bool) -> Iterator[str]:
    """What is known of the run, also of one that failed half way."""
    yield ""
    took = f"in {duration(report.seconds)}"
    outcome = (
        paint("done", "green", color=color)
        if report.success
        else paint("failed", "red", color=color)
    )
    yield f"{paint(plan.name, 'bold', color=color)}: {outcome} {took}"
    if report.landing is not None:
        yield from landing_lines(report.landing, plan, color=color)
    if report.loadings:
        yield ""
        yield from table_lines(report.loadings, plan, color=color)
    yield ""
    for loading in report.loadings:
        lines = list(preview_lines(loading, columns(sys.stdout), color=color))
        yield from [*lines, ""] if lines else []


def _reason(plan: PipelinePlan, report: "RunReport", color: bool) -> Iterator[str]:
    """Place, one sentence, hint, as the checker would say it."""
    failure = report.failure
    place = failure.place if failure else plan.spec.mark.place
    message = failure.message if failure else "the run failed without saying why"
    yield problem_line(message, place=place, color=color)
    if failure and failure.hint:
        yield hint_line(failure.hint, color=color)
