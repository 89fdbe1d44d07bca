"""Asset checks: declared from the plan, reported from the outcomes of a load."""

import re
from collections.abc import Iterator

import dagster as dg

from factory.ingest.outcomes import CheckOutcome, Landing, Loading
from factory.plan import CheckPlan, PipelinePlan, TablePlan

_LICENCE = "licence_unchanged"
_SEVERITY = {"error": dg.AssetCheckSeverity.ERROR, "warn": dg.AssetCheckSeverity.WARN}


def declared_checks(table: TablePlan) -> list[dg.AssetCheckSpec]:
    """One check a line of the spec; those that a column's contract implies are among them."""
    return [
        dg.AssetCheckSpec(
            name=name,
            asset=dg.AssetKey(list(table.key)),
            description=_description(check),
            blocking=check.spec.severity == "error",
            metadata=_noted(check),
        )
        for check, name in _named(table)
    ]


def reported(
    table: TablePlan, loading: Loading, *, synthetic: bool
) -> Iterator[dg.AssetCheckResult]:
    """A result for every declared check: Dagster fails a step that leaves one out."""
    outcomes = {outcome.name: outcome for outcome in loading.checks}
    for check, name in _named(table):
        outcome = outcomes.get(check.name) or _missing(check)
        metadata: dict[str, str | int | bool] = {"rows": loading.rows}
        if outcome.failing is not None:
            metadata["failing rows"] = outcome.failing
        if loading.staged and not outcome.passed:
            metadata["staged rows"] = loading.staged
        if synthetic:
            metadata["synthetic"] = True
        yield dg.AssetCheckResult(
            passed=outcome.passed,
            asset_key=dg.AssetKey(list(table.key)),
            check_name=name,
            severity=_SEVERITY[outcome.severity],
            description=outcome.message,
            metadata={**metadata, **_noted(check)},
        )


def declared_licence(pipeline: PipelinePlan) -> list[dg.AssetCheckSpec]:
    """The check of what was landed, where the source tells a licence."""
    if pipeline.spec.source.kind != "kaggle":
        return []
    said = "The publisher offers the data under the licence that it had before (warns)."
    return [dg.AssetCheckSpec(_LICENCE, asset=list(pipeline.landed_key), description=said)]


def reported_licence(pipeline: PipelinePlan, landing: Landing) -> Iterator[dg.AssetCheckResult]:
    """Its result. A change warns: whether the data may still be used, a person has to say."""
    for declared in declared_licence(pipeline):
        change, mark = landing.licence, pipeline.spec.source.mark or pipeline.spec.mark
        told = {"before": change.before, "now": change.now} if change else {}
        now = landing.manifest.version.licence or "none is told"
        yield dg.AssetCheckResult(
            passed=change is None,
            asset_key=declared.asset_key,
            check_name=_LICENCE,
            severity=dg.AssetCheckSeverity.WARN,
            description=str(change or f"as before: {now}"),
            metadata={"spec": mark.place, **told},
        )


def blocking_failures(loading: Loading) -> list[CheckOutcome]:
    """The failed checks that do not allow the publish."""
    return [check for check in loading.checks if not check.passed and check.severity == "error"]


def _named(table: TablePlan) -> Iterator[tuple[CheckPlan, str]]:
    """The checks with their names in Dagster's alphabet: columns may have any name."""
    taken: set[str] = set()
    for check in table.checks:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", check.name)
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        yield check, name


def _description(check: CheckPlan) -> str:
    effect = "blocks the publish" if check.spec.severity == "error" else "warns"
    return f"{check.asks} ({effect})"


def _noted(check: CheckPlan) -> dict[str, str]:
    noted = {"kind": check.spec.kind, "severity": check.spec.severity}
    return noted | ({"spec": check.spec.mark.place} if check.spec.mark else {})


def _missing(check: CheckPlan) -> CheckOutcome:
    return CheckOutcome(check.name, check.spec.severity, False, "the load did not report it")
