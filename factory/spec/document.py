"""A file of the project on its way from text to spec."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from factory.spec.marks import Mark
from factory.spec.model import PipelineSpec
from factory.spec.nodes import Entry, MapNode, Node, find, items_at, plain
from factory.spec.parts import part
from factory.spec.problems import Problem
from factory.spec.schemas import SchemaName
from factory.spec.shape import Place, fill, walk


@dataclass(frozen=True)
class Document:
    """A file with its tree: short forms written out, over its defaults, variables in place.

    What only the schema says is not in it: see `values` and `filled`. `typed` is the tree before
    defaults and variables. `part` is the definition of the schema that the file answers to;
    None: all of it. A file of defaults answers to "pipeline". `merged` is `typed` over `layers`,
    the typed defaults that hold for it, nearest last. `disputed` may be false only if no reader
    of YAML takes a part of them all otherwise.
    """

    file: str
    tree: MapNode
    typed: MapNode
    schema: SchemaName = "pipeline"
    part: str | None = None
    merged: MapNode | None = None
    layers: tuple[MapNode, ...] = ()
    disputed: bool = True

    @property
    def is_pipeline(self) -> bool:
        """Whether this is a whole pipeline, not the project file and not defaults."""
        return self.schema == "pipeline" and self.part is None

    @cached_property
    def plain(self) -> Any:
        """The tree as plain values."""
        return plain(self.tree)

    @property
    def values(self) -> Any:
        """The same with the schema's defaults, to be read only: what a spec is made from."""
        return part(self.schema).complete(self.plain)

    @property
    def filled(self) -> Node:
        """The tree with the schema's defaults."""
        return fill(self.tree, part(self.schema))

    def nodes(self) -> Sequence[Place]:
        """Every node with its path and its part of the schema; free keys are left out."""
        return walk(self.tree, part(self.schema))

    @cached_property
    def columns(self) -> Sequence[MapNode]:
        """Every column of a contract that is a mapping."""
        return self._mappings("columns")

    @cached_property
    def checks(self) -> Sequence[MapNode]:
        """Every item of a list of checks that is a mapping."""
        return self._mappings("checks")

    def _mappings(self, key: str) -> Sequence[MapNode]:
        places = (self.tree, *self.tables())
        found = (item for place in places for item in items_at(place, key))
        return [item for item in found if isinstance(item, MapNode)]

    @cached_property
    def stem(self) -> str:
        """The file's name without its ending: what a pipeline is called by default."""
        return self.file.rpartition("/")[2].rpartition(".")[0]

    def tables(self) -> tuple[Node, ...]:
        """The table, or tables, of a pipeline."""
        table = self.tree.get("table")
        return ((table,) if table is not None else ()) + items_at(self.tree, "tables")

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
