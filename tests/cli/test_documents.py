"""What is written about the factory is so: commands, keys, examples, dependencies."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from docs.generate import documents
from factory.cli.arguments import Parser, build_parser
from tests.cli.conftest import ROOT, Folder, Result

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# Those that people write, for users.
WRITTEN = [ROOT / "README.md", ROOT / "docs/running.md", ROOT / "docs/ci.md"]


@pytest.mark.parametrize("name", sorted(documents()))
def test_generated_documents_are_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == documents()[name], "run `make docs`"


def words_of(parser: Parser) -> Iterator[str]:
    """The options of a command, and the names of its arguments as help shows them."""
    for action in parser.options():
        if action.option_strings:
            yield action.option_strings[-1]
        elif isinstance(action.metavar, str) and action.metavar != "COMMAND":
            yield action.metavar
        yield from map(str, action.choices or () if action.dest != "command" else ())


def test_an_undocumented_command_is_impossible() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, parser in build_parser().commands().items():
        row = rf"\| `factory {name}(?![\w-])"  # `explain` is not `explain-error`
        [line] = [text for text in readme.splitlines() if re.match(row, text)]
        for word in words_of(parser):
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", line), (name, word)


def test_the_readme_has_no_command_that_is_not() -> None:
    known = build_parser().commands()
    for page in WRITTEN:
        for name in re.findall(r"`(?:[\w./]*/)?factory ([a-z]+)", page.read_text(encoding="utf-8")):
            assert name in known, (page.name, name)


def test_every_make_target_is_in_the_readme() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.M)) - {"help"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert targets == set(re.findall(r"`make ([a-z]+)`", readme)) & targets
    assert targets >= {"run", "dev", "test", "lint", "docs", "clean"}


def test_help_says_what_every_option_is_for() -> None:
    parser = build_parser()
    assert "exit codes: 0 fine; 1 " in parser.format_help()
    for name, command in parser.commands().items():
        assert re.search(rf"^    {name}\s", parser.format_help(), re.M)
        assert command.description
        assert all(action.help for action in command.options()), name


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


def examples(page: Path) -> Iterator[str]:
    yield from re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


def test_the_smallest_pipeline_of_the_readme_is_right(
    project: Folder, factory: Callable[..., Result]
) -> None:
    smallest = next(iter(examples(ROOT / "README.md")))
    project.write("pipelines/covid.yaml", smallest)
    result = factory("check", "pipelines/covid.yaml")
    assert result.code == 0, result.out


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_yaml_line_of_the_documents_is_right(
    page: Path, project: Folder, factory: Callable[..., Result]
) -> None:
    """Each line of an example that gives one key is put into a pipeline and checked."""
    base = "source: {file: data.csv}\nbucket: some-bucket\ntable: d.t\n"
    for example in examples(page):
        lines = [line for line in example.splitlines() if re.match(r"[a-z]", line)]
        for line in lines:
            key = line.partition(":")[0]
            rest = "".join(row + "\n" for row in base.splitlines() if not row.startswith(key))
            if key in {"targets", "on_invalid", "default_target", "repos"}:
                continue
            assert isinstance(yaml.safe_load(line), dict)
            project.write("pipelines/covid.yaml", rest + line + "\n")
            result = factory("check", "pipelines/covid.yaml")
            assert result.code == 0, (line, result.out)


def test_requirements_are_those_of_the_project() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    listed = (ROOT / "requirements.txt").read_text().splitlines()
    assert [line for line in listed if not line.startswith("#")] == declared


def test_editors_find_the_schemas() -> None:
    settings = yaml.safe_load((ROOT / ".vscode/settings.json").read_text())
    for schema in settings["yaml.schemas"]:
        assert (ROOT / schema).is_file()
    for file in (ROOT / "pipelines").rglob("*.yaml"):
        line = file.read_text(encoding="utf-8").splitlines()[0]
        target = line.partition("$schema=")[2]
        assert (file.parent / target).resolve() == ROOT / "schemas/pipeline.schema.json", file


def test_no_document_promises_a_placeholder() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert "@@" not in text
        assert "TODO" not in text  # what is looked for: pages are for users, and finished


def test_the_messages_that_are_explained_are_those_that_are_said() -> None:
    """Each row of the table for the night, but those that describe, quotes our own words."""
    page = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    table = page.partition("| what you see |")[2].partition("\n\n")[0]
    quoted = [row.split(" | ")[0].strip("`| ") for row in table.splitlines()[2:] if "…" in row]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "factory").rglob("*.py")]
    said = re.sub(r'"\s*f?"', "", "\n".join(sources))  # texts that go on in the next line
    assert len(quoted) > 3
    for text in quoted:
        for piece in filter(None, (part.strip(" :") for part in text.split("…"))):
            words = re.sub(r"\d+( s)?", r"\\{.+?\\}", re.escape(piece).replace(r"\ ", " "))
            assert re.search(words, said), piece
