"""Which files make up a project, and their texts."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from factory.spec.marks import Mark
from factory.spec.model import TrialSpec
from factory.spec.nodes import text_at
from factory.spec.problems import Problem
from factory.spec.reader import read
from factory.spec.schemas import keys

PROJECT_FILE = "factory.yaml"
_ENDINGS = (".yaml", ".yml")
_DEFAULTS = "_defaults"
_HIDDEN = re.compile(r"(^|/)(\.|_[^/]*$)")  # in a hidden folder, or a file that is no pipeline


def read_texts(
    root: Path, settings: str | None = None
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The texts of the project's files by relative path, and the files that cannot be read.

    `settings` is taken for the text of the project file, whatever lies on the disk.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    if settings is not None:
        texts[PROJECT_FILE] = settings
    elif (root / PROJECT_FILE).exists():
        _read_into(texts, problems, root, PROJECT_FILE)
    folder, mark = _named_folder(texts)
    if mark is not None and not (root / folder).is_dir():
        # else a slip in one name would delete every pipeline without a word
        problems.append(Problem("unreadable-file", f"there is no folder {folder}", mark))
    for name in _yaml_files(root, folder):
        _read_into(texts, problems, root, name)
    return texts, tuple(problems)


def pipelines_folder(texts: dict[str, str]) -> str:
    """The folder of the pipelines, relative to the root, as the project file names it."""
    return _named_folder(texts)[0]


def _named_folder(texts: dict[str, str]) -> tuple[str, Mark | None]:
    """The folder, and where it is named if it is not the usual one."""
    default = str(keys("factory")["properties"]["pipelines"]["default"])
    text = texts.get(PROJECT_FILE)
    node = None if text is None else text_at(read(PROJECT_FILE, text).tree, "pipelines")
    folder = default if node is None else clean(str(node.value))
    return folder, None if node is None or folder == default else node.mark


def pipeline_files(names: Iterable[str], folder: str) -> tuple[str, ...]:
    """Those of `names` that hold pipelines, sorted."""
    found = [
        name
        for name in names
        if _inside(name, folder) and name.endswith(_ENDINGS) and not _HIDDEN.search(name)
    ]
    return tuple(sorted(found))


def defaults_files(names: Iterable[str], folder: str) -> tuple[str, ...]:
    """Those of `names` that hold defaults for their folder, sorted."""
    return tuple(sorted(name for name in names if _inside(name, folder) and is_defaults(name)))


def is_defaults(name: str) -> bool:
    """Whether a file of that name holds defaults for its folder."""
    return name.endswith(_ENDINGS) and name.rpartition("/")[2].rpartition(".")[0] == _DEFAULTS


def missing_files(root: Path, tests: Iterable[TrialSpec]) -> Iterator[Problem]:
    """A warning for each file of a test that is not there: the pipeline itself goes on."""
    for test in tests:
        for file in test.given:
            if file.path is not None and not (root / file.path).is_file():
                message = f'there is no file "{file.path}"'
                notes = ("paths begin where factory.yaml is",)
                mark, label = file.mark, "this file of the test"
                yield Problem(
                    "unreadable-file", message, mark, label, notes=notes, severity="warning"
                )


def clean(folder: str) -> str:
    """A folder's name with forward slashes, without `./` and a slash at the end."""
    return str(PurePosixPath(folder.replace("\\", "/")))


def _inside(name: str, folder: str) -> bool:
    return name != PROJECT_FILE and (folder == "." or name.startswith(f"{folder}/"))


def _yaml_files(root: Path, folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(root / folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(os.path.relpath(place, root)).as_posix()
        for name in sorted(files):
            if name.endswith(_ENDINGS) and not name.startswith("."):
                yield name if inside == "." else f"{inside}/{name}"


def _read_into(texts: dict[str, str], problems: list[Problem], root: Path, name: str) -> None:
    mark = Mark(name, 1, 1, 1, 1)
    try:
        with open(os.path.join(root, name), "rb") as file:  # noqa: PTH118, PTH123 - twice as fast
            texts[name] = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        notes = (f"byte {error.start + 1} is not UTF-8; save the file as UTF-8",)
        problems.append(Problem("unreadable-file", "the file is not UTF-8", mark, notes=notes))
    except OSError as error:
        message = f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}"
        problems.append(Problem("unreadable-file", message, mark))
