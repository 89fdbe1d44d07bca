"""What users put into their CI works: the hook of pre-commit, and the action for pull requests."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from factory.cli.arguments import build_parser
from tests.cli.conftest import ROOT, Folder

ACTION = ROOT / "docs/examples/github-action.yml"
_HOOK_PARTS = (
    "factory", "schemas", "setup.py", "pyproject.toml", "README.md", "LICENSE",
    ".pre-commit-hooks.yaml",
)  # fmt: skip
_GH = """\
import json, os, sys
from pathlib import Path

import jq

words = sys.argv[1:]
state = Path(os.environ["COMMENTS"])
comments = json.loads(state.read_text())
body = Path("comment.md").read_text()
if "POST" in words:
    assert "repos/me/mine/issues/7/comments" in words and "body=@comment.md" in words
    comments.append({"id": 100 + len(comments), "user": {"type": "Bot"}, "body": body})
elif "PATCH" in words:
    [address] = [word for word in words if "issues/comments/" in word]
    [comment] = [c for c in comments if address == f"repos/me/mine/issues/comments/{c['id']}"]
    comment["body"] = body
else:
    for found in jq.compile(words[words.index("--jq") + 1]).input(comments):
        print(found)
state.write_text(json.dumps(comments))
"""


def test_the_hook_runs_in_pre_commit(
    project: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ours = tmp_path_factory.mktemp("factory")
    for part in _HOOK_PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, ours / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, ours / part)
    revision = commit(ours)
    config = {"repos": [{"repo": str(ours), "rev": revision, "hooks": [{"id": "factory-check"}]}]}
    project.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    commit(project.root)
    home = tmp_path_factory.mktemp("pre-commit")

    project.write("notes.txt", "nothing for us\n")
    assert "no files to check)Skipped" in pre_commit(project, home, "notes.txt").stdout
    project.write("pipelines/covid.yaml", "source: {kaggel: a/b}\nbucket: b-bucket\ntable: a.b\n")
    failed = pre_commit(project, home, "pipelines/covid.yaml")
    assert failed.returncode == 1
    assert 'pipelines/covid.yaml:1:10: error[unknown-key]: unknown key "kaggel"' in failed.stdout
    project.write("pipelines/covid.yaml", "source: {kaggle: a/b}\nbucket: b-bucket\ntable: a.b\n")
    passed = pre_commit(project, home, "factory.yaml")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
    hook = next(home.glob("repo*/py_env-*/bin/factory"))
    assert str(hook.parent) in hook.read_text().splitlines()[0], "a program of its own was run"


def test_our_own_hooks_are_those_that_we_offer() -> None:
    for command, file in (("config", ".pre-commit-config.yaml"), ("manifest", _HOOK_PARTS[-1])):
        words = [sys.executable, "-m", "pre_commit", f"validate-{command}", str(ROOT / file)]
        assert subprocess.run(words, capture_output=True, text=True).stdout == ""
    [offered] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    own = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]
    assert own["entry"] == f".venv/bin/{offered['entry']}"
    assert (own["id"], own["files"]) == (offered["id"], offered["files"])
    for file in ("factory.yaml", "pipelines/covid.yaml", "x/pipelines/a/b.yml"):
        assert re.search(offered["files"], file)


def test_the_action_types_only_what_the_factory_knows() -> None:
    documents = [ACTION.read_text(encoding="utf-8"), (ROOT / "docs/ci.md").read_text("utf-8")]
    found = [line for text in documents for line in re.findall(r"factory [a-z].*", text)]
    commands = [re.split(r"[`>#|]", line)[0] for line in found if re.match(r"factory \S+ -", line)]
    assert len(commands) > 6
    for command in commands:
        arguments = build_parser().parse_args(shlex.split(command)[1:])
        assert arguments.command in {"check", "plan", "schema"}, command


def test_the_action_is_one_and_may_do_no_more_than_it_must() -> None:
    action = yaml.load(ACTION.read_text(encoding="utf-8"), yaml.BaseLoader)
    assert set(action["on"]) == {"pull_request"}, "pull_request_target would hand out secrets"
    assert action["permissions"] == {"contents": "read", "pull-requests": "write"}
    steps = action["jobs"]["pipelines"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    for step in steps:
        assert "${{" not in step.get("run", ""), "a branch's name would become part of a script"


def test_the_action_keeps_one_comment_up_to_date(project: Folder) -> None:
    commit(project.root)
    old = [
        {"id": 1, "user": {"type": "User"}, "body": "<!-- factory plan -->\nquoted by somebody"},
        {"id": 2, "user": {"type": "Bot"}, "body": "of another bot"},
    ]
    project.write("comments.json", json.dumps(old))
    for schedule in ("0 3 * * *", "0 4 * * *"):
        covid = (project.root / "pipelines/covid.yaml").read_text()
        new = re.sub(r"(?m)^schedule: .*$", f'schedule: "{schedule}"', covid)
        project.write("pipelines/covid.yaml", new)
        for name in ("Check", "Plan", "Comment"):
            run_step(project, name)
    comments = json.loads((project.root / "comments.json").read_text())
    assert comments[:2] == old
    [ours] = comments[2:]
    assert ours["body"].startswith("<!-- factory plan -->\n")
    assert "04:00 UTC" in ours["body"]
    assert "03:00 UTC" not in ours["body"]


def run_step(project: Folder, name: str) -> None:
    """Run a step of the action as a runner does, with a gh that keeps comments in a file."""
    programs = project.root / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "gh.py").write_text(_GH)
    (programs / "gh").write_text(f'#!/bin/sh\nexec {sys.executable} {programs}/gh.py "$@"\n')
    (programs / "gh").chmod(0o755)
    steps = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["jobs"]["pipelines"]["steps"]
    [step] = [step for step in steps if step.get("name") == name]
    env = {
        **{key: given(value) for key, value in step.get("env", {}).items()},
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(project.root / "summary.md"),
        "COMMENTS": str(project.root / "comments.json"),
    }
    done = run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], project.root, env)
    assert done.returncode == 0, done.stdout + done.stderr


def given(value: str) -> str:
    """What the action's expressions stand for here."""
    known = {
        "origin/${{ github.base_ref }}": "HEAD",
        "${{ github.token }}": "none",
        "${{ github.repository }}": "me/mine",
        "${{ github.event.pull_request.number }}": "7",
    }
    return known[value]


def pre_commit(project: Folder, home: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Run the hooks on files. Its packages are those of this Python, so that nothing is fetched."""
    env = {
        "PRE_COMMIT_HOME": str(home),
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "false",  # which is pip's way to say: do not isolate
    }
    words = [sys.executable, "-m", "pre_commit", "run", "--color=never", "--files", *files]
    return run(words, project.root, env)


def commit(folder: Path) -> str:
    """Make the folder a repository with one commit; its revision."""
    who = ["-c", "user.name=ana", "-c", "user.email=ana@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "all"]):
        done = run(["git", *words], folder)
        assert done.returncode == 0, done.stderr
    return run(["git", "rev-parse", "HEAD"], folder).stdout.strip()


def run(
    words: list[str], folder: Path, env: Mapping[str, Any] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder; `env` over the environment without git's own variables."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        words, cwd=folder, env={**inherited, **env}, capture_output=True, text=True, timeout=200
    )
