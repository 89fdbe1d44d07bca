"""The asset `pipeline_specs`: a failing check a broken file, in the catalog and the lineage.

What is wrong is known when the code location loads, so no run is needed to say it: a sensor
that is on by default reports it. Materializing the asset by hand says the same again.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence

import dagster as dg

from factory.orchestration.metadata import Metadata
from factory.orchestration.state import BrokenFile, State

KEY = dg.AssetKey(["pipeline_specs"])
_EVERY = 10  # seconds; looking costs next to nothing


def specs_asset(state: State) -> dg.AssetsDefinition:
    """The asset with one check a broken file."""
    checks = list(_named(state.broken))

    @dg.asset(
        key=KEY,
        group_name="factory",
        description="Every pipeline file of this project. A failing check is a broken file.",
        kinds={"yaml"},
        check_specs=[
            dg.AssetCheckSpec(name, asset=KEY, description=_fenced(broken))
            for name, broken in checks
        ],
    )
    def pipeline_specs() -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
        for name, broken in checks:
            yield dg.AssetCheckResult(
                passed=False,
                asset_key=KEY,
                check_name=name,
                description=_said(broken),
                metadata=_details(broken),
            )
        yield dg.MaterializeResult(metadata=_summary(state))

    return pipeline_specs


def specs_sensor(state: State) -> dg.SensorDefinition:
    """Reports the state of the specs whenever it has changed."""
    digest = _digest(state)

    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if context.cursor == digest:
            return dg.SkipReason("the specs have not changed")
        evaluations = [
            dg.AssetCheckEvaluation(
                asset_key=KEY,
                check_name=name,
                passed=False,
                metadata=_details(broken),
                severity=dg.AssetCheckSeverity.ERROR,
                description=_said(broken),
            )
            for name, broken in _named(state.broken)
        ]
        noted = dg.AssetMaterialization(asset_key=KEY, metadata=_summary(state))
        return dg.SensorResult(asset_events=[noted, *evaluations], cursor=digest)

    return dg.SensorDefinition(
        name="pipeline_specs",
        evaluation_fn=look,
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Shows broken pipeline files as failing checks of pipeline_specs.",
    )


def _named(files: Sequence[BrokenFile]) -> Iterator[tuple[str, BrokenFile]]:
    """The files with names that are legal for a check, each once."""
    taken: set[str] = set()
    for broken in files:
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", broken.file).strip("_") or "file"
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        yield name, broken


def _said(broken: BrokenFile) -> str:
    return f"{broken.headline} ({_fate(broken)})"


def _details(broken: BrokenFile) -> Metadata:
    return {
        "problem": dg.MetadataValue.md(_fenced(broken)),
        "file": dg.MetadataValue.text(broken.file),
        "meanwhile": dg.MetadataValue.text(_fate(broken)),
    }


def _fenced(broken: BrokenFile) -> str:
    """The message with its lines and its caret as they are; Markdown would run them together."""
    return f"```\n{broken.message}\n```"


def _fate(broken: BrokenFile) -> str:
    return "its last good version goes on" if broken.last_good else "its pipeline does not run"


def _summary(state: State) -> Metadata:
    return {
        "pipelines": dg.MetadataValue.int(len(state.specs)),
        "broken files": dg.MetadataValue.int(len(state.broken)),
    }


def _digest(state: State) -> str:
    said = [len(state.specs), *((b.file, b.message, b.last_good) for b in state.broken)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
