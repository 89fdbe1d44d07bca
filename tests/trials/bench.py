"""Pipelines as texts, and their trials."""

from pathlib import Path

from factory.spec.model import PipelineSpec
from factory.spec.project import parse_project
from factory.trials import Outcome, run_trials, trial_cases
from factory.trials.cases import SYNTHETIC

PEOPLE = """\
source: {http: "https://example.org/${TOKEN}/people.csv", files: ["people*.csv"]}
bucket: people-bucket
table: registry.people
columns:
  - {name: Name, type: STRING, nullable: false}
  - {name: Age, type: INT64, min: 0, max: 125}
  - {name: Born, type: DATE, format: "%d/%m/%Y", null_values: ["-"]}
checks:
  - row_count: {min: 1000000}
  - unique: [name]
limits: {min_rows: 1000000}
"""
CONTENT = "Name,Age,Born\nAnn,30,3/5/1990\nEve,41,-\n"


def spec_of(text: str, name: str = "people") -> PipelineSpec:
    """The spec of the only pipeline of a project; it has no problem."""
    project = parse_project("/project", {f"pipelines/{name}.yaml": text}, {"TOKEN": "abc"})
    assert project.problems == ()
    [spec] = project.specs
    return spec


def tried(text: str, root: Path = Path("/nowhere"), rows: int = 50) -> dict[str, Outcome]:
    """The outcomes of all trials of a pipeline, by their names."""
    outcomes = run_trials(root, trial_cases([spec_of(text)]), rows=rows, jobs=2)
    return {outcome.name: outcome for outcome in outcomes}


def expecting(expect: str, *, content: str = CONTENT, base: str = PEOPLE) -> Outcome:
    """The outcome of a test with `expect` on `content`, without the made-up rows."""
    lines = "".join(f"        {line}\n" for line in content.splitlines())
    test = f'tests:\n- name: it\n  given:\n      "people.csv": |\n{lines}  expect: {expect}\n'
    cases = [c for c in trial_cases([spec_of(base + test)]) if c.name != SYNTHETIC]
    [outcome] = run_trials(Path("/nowhere"), cases, rows=1, jobs=1)
    return outcome


def messages(outcome: Outcome) -> list[str]:
    """What the failures say, without their tables."""
    return [failure.message for failure in outcome.failures]
