"""What an editor shows: the schemas in the hands of the real YAML language server.

The server reads the settings that `factory schema --install` writes, so the whole way is tested.
"""

import json
import os
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import pytest
import yaml

from factory.cli import main
from factory.spec.codes import CODES
from factory.spec.parts import part as part_of
from factory.spec.problems import Problem
from factory.spec.project import parse_project
from factory.spec.reader import read
from factory.spec.schemas import keys, resolve, schema
from factory.spec.shape import walk
from tests.editors.install import install
from tests.editors.language_server import LanguageServer, Message
from tests.spec.cases import bad_cases, good_texts

# Of each code: can an editor mark it? Always, but for some golden cases; sometimes, in the cases
# named here; or never, and why.
ALWAYS: dict[str, Set[str]] = {
    **dict.fromkeys(
        ("anchor", "bad-delimiter", "bad-duration", "bad-kaggle", "bad-owner", "bad-share",
         "bad-size", "bad-tag", "bad-value", "bad-version", "duplicate-item", "duplicate-key",
         "source-kind", "table-or-tables", "unknown-alias", "wrong-type", "yaml-tag"),
        frozenset(),
    ),
    # A key that only the other type of bucket has; a key without a value between { and }.
    "unknown-key": {"unknown-target", "unknown-key-comma"},
    "yaml-syntax": {"yaml-syntax-control"},  # its parser takes control characters
}  # fmt: skip
SOMETIMES = {
    # Where a number or true and false are meant; as text both readings are text to it.
    "ambiguous-scalar": {"ambiguous-scalar-number", "ambiguous-scalar-words"},
    "bad-address": {"bad-address-gcs", "bad-address-http"},  # a path may be nearly anything
    # It is not told the names of files.
    "bad-name": {"bad-name", "bad-name-reserved", "bad-table-letters"},
    "bad-prefix": {"bad-prefix", "bad-prefix-field"},  # it only looks for {source_version}
    # What defaults may give is not missing, nor what one key needs because of another's value.
    "missing-key": {"missing-key", "missing-key-checks", "missing-key-expect"},
}
NEVER = {
    **dict.fromkeys(
        ("bad-cron", "unreachable-cron", "cron-either-day", "cron-clock-change", "bad-timezone",
         "bad-encoding", "bad-format", "bad-query", "bad-bucket", "bad-column", "bad-table",
         "bad-network", "query-reaches", "query-writes"),
        "no pattern is as wise as the rule",
    ),
    **dict.fromkeys(
        ("bad-bounds", "bad-expectation", "bad-partition", "duplicate-check", "duplicate-column",
         "duplicate-test", "unknown-column", "unknown-table",
         "unknown-target"),
        "it takes two places of a file",
    ),
    **dict.fromkeys(
        ("dependency-cycle", "duplicate-pipeline", "duplicate-table", "private-address",
         "unknown-pipeline"),
        "it takes several files",
    ),
    **dict.fromkeys(("missing-env", "bad-variable"), "it takes the environment"),
    **dict.fromkeys(
        ("empty-file", "several-documents", "merge-key", "too-deep", "too-large",
         "unreadable-file"),
        "other YAML may do so, and a schema does not see how a text is written",
    ),
    "plain-secret": "a schema has no list of what secrets look like",
}  # fmt: skip
EVERYTHING = "pipelines/hovered.yaml"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    install()
    folder = tmp_path_factory.mktemp("project")
    (folder / "factory.yaml").write_text("version: 1\n")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["schema", "--install"]) == 0
    finally:
        os.chdir(before)
    settings = json.loads((folder / ".vscode/settings.json").read_text())
    with LanguageServer(folder, settings) as started:
        yield started


def test_every_code_is_classified() -> None:
    known = [*ALWAYS, *SOMETIMES, *NEVER]
    assert set(CODES) - set(known) == set(), "say of the new code whether an editor can mark it"
    assert sorted(known) == sorted(CODES)
    cases = {case.name for case in bad_cases()}
    assert {
        name for some in (ALWAYS, SOMETIMES) for names in some.values() for name in names
    } <= cases


def test_the_editor_agrees_with_the_checker(server: LanguageServer) -> None:
    texts, ours, cases = {}, {}, {}
    for case in bad_cases():
        problems = case.parse().problems
        for file, text in case.texts.items():
            path = f"{case.name}/{file}"
            texts[path], cases[path] = text, case.name
            ours[path] = [problem for problem in problems if problem.mark.file == file]
    assert len(texts) > 100
    found = server.open(texts)
    wrong = {}
    for path, marks in found.items():
        sayable = [problem for problem in ours[path] if can_say(problem, cases[path])]
        said = [problem for problem in sayable if any(covers(mark, problem) for mark in marks)]
        unsaid = [p.message for p in sayable if p.code in ALWAYS and p not in said]
        if unsaid or bool(said) != bool(marks) or bool(said) != bool(sayable):
            wrong[path] = (unsaid, [mark["message"] for mark in marks])
    assert not wrong, "\n".join(f"{path}: {why}" for path, why in wrong.items())


