"""The golden pairs: a file or folder under tests/specs/bad, and what the factory says to it.

`<code>[-variant].yaml` is read as pipelines/covid.yaml; a folder is a whole project. The rendered
text lies beside it as `.out`; `tests/specs/mended` holds one of each code put right. To write the
texts again after a change of wording, and then to read the difference:

    FACTORY_REWRITE=1 python -m pytest tests/spec/test_golden.py
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from factory.spec.project import Project, parse_project

SPECS = Path(__file__).parents[1] / "specs"
ENV = {"COVID_BUKET": "my-bucket", "ALERT_URL": "json://localhost/", "HOME": "/home/ana"}
BASE = "source: {kaggle: owner/dataset}\nbucket: my-bucket\ntable: raw.covid\n"


@dataclass(frozen=True)
class Case:
    """A broken project; `code` is the problem that it is there for."""

    name: str
    texts: Mapping[str, str]
    out: Path

    def parse(self) -> Project:
        return parse_project("/project", self.texts, ENV)


def bad_cases() -> list[Case]:
    """All golden pairs, by name."""
    return _cases(SPECS / "bad")


def mended_cases() -> list[Case]:
    """One for each code: a golden pair's project, put right, under the same name."""
    return _cases(SPECS / "mended")


def _cases(folder: Path) -> list[Case]:
    found = [_of_file(path) for path in folder.glob("*.yaml")]
    found += [_of_folder(path) for path in folder.iterdir() if path.is_dir()]
    return sorted(found, key=lambda case: case.name)


def good_texts() -> dict[str, str]:
    """The files under tests/specs/good, by name."""
    return {path.stem: _read(path) for path in sorted((SPECS / "good").glob("*.yaml"))}


def one(text: str, *, env: Mapping[str, str] = ENV, **others: str) -> Project:
    """A project of one pipeline, covid, and perhaps other files by name."""
    files = {f"pipelines/{name}.yaml": content for name, content in others.items()}
    return parse_project("/project", {"pipelines/covid.yaml": text, **files}, env)


def codes(project: Project) -> list[str]:
    """The codes of all problems, in order."""
    return [problem.code for problem in project.problems]


def _of_file(path: Path) -> Case:
    return Case(path.stem, {"pipelines/covid.yaml": _read(path)}, path.with_suffix(".out"))


def _of_folder(path: Path) -> Case:
    files = [file for file in sorted(path.rglob("*")) if file.is_file()]
    texts = {file.relative_to(path).as_posix(): _read(file) for file in files}
    return Case(path.name, texts, path.parent / f"{path.name}.out")


def _read(path: Path) -> str:
    return path.read_bytes().decode()
