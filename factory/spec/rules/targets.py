"""unknown-target, unknown-key, missing-key: the targets of the project file."""

from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.near import nearest, one_of
from factory.spec.nodes import MapNode, Node, find, text_at
from factory.spec.problems import Problem

_KEYS = {
    "local": ("path",),
    "gcs": ("project", "api_endpoint"),
    "duckdb": ("path",),
    "bigquery": ("project", "location", "api_endpoint"),
}


def problems(document: Document) -> Iterator[Problem]:
    """The default target is one of them, and each has the keys of its kind."""
    targets = document.tree.get("targets")
    if document.schema != "factory" or not isinstance(targets, MapNode):
        return
    yield from _default(document, targets)
    for target in targets.entries:
        for part in ("bucket", "warehouse"):
            yield from _kind(find(target.value, part), f"{target.name}.{part}")


def _default(document: Document, targets: MapNode) -> Iterator[Problem]:
    node = text_at(document.tree, "default_target")
    names = [entry.name for entry in targets.entries]
    if node is None or node.value in names or not names or "${" in str(node.value):
        return
    near = nearest(str(node.value), names)
    label = f'did you mean "{near}"?' if near else ""
    message = f'no target is called "{node.value}"'
    help_text = f"write default_target: {near or names[0]}"
    notes = (f"there is {one_of(names)}",)
    yield Problem("unknown-target", message, node.mark, label, help=help_text, notes=notes)


def _kind(node: Node | None, name: str) -> Iterator[Problem]:
    kind = text_at(node, "type")
    allowed = _KEYS.get(str(kind.value)) if kind is not None else None
    if allowed is None or kind is None or not isinstance(node, MapNode):
        return
    known = {key for keys in _KEYS.values() for key in keys}
    for entry in node.entries:
        if entry.name in known and entry.name not in allowed:
            message = f'{name} of type {kind.value} has no key "{entry.name}"'
            notes = (f"allowed here: type, {', '.join(allowed)}",)
            yield Problem("unknown-key", message, entry.key.mark, notes=notes)
    if "path" in allowed and node.entry("path") is None:
        message = f'the key "path" is missing in {name}'
        help_text = "for example path: .factory/data"
        yield Problem("missing-key", message, kind.mark, 'no "path" here', help=help_text)
