"""What an image is made of: packages that are pinned and held against hashes, and no root."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock")
DEPLOY = ROOT / "docs" / "examples" / "deploy"


def locked(file: str) -> dict[str, tuple[str, int]]:
    """Each package of a lock: its version, and how many hashes it may have."""
    entries = re.split(r"\n(?=\S)", (ROOT / file).read_text())
    found = {}
    for entry in entries:
        name, version = re.match(r"([\w.-]+)==([\w.+!]+)", entry).groups()  # type: ignore[union-attr]  # it would fail
        found[canonicalize_name(name)] = (version, entry.count("--hash=sha256:"))
    return found


def test_every_dependency_is_pinned_with_hashes() -> None:
    """If this fails: make lock."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = asked["project"]
    wanted = {
        LOCKS[0]: [*project["dependencies"], *project["optional-dependencies"]["postgres"]],
        LOCKS[1]: asked["build-system"]["requires"],
    }
    for file, requirements in wanted.items():
        pins = locked(file)
        for requirement in map(Requirement, requirements):
            version, hashes = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement
            assert hashes
        assert all(hashes for _, hashes in pins.values())


@pytest.mark.parametrize("file", LOCKS)
def test_the_lock_names_no_place_to_load_from(file: str) -> None:
    text = (ROOT / file).read_text()
    assert re.search(r"://|--(extra-)?index|--find-links|@ ", text) is None


def test_the_image_takes_only_what_is_locked_and_runs_without_root() -> None:
    steps = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    installs = [
        call
        for step in steps
        for call in step.split("&&")
        if re.search(r"pip\s+(install|wheel)", call)
    ]
    for install in installs:
        assert "--no-deps" in install
        assert re.search(
            r"--require-hashes .*-r /src/requirements\S*\.lock| /src | /wheels/", install
        )
    users = [step for step in steps if step.startswith("USER ")]
    assert users == ["USER 10001"]
    assert steps.index(users[0]) < next(i for i, step in enumerate(steps) if step.startswith("CMD"))


def test_the_lock_is_audited_on_each_change_and_every_week() -> None:
    work = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text())
    when = work[True]  # YAML 1.1 takes the key `on` for a truth value
    assert {"push", "pull_request", "schedule"} <= set(when)
    assert {"run": "make audit"} in work["jobs"]["audit"]["steps"]
    assert work["permissions"] == {"contents": "read"}
    recipe = (ROOT / "Makefile").read_text().partition("\naudit:")[2].partition("\n\n")[0]
    assert "pip-audit --require-hashes --disable-pip" in recipe
    assert all(f"-r {file}" in recipe for file in LOCKS)


def test_the_service_is_open_to_its_own_machine_only() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:3000:3000"]
    for name in ("code", "daemon", "webserver"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"]


def test_the_services_instance_is_the_projects_but_for_its_storage() -> None:
    own = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    deployed = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    for only in ("storage", "local_artifact_storage", "compute_logs"):
        own.pop(only)
    storage = deployed.pop("storage")
    assert deployed == own
    assert storage["postgres"]["postgres_db"]["password"] == {"env": "DAGSTER_PG_PASSWORD"}
