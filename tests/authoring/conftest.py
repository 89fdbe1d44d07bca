"""An empty project in a folder of its own, the commands typed in it, and its tables loaded."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from factory.cli import main
from factory.ingest.landing import land
from factory.ingest.loading import load_table
from factory.plan import PipelinePlan, plan_pipeline
from factory.spec.model import PipelineSpec
from factory.spec.project import load_project
from factory.wiring import make_bucket, make_source, make_warehouse
from tests.loopback.http import ALLOWED, LoopbackWeb
from tests.loopback.kaggle import LoopbackKaggle

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Studio:
    """A project on disk, and what a person does in it."""

    root: Path
    captured: pytest.CaptureFixture[str]

    def type(self, *words: str) -> Result:
        """Run a command line in this process."""
        self.captured.readouterr()
        code = main(words)
        said = self.captured.readouterr()
        return Result(code, said.out, said.err)

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file there."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, name: str) -> str:
        """A file's text, its line ends as they are."""
        return (self.root / name).read_bytes().decode()

    def spec(self, name: str) -> PipelineSpec:
        """The pipeline of that name; the whole project must have no problem."""
        project = load_project(self.root, os.environ)
        assert not project.problems, project.problems
        return next(spec for spec in project.specs if spec.name == name)

    def plan(self, name: str) -> PipelinePlan:
        """The pipeline on the local target."""
        target = load_project(self.root, os.environ).factory.target("local")
        assert target is not None
        return plan_pipeline(self.spec(name), target)

    def load(self, name: str, work: Path) -> dict[str, int]:
        """Fetch, land, check and publish as a run does; the rows by table."""
        settings = load_project(self.root, os.environ).factory
        plan = self.plan(name)
        source = make_source(plan, settings, os.environ, sample=None)
        bucket = make_bucket(plan, settings)
        warehouse = make_warehouse(plan.target, settings)
        work.mkdir()
        landing = land(plan, source, bucket, warehouse, work, _silent)
        rows = {}
        for table in plan.tables:
            given = (plan, table, landing.manifest, warehouse, bucket)
            loading = load_table(*given, newest=None, run_id="r", work=work, progress=_silent)
            assert loading.published, loading.checks
            rows[str(table.id)] = loading.rows
        return rows


def _silent(*_: object) -> None:
    """Nobody listens."""


@pytest.fixture
def studio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Studio:
    """A project without a pipeline; the current folder."""
    for name in [name for name in os.environ if name.startswith(("KAGGLE_", "FACTORY_", "GCP_"))]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "pipelines").mkdir()
    text = (ROOT / "factory.yaml").read_text(encoding="utf-8")
    (root / "factory.yaml").write_text(text + ALLOWED, encoding="utf-8")
    monkeypatch.chdir(root)
    return Studio(root, capsys)


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackKaggle]:
    with LoopbackKaggle() as server:
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb() as server:
        yield server


Load = Callable[[str], dict[str, int]]


@pytest.fixture
def load(studio: Studio, tmp_path: Path) -> Load:
    """Loads a pipeline of the studio."""
    return lambda name: studio.load(name, tmp_path / f"work-{name.replace('/', '-')}")