def test_the_editor_takes_what_the_checker_takes(server: LanguageServer) -> None:
    texts = {f"pipelines/{name}.yaml": text for name, text in good_texts().items()}
    texts["pipelines/_defaults.yaml"] = "bucket: {format: original}\nretries: {}\n"
    texts["pipelines/with_defaults.yaml"] = "source: {kaggle: a/b}\ntable: {files: [a.csv]}\n"
    texts["factory.yaml"] = (Path(__file__).parents[2] / "factory.yaml").read_text("utf-8")
    assert {path: marks for path, marks in server.open(texts).items() if marks} == {}


def test_a_variable_may_stand_for_every_value(server: LanguageServer) -> None:
    env = {"ALERT_URL": "json://localhost"}

    def hidden(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hidden(item) for key, item in value.items()}
        if isinstance(value, list):
            return [hidden(item) for item in value]
        name = f"V{len(env)}"
        env[name] = value
        return f"${{{name}}}"

    text = yaml.safe_dump(hidden(yaml.load(good_texts()["everything"], yaml.BaseLoader)))
    assert len(env) > 60
    others = {"pipelines/population.yaml": good_texts()["smallest"].replace("_data", "_more")}
    project = parse_project("/project", {"pipelines/covid.yaml": text, **others}, env)
    assert project.problems == ()
    assert server.open({"pipelines/hidden.yaml": text}) == {"pipelines/hidden.yaml": []}


@pytest.mark.parametrize(
    ("place", "part", "given"),
    [
        ("|\n", "pipeline", ()),
        ("source:\n  |\nbucket: b\n", "source", ()),
        ("source: {kaggle: a/b}\ncolumns:\n  - name: AGE\n    |\n", "column", ("name",)),
        ("source: {kaggle: a/b}\ntable:\n  |\n", "table", ()),
        ("source: {kaggle: a/b}\nschedule:\n  |\n", "schedule", ()),
    ],
    ids=["top", "source", "column", "table", "schedule"],
)
def test_completes_the_keys_of_a_place(
    server: LanguageServer, place: str, part: str, given: tuple[str, ...]
) -> None:
    offered = completions(server, f"pipelines/{part}.yaml", place)
    expected = schema("pipeline")["$defs"][part]["properties"]
    assert set(offered) == set(expected) - set(given)
    for name, item in offered.items():
        own = expected[name]
        assert "description" not in own or item["documentation"] == own["description"]


def test_completes_the_keys_of_defaults_and_of_the_project_file(server: LanguageServer) -> None:
    assert set(completions(server, "pipelines/x/_defaults.yaml", "|\n")) == set(
        keys("pipeline")["properties"]
    )
    assert set(completions(server, "x/factory.yaml", "|\n")) == set(keys("factory")["properties"])


def test_completes_values_and_says_what_they_mean(server: LanguageServer) -> None:
    text = "source: {kaggle: a/b}\ncolumns:\n  - name: AGE\n    type: |\n"
    types = schema("pipeline")["$defs"]["column"]["properties"]["type"]
    offered = completions(server, "pipelines/type.yaml", text)
    meanings = dict(zip(types["enum"], types["enumDescriptions"], strict=True))
    assert {name: item["documentation"] for name, item in offered.items()} == meanings


def test_short_forms_complete_as_short_forms(server: LanguageServer) -> None:
    offered = completions(server, "pipelines/short.yaml", "source: {kaggle: a/b}\n|\n")
    texts = {name: offered[name]["insertText"] for name in ("bucket", "table", "schedule")}
    assert texts == {
        "bucket": "bucket: ${1:covidepidemetrics-bucket}",
        "table": "table: ${1:covid19_dataset.covid_data}",
        "schedule": "schedule: ${1:0 2 * * *}",
    }


def test_hover_tells_of_every_key_what_the_schema_says(server: LanguageServer) -> None:
    text = good_texts()["everything"]
    server.open({EVERYTHING: text})
    tree = read(EVERYTHING, text).tree
    assert tree is not None
    shown = 0
    for path, node, part in walk(tree, part_of("pipeline")):
        for entry in getattr(node, "entries", ()):
            own = part.get("properties", {}).get(entry.name, {})
            if "description" in own:
                mark = entry.key.mark
                said = server.hover(EVERYTHING, mark.line - 1, mark.column - 1)
                assert any(words in said.replace("\\", "") for words in meanings(own)), (path, said)
                shown += 1
    assert shown > 50


def meanings(part: Mapping[str, Any]) -> list[str]:
    """The description of a key, or of the one of its forms that was typed."""
    parts = [resolve(form, schema("pipeline"))[0] for form in part.get("anyOf", ())]
    return [each["description"] for each in (part, *parts) if "description" in each]


def can_say(problem: Problem, case: str) -> bool:
    """Whether an editor has the means to see the problem."""
    if problem.code in ALWAYS:
        return case not in ALWAYS[problem.code]
    return case in SOMETIMES.get(problem.code, ())


def covers(mark: Message, problem: Problem) -> bool:
    """Whether the mark is on the line of the problem, or below it as YAML's parser found it."""
    start, end = (mark["range"][side]["line"] + 1 for side in ("start", "end"))
    late = problem.code == "yaml-syntax" and start >= problem.mark.line
    return (start <= problem.mark.end_line and problem.mark.line <= end) or late


def completions(server: LanguageServer, path: str, place: str) -> dict[str, Message]:
    """What is offered at the bar in the text."""
    before = place.partition("|")[0]
    server.open({path: place.replace("|", "")})
    line = before.count("\n")
    return server.completions(path, line, len(before) - before.rfind("\n") - 1)
