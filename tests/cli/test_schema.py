"""`factory schema`: what is printed, and what --install puts into a project and leaves alone."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from factory.cli.jsonc import JsoncError, with_lists
from factory.cli.schema import schema_globs
from tests.cli.conftest import ROOT, Folder, Result

Factory = Callable[..., Result]

NAMES = ("pipeline", "factory", "defaults")
SETTINGS = ".vscode/settings.json"
LISTS = {"./a.json": ["*.a", "*.b"], "./c.json": ["*.c"]}


@pytest.mark.parametrize("name", NAMES)
def test_prints_the_file(factory: Factory, name: str) -> None:
    text = (ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8")
    assert factory("schema", name).out == text.rstrip("\n") + "\n"


def test_installs_into_a_project_once(project: Folder, factory: Factory) -> None:
    first = factory("schema", "--install")
    assert first.code == 0
    assert first.out.splitlines()[:4] == [
        "wrote      schemas/pipeline.schema.json",
        "wrote      schemas/factory.schema.json",
        "wrote      schemas/defaults.schema.json",
        f"wrote      {SETTINGS}",
    ]
    for name in NAMES:
        file = f"schemas/{name}.schema.json"
        assert (project.root / file).read_bytes() == (ROOT / file).read_bytes()
    settings = (project.root / SETTINGS).read_bytes()
    second = factory("schema", "--install")
    assert [line[:9] for line in second.out.splitlines()[:4]] == ["as it was"] * 4
    assert (project.root / SETTINGS).read_bytes() == settings


def test_renews_a_schema_of_an_older_version(project: Folder, factory: Factory) -> None:
    file = project.write("schemas/pipeline.schema.json", "{}\n")
    assert "changed    schemas/pipeline.schema.json" in factory("schema", "--install").out
    assert file.read_bytes() == (ROOT / "schemas/pipeline.schema.json").read_bytes()


def test_follows_the_folder_of_the_pipelines(project: Folder, factory: Factory) -> None:
    project.write("factory.yaml", "pipelines: ./data/loads/\n")
    factory("schema", "--install")
    mapping = json.loads((project.root / SETTINGS).read_text())["yaml.schemas"]
    assert mapping["./schemas/pipeline.schema.json"][0] == "data/loads/**/*.yaml"


def test_this_project_has_what_it_installs() -> None:
    ours = json.loads((ROOT / SETTINGS).read_text(encoding="utf-8"))
    assert ours["yaml.schemas"] == schema_globs("pipelines")


def test_leaves_settings_that_it_cannot_read(project: Folder, factory: Factory) -> None:
    project.write(SETTINGS, "{not json\n")
    result = factory("schema", "--install")
    assert result.code == 2
    assert json.loads(result.out)["yaml.schemas"] == schema_globs("pipelines")
    assert f"{SETTINGS} was left as it is" in result.err
    assert "put what is printed above into it" in result.err
    assert (project.root / SETTINGS).read_text() == "{not json\n"


def test_tells_other_editors_what_to_set(project: Folder, factory: Factory) -> None:
    result = factory("schema", "--install", "--editor", "other")
    assert '"yaml.schemas": {' in result.out
    assert "# yaml-language-server: $schema=../schemas/pipeline.schema.json" in result.out
    assert (project.root / "schemas/pipeline.schema.json").is_file()
    assert not (project.root / ".vscode").exists()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{\n}\n",
        '{"a": 1}',
        '{\n    "a": 1,\n    "b": [1, 2]\n}\n',
        '// "yaml.schemas": {\n{\n\t// mine\n\t"a": "http://x", /* "b": { */\n}\n',
        '{\n  "yaml.schemas": {}\n}\n',
        '{\n  "yaml.schemas": {\n  "./mine.json": "*.mine", // keep\n  },\n  "z": {"a": ",}"},\n}',
        '{"yaml.schemas": {"./a.json": "*.mine"}}',
        '{"yaml.schemas": {"./a.json": ["*.b", /* yes */ "*.mine"]}, "k": "\\"//"}',
    ],
)
def test_adds_to_settings_and_destroys_nothing(text: str) -> None:
    before, after = meaning(text), with_lists(text, "yaml.schemas", LISTS)
    found = meaning(after)
    schemas = found.pop("yaml.schemas")
    old = before.pop("yaml.schemas", {})
    assert found == before
    assert set(schemas) == {*old, *LISTS}
    for name, items in schemas.items():
        mine = old.get(name, [])
        kept = [mine] if isinstance(mine, str) else mine
        assert items == old[name] if name not in LISTS else set(items) == {*LISTS[name], *kept}
    for comment in ('// "yaml.schemas": {', "// mine", '/* "b": { */', "// keep"):
        assert (comment in text) == (comment in after)
    assert with_lists(after, "yaml.schemas", LISTS) == after


@pytest.mark.parametrize("text", ["", "[]", "{", "{} {}", '{"yaml.schemas": []}', '{"a" 1}', "1"])
def test_refuses_what_holds_no_settings(text: str) -> None:
    with pytest.raises(JsoncError):
        with_lists(text, "yaml.schemas", LISTS)


def test_writes_as_the_file_is_written() -> None:
    text = '{\n    // mine\n    "a": 1\n}\n'
    assert with_lists(text, "k", {"x": ["y"]}) == (
        '{\n    "k": {\n        "x": [\n            "y"\n        ]\n    },\n'
        '    // mine\n    "a": 1\n}\n'
    )


def meaning(text: str) -> dict[str, Any]:
    """A JSON file with comments, read by another road: as YAML, once its comments are YAML's."""
    strings = re.compile(r'("(?:\\.|[^"\\])*")|//([^\n]*)|/\*.*?\*/', re.S)
    found: dict[str, Any] = yaml.safe_load(
        strings.sub(lambda m: m[1] or "", text).replace("\t", " ")
    )
    return found
