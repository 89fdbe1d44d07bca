"""bad-prefix: where a version lies in the bucket."""

import re
from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.near import nearest
from factory.spec.nodes import ScalarNode, text_at
from factory.spec.problems import Problem

_FIELDS = ("pipeline", "source_version")
_OTHER_WORDS = {"name": "pipeline", "version": "source_version", "date": "source_version"}
_FIELD = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}]")
_GOOD = "raw/{pipeline}/v={source_version}"


def problems(document: Document) -> Iterator[Problem]:
    """Each version has a folder of its own, so {source_version} must be in the prefix."""
    node = text_at(document.tree, "bucket", "prefix")
    if node is None or "${" in str(node.value):
        return
    found = [*_fields(node, str(node.value)), *_path(node, str(node.value))]
    yield from found
    if not found and "{source_version}" not in str(node.value):
        text = str(node.value).rstrip("/")
        fix = f'write prefix: "{text}/v={{source_version}}"'
        message = "a prefix needs {source_version}: landed versions may not overwrite each other"
        yield Problem("bad-prefix", message, node.mark, "no {source_version}", help=fix)


def _fields(node: ScalarNode, text: str) -> Iterator[Problem]:
    for match in _FIELD.finditer(text):
        if match[1] not in _FIELDS:
            near = nearest(match[1], _FIELDS)
            label = f"did you mean {{{near}}}?" if near else ""
            message = f"a prefix has {{pipeline}} and {{source_version}}, not {match[0]}"
            mark = node.part(match.start(), match.end())
            other = near or _OTHER_WORDS.get(match[1])
            fix = f"write {{{other}}}" if other else None
            yield Problem("bad-prefix", message, mark, label, help=fix)
    brace = _BRACE.search(_FIELD.sub("", text))
    if brace:
        message = f"a {brace[0]} without its other half"
        yield Problem("bad-prefix", message, node.mark, help=f'write prefix: "{_GOOD}"')


def _path(node: ScalarNode, text: str) -> Iterator[Problem]:
    parts = text.strip("/").split("/")
    bad = text.startswith("/") or "" in parts or any(part in {".", ".."} for part in parts)
    if bad or not text.isprintable() or "\\" in text or len(text) > 500:
        message = (
            "a prefix is a path of folders: no / in front, no empty part, none of . and .. in it"
        )
        yield Problem("bad-prefix", message, node.mark, help=f'write prefix: "{_GOOD}"')
