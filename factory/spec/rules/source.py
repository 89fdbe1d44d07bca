"""source-kind, bad-kaggle, bad-address: exactly one kind of source, and a reference that can be."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from factory.spec.document import Document
from factory.spec.layers import SOURCE_KINDS
from factory.spec.nodes import MapNode, ScalarNode, text_at
from factory.spec.problems import Problem, Related
from factory.spec.schemas import keys
from factory.spec.variables import has_variable

_KAGGLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9][A-Za-z0-9_.-]*")
_KAGGLE_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?kaggle\.com/(?:datasets/)?([A-Za-z0-9_-]+)/([A-Za-z0-9_.-]+)"
)
_NO_DATASETS = {"competitions", "c", "code", "models", "organizations", "docs"}
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(/\S*)?")  # most are; needs no parser
_GCS = re.compile(r"(gs://)?[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/.*)?")


def problems(document: Document) -> Iterator[Problem]:
    """Whatever is wrong with the kind and the reference of the source."""
    source = document.tree.get("source")
    if not isinstance(source, MapNode):
        return
    kinds = [entry for entry in source.entries if entry.name in SOURCE_KINDS]
    for entry in kinds[1:]:
        related = (Related(kinds[0].key.mark, "first written here"),)
        message = "a source has exactly one of kaggle, http, file and gcs"
        yield Problem("source-kind", message, entry.key.mark, "a second one", related=related)
    if not kinds and document.is_pipeline and not _has_unknown_key(source):
        yield Problem(
            "missing-key",
            "a source needs one of kaggle, http, file and gcs",
            document.key_mark("source"),
            "none of them here",
            help="for example source: {kaggle: owner/dataset}",
        )
    for kind, rule in _RULES.items():
        node = text_at(source, kind)
        if node is not None and not has_variable(str(node.value)) and "${" not in str(node.value):
            yield from rule(node, str(node.value))


def _has_unknown_key(source: MapNode) -> bool:
    """A mistyped kind is a problem already; that there is none would be said twice."""
    known = keys("pipeline")["properties"]
    allowed = {*known, *SOURCE_KINDS, "version", "files", "format", "when_unchanged"}
    return any(e.name not in allowed and not e.name.startswith("x-") for e in source.entries)


def _kaggle(node: ScalarNode, text: str) -> Iterator[Problem]:
    if _KAGGLE.fullmatch(text):
        return
    message = f'a Kaggle dataset is written owner/dataset, got "{text}"'
    page = _KAGGLE_PAGE.match(text)
    if page is None or page[1] in _NO_DATASETS:
        notes = ("only datasets are read, not competitions or models",) if page else ()
        note = "it is the end of the dataset's address, kaggle.com/datasets/owner/dataset"
        word = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", text)
        fix = f"for example kaggle: owner/{text}" if word else None
        yield Problem("bad-kaggle", message, node.mark, help=fix, notes=notes or (note,))
        return
    message = "a Kaggle dataset is written owner/dataset, not as the address of its page"
    yield Problem("bad-kaggle", message, node.mark, help=f"write kaggle: {page[1]}/{page[2]}")


def _http(node: ScalarNode, text: str) -> Iterator[Problem]:
    if _PLAIN_ADDRESS.fullmatch(text):
        return
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if good and not re.search(r"\s", text):
        return
    message = f'a web address begins with https:// or http://, got "{text}"'
    fix = f"write http: https://{text}" if re.fullmatch(r"[\w-]+(\.[\w-]+)+/\S*", text) else None
    yield Problem("bad-address", message, node.mark, help=fix)


def _gcs(node: ScalarNode, text: str) -> Iterator[Problem]:
    if not _GCS.fullmatch(text):
        message = f'Cloud Storage is written bucket/prefix or gs://bucket/prefix, got "{text}"'
        yield Problem("bad-address", message, node.mark, help="write gcs: gs://my-bucket/folder/")


def _file(node: ScalarNode, text: str) -> Iterator[Problem]:
    if not text.strip() or "://" in text:
        message = f'a file is a path or glob on this disk, got "{text}"'
        fix = f"write http: {text}" if text.startswith(("http://", "https://")) else None
        yield Problem("bad-address", message, node.mark, help=fix)


_RULES = {"kaggle": _kaggle, "http": _http, "gcs": _gcs, "file": _file}
