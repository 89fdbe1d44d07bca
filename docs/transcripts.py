"""Writes the outputs that README.md shows, by running the commands: part of `make docs`.

Each stands in the block of text after a line `<!-- output of NAME -->`. Figures, days and
names of runs are other ones each time; a test compares everything else.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_VENV = Path(sys.prefix)
_ROWS = 1_048_575  # as `make run`
_BLOCK = r"(<!-- output of {name} -->\n(?:\n)?```text\n).*?(```\n)"
_BROKEN = """\
source: {kaggel: meirnizri/covid19-dataset}
bucket: covidepidemetrics-bucket
table: covid19_dataset.covid_data
schedule: "0 25 * * *"
"""
_GIT = ("git", "-c", "user.name=docs", "-c", "user.email=docs@example.org")


def transcripts(rows: int = _ROWS) -> Mapping[str, str]:
    """The output of each command by its name in the README; the run makes up so many rows."""
    found = {}
    for name, scene in _SCENES.items():
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            _copy_project(project)
            found[name] = scene(project, rows)
    return found


def shown(name: str) -> str:
    """What README.md shows as the output of the command."""
    match = re.search(_BLOCK.format(name=re.escape(name)), _readme(), re.DOTALL)
    if match is None:
        raise LookupError(f"README.md has no output of {name}")
    return match[0][len(match[1]) : -len(match[2])]


def main() -> None:
    """Put what the commands print now into README.md."""
    text = _readme()
    for name, output in transcripts().items():
        pattern = re.compile(_BLOCK.format(name=re.escape(name)), re.DOTALL)
        text = pattern.sub(lambda m, output=output: m[1] + output + m[2], text)  # type: ignore[misc]  # bound early on purpose
    README.write_text(text, encoding="utf-8")


def _readme() -> str:
    return README.read_text(encoding="utf-8")


def _copy_project(folder: Path) -> None:
    for name in ("pipelines", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "factory.yaml", folder)


def _run(project: Path, rows: int) -> str:
    return _printed(project, "run", "covid", "--sample", str(rows))


def _check(project: Path, _rows: int) -> str:
    return _printed(project, "check")


def _mistakes(project: Path, _rows: int) -> str:
    (project / "pipelines/covid.yaml").write_text(_BROKEN, encoding="utf-8")
    return _printed(project, "check", "pipelines/covid.yaml", code=1)


def _since(project: Path, _rows: int) -> str:
    shutil.rmtree(project / "pipelines/retail")
    for command in (("init", "-qb", "main"), ("add", "."), ("commit", "-qm", "all is well")):
        subprocess.run((*_GIT, *command), cwd=project, check=True)  # noqa: S603 - our own words
    covid = project / "pipelines/covid.yaml"
    text = covid.read_text(encoding="utf-8")
    covid.write_text(text.replace('"0 2 * * *"', '"30 6 * * 1-5"'), encoding="utf-8")
    return _printed(project, "plan", "--since", "main", "--offline")


def _printed(project: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(  # noqa: S603 - our own words
        (_VENV / "bin/factory", *words),
        cwd=project,
        env={**os.environ, "COLUMNS": "98", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != code:
        raise RuntimeError(f"factory {' '.join(words)} ended with {done.returncode}")
    return done.stdout.replace(str(_VENV), ".venv").lstrip("\n")


_SCENES: Mapping[str, Callable[[Path, int], str]] = {
    "make run": _run,
    "factory check": _check,
    "factory check, with mistakes": _mistakes,
    "factory plan --since main --offline": _since,
}


NAMES = tuple(_SCENES)


if __name__ == "__main__":
    main()
