"""Writes the generated documents again: `make docs`. A test compares, so they cannot part."""

import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from docs.errors import errors, examples_text
from docs.reference import reference
from factory.cli.arguments import Parser, build_parser

ROOT = Path(__file__).parents[1]
_COLUMNS = "98"  # of the terminal that help is wrapped for
_NOTE = "<!-- written by `make docs`: edits are lost -->\n\n"


def documents() -> dict[str, str]:
    """What each generated file must hold, by its path from the root."""
    os.environ["COLUMNS"] = _COLUMNS
    return {
        "docs/yaml.md": _NOTE + reference(),
        "docs/commands.md": _NOTE + "\n".join(_commands()),
        "docs/errors.md": _NOTE + errors(),
        "factory/spec/examples.json": examples_text(),
        "requirements.txt": "\n".join(_requirements()) + "\n",
    }


def _commands() -> Iterator[str]:
    parser = build_parser()
    yield "# Commands\n"
    yield "`python -m factory` is the same as `factory`. Colours go to terminals only; `NO_COLOR`"
    yield "turns them off there, `FORCE_COLOR` turns them on elsewhere.\n"
    yield from _help(parser)
    for command in parser.commands().values():
        yield f"## {command.prog}\n"
        yield from _help(command)


def _help(parser: Parser) -> Iterator[str]:
    yield f"```text\n{parser.format_help().rstrip()}\n```\n"


def _requirements() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    yield "# The dependencies of pyproject.toml, for `pip install -r`; written by `make docs`."
    yield from project["dependencies"]


def main() -> None:
    """Write every document that is not as it should be."""
    for name, text in documents().items():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")


if __name__ == "__main__":
    main()
