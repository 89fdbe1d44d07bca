"""The project as it was at a revision of git, read without touching the working tree."""

import subprocess
from pathlib import Path

from factory.cli.exits import Stop
from factory.cli.suggest import did_you_mean
from factory.spec.files import PROJECT_FILE, pipelines_folder

_BLOBS = ("100644", "100755")  # files; a link is not followed into another revision
_ENDINGS = (".yaml", ".yml")
_FETCH = "git fetch --unshallow, or fetch-depth: 0 where a CI job checks out"


def texts_at(root: Path, revision: str) -> dict[str, str]:
    """The texts of the project's files at that revision, by path relative to `root`.

    Raises Stop, with what to type, if git or the revision is not there.
    """
    commit = _commit(root, revision)
    blobs = _blobs(root, commit)
    texts = _contents(root, {PROJECT_FILE: blobs[PROJECT_FILE]} if PROJECT_FILE in blobs else {})
    folder = pipelines_folder(texts)
    inside = {
        name: blob
        for name, blob in blobs.items()
        if name.endswith(_ENDINGS) and (folder == "." or name.startswith(f"{folder}/"))
    }
    return texts | _contents(root, inside)


def _commit(root: Path, revision: str) -> str:
    wanted = f"{revision}^{{commit}}"
    done = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if done.returncode == 0:
        return done.stdout.decode().split()[-1]
    inside = _git(root, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0:
        said = inside.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise Stop(
            f"--since needs a git repository around {root}",
            hint=said.removeprefix("fatal: ") or "leave --since out",
        )
    raise _unknown(root, revision)


def _unknown(root: Path, revision: str) -> Stop:
    message = f'git knows no revision "{revision}" here'
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        return Stop(f"{message}: this clone is shallow", hint=_FETCH)
    listed = _git(root, "for-each-ref", "--format=%(refname:short)").stdout.decode().split()
    if not listed:
        return Stop(message, hint="there is no commit yet")
    remote, slash, branch = revision.partition("/")
    if slash and revision not in listed and not any(r.startswith(f"{remote}/") for r in listed):
        return Stop(message, hint=f"git fetch {remote} {branch}")
    return Stop(message, hint=did_you_mean(revision, listed))


def _blobs(root: Path, commit: str) -> dict[str, str]:
    """The files below `root`, each with the name of its content."""
    listed = _git(root, "ls-tree", "-r", "-z", commit).stdout.decode(errors="surrogateescape")
    found = {}
    for line in filter(None, listed.split("\0")):
        about, _, name = line.partition("\t")
        mode, _, blob = about.split()
        if mode in _BLOBS:
            found[name] = blob
    return found


def _contents(root: Path, blobs: dict[str, str]) -> dict[str, str]:
    """The texts, all in one call. What is no UTF-8 keeps marks where the bytes were."""
    if not blobs:
        return {}
    asked = "".join(f"{blob}\n" for blob in blobs.values()).encode()
    answer = _git(root, "cat-file", "--batch", given=asked).stdout
    texts, at = {}, 0
    for name in blobs:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[-1])
        texts[name] = answer[end + 1 : end + 1 + size].decode("utf-8-sig", errors="replace")
        at = end + size + 2
    return texts


def _git(
    root: Path, *words: str, given: bytes | None = None
) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603 - the words are ours, a revision comes after an option that ends options
            ["git", "-C", str(root), *words],  # noqa: S607 - the git that people use
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as exc:
        raise Stop("--since needs git, which is not installed", hint="leave --since out") from exc
