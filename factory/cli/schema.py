"""`factory schema`: the JSON Schemas, printed or put where the editors of a project find them."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from factory.cli.exits import Exit, Stop
from factory.cli.jsonc import JsoncError, with_lists
from factory.cli.project import open_project
from factory.cli.terminal import write_lines
from factory.spec.files import PROJECT_FILE, pipelines_folder
from factory.spec.schemas import EditorSchema, schema_text

Editor = Literal["vscode", "other"]

_FOLDER = "schemas"
_SETTINGS = Path(".vscode") / "settings.json"
_KEY = "yaml.schemas"


def print_schema(name: EditorSchema) -> Exit:
    """Print the schema of that name."""
    sys.stdout.write(schema_text(name).rstrip("\n") + "\n")
    return Exit.FINE


def install(editor: Editor) -> Exit:
    """Put the schemas into the project and tell the editor which file answers to which.

    What an editor's settings hold already stays, comments too. Doing it twice changes nothing.
    """
    root, project = open_project()
    lines = [_put(root, f"{_FOLDER}/{_file(name)}", schema_text(name)) for name in _NAMES]
    mapping = schema_globs(pipelines_folder(dict(project.texts)))
    if editor == "vscode":
        lines += [_into_settings(root, mapping), "", *_IN_VSCODE]
    else:
        lines += ["", *_elsewhere(mapping)]
    write_lines(sys.stdout, lines)
    return Exit.FINE


def schema_globs(pipelines: str) -> dict[str, list[str]]:
    """For each schema's path in a project, the files that answer to it, as editors take them."""
    folder = "**" if pipelines == "." else f"{pipelines}/**"
    some = [f"{folder}/*.{end}" for end in _ENDS]
    defaults = [f"{folder}/_defaults.{end}" for end in _ENDS]
    globs: dict[EditorSchema, list[str]] = {
        "pipeline": [*some, *(f"!{each}" for each in defaults)],
        "defaults": defaults,
        "factory": [PROJECT_FILE],
    }
    return {f"./{_FOLDER}/{_file(name)}": found for name, found in globs.items()}


_NAMES: tuple[EditorSchema, ...] = get_args(EditorSchema)
_ENDS = ("yaml", "yml")
_IN_VSCODE = (
    "VS Code needs its extension YAML (redhat.vscode-yaml); open this folder, not one above it",
)


def _file(name: EditorSchema) -> str:
    return f"{name}.schema.json"


def _put(root: Path, name: str, text: str) -> str:
    path = root / name
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    if before == text:
        return f"as it was  {name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return f"{'wrote' if before is None else 'changed':9}  {name}"


def _into_settings(root: Path, mapping: Mapping[str, Sequence[str]]) -> str:
    path = root / _SETTINGS
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        after = with_lists(before if before.strip() else "{\n}\n", _KEY, mapping)
        return _put(root, _SETTINGS.as_posix(), after)
    except JsoncError as error:
        write_lines(sys.stdout, [json.dumps({_KEY: mapping}, indent=2)])
        raise Stop(
            f"{_SETTINGS.as_posix()} was left as it is: {error}",
            hint="put what is printed above into it",
        ) from error


def _elsewhere(mapping: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        "Any editor with the YAML language server takes this setting:",
        json.dumps({_KEY: mapping}, indent=2),
        "or, in one file alone, the path of its schema from there in the first line:",
        f"# yaml-language-server: $schema=../{_FOLDER}/{_file('pipeline')}",
    ]
