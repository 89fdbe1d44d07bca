"""What a person typed as a source: a Kaggle page or name, a file, a glob, a web address."""

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from factory.errors import Permanent
from factory.redact import remember
from factory.sources.choosing import is_data
from factory.spec.model import SourceKind
from factory.spec.names import snake_case
from factory.spec.rules.secrets import secret_in

_KAGGLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9][A-Za-z0-9_.-]*")
_KAGGLE_HOSTS = {"kaggle.com", "www.kaggle.com"}
_ENDING = re.compile(
    r"\.(csv|tsv|tab|txt|json|jsonl|ndjson|parquet|xlsx|xls|zip|tar|tgz|gz|bz2|xz|zst)$", re.I
)
_SECRET_KEY = re.compile(r"token|key|secret|passw|pwd|signature|sig$|credential|auth", re.I)


@dataclass(frozen=True, slots=True)
class Address:
    """A source as it stands in a pipeline file.

    `secrets` are the variables that stand for what must not be in the file, with their values.
    `files` are those that the address itself asks for.
    """

    kind: SourceKind
    reference: str
    stem: str  # a name that the source suggests
    files: tuple[str, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def understand(typed: str, here: Path, root: Path) -> Address:
    """The source that `typed` means; relative paths begin at `here`, and are written from `root`.

    Raises Permanent if it means none.
    """
    text = typed.strip()
    if text.startswith("gs://"):
        bucket, _, prefix = text.removeprefix("gs://").partition("/")
        return Address("gcs", text, stem(prefix.rstrip("/*")) or stem(bucket))
    if "://" in text or text.startswith(("kaggle.com/", "www.kaggle.com/")):
        return _from_url(text)
    path = Path(text).expanduser()
    if not Path(here, path).exists() and _KAGGLE.fullmatch(text) and not _ENDING.search(text):
        return Address("kaggle", text, stem(text.partition("/")[2]))
    return _from_path(text, path, here, root)


def _from_url(text: str) -> Address:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or re.search(r"\s", text):
        raise Permanent(
            "that is no address that can be fetched",
            hint="it begins with https://, http:// or gs://; or give owner/dataset or a file",
        )
    if host in _KAGGLE_HOSTS:
        return _from_kaggle(parts.path, parts.query)
    name = stem(unquote(parts.path)) or stem(host)
    reference, secrets = _without_secrets(text, name)
    for secret in secrets.values():
        remember(secret)
    return Address("http", reference, name, secrets=secrets)


def _from_kaggle(path: str, query: str) -> Address:
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["datasets"]:
        parts = parts[1:]
    if len(parts) < 2 or not _KAGGLE.fullmatch("/".join(parts[:2])) or parts[0] in _NO_DATASETS:
        raise Permanent(
            "that page of Kaggle is no dataset",
            hint="a dataset's page is https://www.kaggle.com/datasets/owner/name; "
            "competitions and models are not read",
        )
    chosen = tuple(value for key, value in parse_qsl(query) if key == "select")
    return Address("kaggle", "/".join(parts[:2]), stem(parts[1]), chosen)


_NO_DATASETS = {"competitions", "c", "code", "models", "organizations", "docs", "datasets"}


def _from_path(text: str, path: Path, here: Path, root: Path) -> Address:
    whole = Path(os.path.abspath(Path(here, path)))  # noqa: PTH100 - resolve() would follow links
    if not whole.exists() and not glob.has_magic(text):
        raise Permanent(
            f'"{text}" is no file here, and no Kaggle dataset',
            hint="give owner/dataset, a file or glob, gs://bucket/folder/ or https://…",
        )
    if whole.is_file() and not is_data(whole.name):
        raise Permanent(
            f'"{text}" has no ending of a data file',
            hint="a CSV, TSV, JSON, Parquet or Excel file, or an archive of them",
        )
    inside = whole.is_relative_to(root)
    reference = whole.relative_to(root).as_posix() if inside else whole.as_posix()
    if "${" in reference:
        raise Permanent(f'"{text}" has ${{ in its name, which YAML files take for a variable')
    return Address("file", reference, stem(_fixed(whole)))


def _fixed(path: Path) -> str:
    """The file's name; of a glob, what it says before the first wildcard, else its folder."""
    begin = re.split(r"[*?\[]", path.name)[0].strip("-_. ")
    return begin if begin or path == path.parent else _fixed(path.parent)


def _without_secrets(text: str, name: str) -> tuple[str, dict[str, str]]:
    """The address with ${VAR} where it had a secret, and what the variables stand for."""
    secrets: dict[str, str] = {}
    for before, secret, after, what in _secret_parts(text):
        variable = f"{name.upper()}_{what}"
        secrets[variable] = secret
        text = text.replace(f"{before}{secret}{after}", f"{before}${{{variable}}}{after}", 1)
    found = secret_in(text)
    if found is not None:
        variable, (start, end) = f"{name.upper()}_SECRET", found
        secrets[variable] = text[start:end]
        text = f"{text[:start]}${{{variable}}}{text[end:]}"
    return text, secrets


def _secret_parts(text: str) -> Iterator[tuple[str, str, str, str]]:
    """What stands for itself as a secret in an address, between what; and a word for it."""
    parts = urlsplit(text)
    user, at, _ = parts.netloc.rpartition("@")
    name, colon, password = user.partition(":")
    if at and "${" not in user:
        yield (f"//{name}:", password, "@", "PASSWORD") if colon else ("//", name, "@", "USER")
    for pair in parts.query.split("&"):
        key, _, value = pair.partition("=")
        if value and "${" not in value and _SECRET_KEY.search(unquote(key)):
            yield f"{key}=", value, "", snake_case(unquote(key), 1).upper()


def stem(path: str) -> str:
    """A name of letters, digits and _ from the last part of a path; empty if there is none."""
    name = PurePosixPath(path).name
    while (bare := _ENDING.sub("", name)) != name:
        name = bare
    return snake_case(name, 1)[:60].strip("_") if re.search(r"[A-Za-z0-9]", name) else ""
