"""From the tree of the project file to its dataclasses, whatever is wrong with it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from factory.spec.document import Document
from factory.spec.marks import Mark
from factory.spec.model import BucketTarget, FactorySpec, TargetSpec, WarehouseTarget
from factory.spec.nodes import Entry, ListNode, MapNode, Node, find, mapping, plain
from factory.spec.parts import part
from factory.spec.problems import Problem
from factory.spec.shape import fill
from factory.spec.variables import has_variable

_Places: TypeAlias = Sequence[tuple[int, int]]  # lines and columns, in order


def build_factory(root: str, document: Document, problems: tuple[Problem, ...]) -> FactorySpec:
    """The project's settings. What has a problem counts as not written, down to a target.

    `default_target` stays as typed: a mistyped one must not send rows to another place.
    """
    bad = sorted({(p.mark.line, p.mark.column) for p in problems if p.severity == "error"})
    kept = (e for e in document.tree.entries if e.name == "targets" or not _touched(e, bad))
    node = fill(mapping(kept, document.tree.mark), part("factory"))
    tree: Any = plain(node)
    typed = find(document.tree, "default_target")
    return FactorySpec(
        root=root,
        pipelines=tree["pipelines"],
        on_invalid=tree["on_invalid"],
        default_target=str(plain(typed) if typed is not None else tree["default_target"]),
        targets=_targets(node, bad),
        kaggle_api_endpoint=_endpoint(tree["kaggle"]["api_endpoint"]),
        http_allow_private=tuple(tree["http"]["allow_private"]),
        **_dagster_url(tree["dagster"]["url"]),
    )


def _targets(tree: Node, bad: _Places) -> tuple[TargetSpec, ...]:
    targets = find(tree, "targets")
    entries = targets.entries if isinstance(targets, MapNode) else ()
    return tuple(_target(entry) for entry in entries if not _touched(entry, bad))


def _target(entry: Entry) -> TargetSpec:
    node: Any = plain(entry.value)
    bucket, warehouse = node["bucket"], node["warehouse"]
    return TargetSpec(
        name=entry.name,
        bucket=BucketTarget(
            type=bucket["type"],
            path=bucket.get("path"),
            project=bucket.get("project") or None,
            api_endpoint=bucket.get("api_endpoint") or None,
        ),
        warehouse=WarehouseTarget(
            type=warehouse["type"],
            path=warehouse.get("path"),
            project=warehouse.get("project") or None,
            location=warehouse.get("location") or None,
            api_endpoint=warehouse.get("api_endpoint") or None,
        ),
        mark=entry.key.mark,
    )


def _endpoint(text: str) -> str | None:
    """None is the service's own; so is a default that stands in for a broken section."""
    return None if not text or has_variable(text) else text


def _dagster_url(text: str) -> dict[str, str]:
    """Nothing for a default that stands in for a broken section."""
    return {} if has_variable(text) else {"dagster_url": text.rstrip("/")}


def _touched(entry: Entry, bad: _Places) -> bool:
    """Whether a problem lies in the key or its value, which an alias may take from elsewhere."""
    end = entry.value.mark
    whole = entry.key.mark._replace(end_line=end.end_line, end_column=end.end_column)
    marks = (entry.key.mark, whole, *_marks(entry.value))
    return any(_any_in(bad, mark) for mark in marks)


def _marks(node: Node) -> Iterator[Mark]:
    yield node.mark
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield entry.key.mark
            yield from _marks(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _marks(item)


def _any_in(places: _Places, mark: Mark) -> bool:
    following = bisect_left(places, (mark.line, mark.column))
    return following < len(places) and places[following] <= (mark.end_line, mark.end_column)
