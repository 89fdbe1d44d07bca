"""What people install is whole: schemas, types, the command, and it works from any folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.conftest import ROOT, Folder

_PARTS = ("factory", "schemas", "setup.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that nothing is left in the tree. Needs no network."""
    folder = tmp_path_factory.mktemp("build")
    ignored = shutil.ignore_patterns("__pycache__")
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = (folder / "dist").glob("*.whl")
    return built


def test_the_wheel_carries_schemas_and_types(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    assert {
        "factory/py.typed",
        "factory/schemas/pipeline.schema.json",
        "factory/schemas/factory.schema.json",
        "factory/schemas/defaults.schema.json",
        "factory/cli/main.py",
        "factory/spec/rules/__init__.py",
    } <= names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"factory"}


def test_the_installed_command_works_from_another_folder(
    wheel: Path, project: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    [packages] = home.glob("lib/python*/site-packages")
    # The dependencies are borrowed from here; a .pth in a borrowed folder has no effect, so the
    # factory itself can only come from the wheel.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--no-deps"]
    subprocess.run([*command, str(wheel)], check=True, cwd=home)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for words in (["check"], ["schema", "factory"], ["plan", "--offline", "covid"]):
        done = subprocess.run(
            [home / "bin" / "factory", *words],
            cwd=project.root,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    where = subprocess.run(
        [python, "-c", "import factory; print(factory.__file__)"],
        cwd=project.root,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(home)
