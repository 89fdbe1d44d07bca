"""A file of the project on its way from text to spec."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from factory.spec.marks import Mark
from factory.spec.model import PipelineSpec
from factory.spec.nodes import Entry, MapNode, Node, find
from factory.spec.parts import part
from factory.spec.problems import Problem
from factory.spec.schemas import SchemaName
from factory.spec.shape import Place, walk


@dataclass(frozen=True)
class Document:
    """A file with its tree: short forms written out, variables and defaults in place.

    `typed` is the tree before defaults and variables. `part` is the definition of the schema
    that the file answers to; None: all of it. A file of defaults answers to "pipeline".
    `merged` is `typed` over `layers`, the typed defaults that hold for it, nearest last.
    """

    file: str
    tree: MapNode
    typed: MapNode
    schema: SchemaName = "pipeline"
    part: str | None = None
    merged: MapNode | None = None
    layers: tuple[MapNode, ...] = ()

    @property
    def is_pipeline(self) -> bool:
        """Whether this is a whole pipeline, not the project file and not defaults."""
        return self.schema == "pipeline" and self.part is None

    @cached_property
    def nodes(self) -> Sequence[Place]:
        """Every node with its path and its part of the schema; free keys are left out."""
        return walk(self.tree, part(self.schema))

    @cached_property
    def columns(self) -> Sequence[MapNode]:
        """Every column of a contract that is a mapping."""
        return [
            node
            for path, node, _ in self.nodes
            if len(path) >= 2 and path[-2] == "columns" and isinstance(node, MapNode)
        ]

    @cached_property
    def stem(self) -> str:
        """The file's name without its ending: what a pipeline is called by default."""
        return PurePosixPath(self.file).stem

    def tables(self) -> tuple[Node, ...]:
        """The table, or tables, of a pipeline."""
        table, tables = self.tree.get("table"), find(self.tree, "tables")
        several = getattr(tables, "items", ())
        return ((table,) if table is not None else ()) + tuple(several)

    def key_mark(self, *path: str | int) -> Mark:
        """Where the key of the value at `path` was typed; for a list item, the item."""
        *head, last = path or ("",)
        parent = find(self.tree, *head)
        entry: Entry | None = parent.entry(str(last)) if isinstance(parent, MapNode) else None
        if entry is not None:
            return entry.key.mark
        found = find(self.tree, *path)
        return self.tree.mark if found is None else found.mark


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pipeline file and what has become of it. `spec` is None if the file has errors."""

    file: str
    name: str
    name_mark: Mark
    document: Document | None
    spec: PipelineSpec | None
    problems: tuple[Problem, ...]
