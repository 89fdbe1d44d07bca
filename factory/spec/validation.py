"""Runs jsonschema over a document, and hands each of its errors to the rule that words it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from factory.spec.acceptance import acceptance
from factory.spec.document import Document
from factory.spec.marks import Mark
from factory.spec.nodes import MapNode, Node, Path, ScalarNode, find
from factory.spec.problems import Problem
from factory.spec.schemas import Schema, schema, validator

if TYPE_CHECKING:
    from jsonschema import ValidationError


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place where a document and its schema differ. `keyword` is the schema's word for it."""

    document: Document
    path: Path
    node: Node
    keyword: str
    part: Schema
    wanted: Any  # the value of the keyword

    @property
    def mark(self) -> Mark:
        """The value; for a mapping, its key."""
        if isinstance(self.node, ScalarNode):
            return self.node.mark
        return self.document.key_mark(*self.path) if self.path else self.node.mark

    @property
    def section(self) -> str:
        """The nearest key above, for sentences: `in source`; empty at the top of a file.

        Of a short form it is the key that was typed, not the one that it stands for.
        """
        path = self.path
        if path and isinstance(path[-1], str) and self.document.key_mark(*path) == self.node.mark:
            path = path[:-1]
        return next((str(step) for step in reversed(path) if isinstance(step, str)), "")


Wording = Callable[[Misfit], Iterator[Problem]]


def misfits(document: Document) -> Iterator[Misfit]:
    """Every place where the document and its schema differ."""
    value = document.plain
    if acceptance(document.schema, document.part)(value):
        return
    for error in validator(document.schema, document.part).iter_errors(value):
        yield from _from_error(document, error)


def _from_error(document: Document, error: "ValidationError") -> Iterator[Misfit]:
    path = tuple(error.absolute_path)
    node = find(document.tree, *path)
    if node is None:
        return
    nested = list(_of_the_kind(error, node)) if error.validator == "anyOf" else []
    if nested:
        for inner in nested:
            yield from _from_error(document, inner)
        return
    part = error.schema if isinstance(error.schema, Mapping) else {}
    yield Misfit(document, path, node, str(error.validator), part, error.validator_value)


def _of_the_kind(error: "ValidationError", node: Node) -> Iterator["ValidationError"]:
    """Of several forms, the errors of the one that was meant: the one with the node's kind."""
    if not isinstance(node, MapNode):
        return
    forms: Any = error.validator_value
    for inner in error.context or ():
        option = inner.schema_path[0]
        if isinstance(option, int) and "$ref" in forms[option]:
            yield inner


def allowed_keys(part: Schema) -> tuple[str, ...]:
    """The keys that a mapping may have, in the schema's order."""
    return tuple(part.get("properties", {}))


def sections_of(key: str) -> tuple[str, ...]:
    """Where in a pipeline a key has its place, for one that stands elsewhere."""
    definitions = schema("pipeline")["$defs"]
    return tuple(name for name, part in definitions.items() if key in part.get("properties", {}))
