"""The schemas as walks over a tree need them: references followed and forms told apart, once."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from factory.spec.nodes import ListNode, MapNode, Node, ScalarNode
from factory.spec.schemas import Schema, SchemaName, keys, resolve, schema

_DEEP = {dict, list}


class Part:
    """What may stand in one place. `words` is the part of the schema that says so.

    Everything else is worked out when it is first asked for, and kept.
    """

    def __init__(self, words: Schema, root: Schema) -> None:
        self.words, self._root = resolve(words, root)

    @cached_property
    def children(self) -> Mapping[str, "Part"]:
        """The parts of the keys that the schema names."""
        return {key: self._part(words) for key, words in self.words.get("properties", {}).items()}

    @cached_property
    def others(self) -> "Part | None":
        """The part of every other key; None if others are not allowed, or free."""
        words = self.words.get("additionalProperties")
        return self._part(words) if isinstance(words, dict) else None

    @cached_property
    def items(self) -> "Part | None":
        """The part of the items of a list."""
        return self._part(self.words["items"]) if "items" in self.words else None

    @cached_property
    def defaults(self) -> tuple[tuple[str, object], ...]:
        """The keys that have a value where they are not written, with that value."""
        found = self.children.items()
        return tuple((k, part.words["default"]) for k, part in found if "default" in part.words)

    @cached_property
    def _missing(self) -> Mapping[str, object]:
        """The defaults, with all that belongs into them."""
        return {key: self.children[key].complete(default) for key, default in self.defaults}

    def complete(self, value: Any) -> Any:
        """Plain values with the defaults in place. Those are shared, so nobody may change them."""
        if type(value) is dict:
            form = self.of_map
            given = {
                key: (form.child(key) or ANYTHING).complete(item) if type(item) in _DEEP else item
                for key, item in value.items()
            }
            return {**form._missing, **given}
        items = self.of_list.items if type(value) is list else None
        return value if items is None else [items.complete(item) for item in value]

    @cached_property
    def of_map(self) -> "Part":
        """Of several forms the one for a mapping."""
        return self._form("object")

    @cached_property
    def of_list(self) -> "Part":
        """Of several forms the one for a list."""
        return self._form("array")

    @cached_property
    def short(self) -> type[Node] | None:
        """The kind of node that is short for a mapping; None if there is no short form."""
        if "x-short" not in self.words:
            return None
        return ScalarNode if self.of_list is self else ListNode

    def form(self, node: Node) -> "Part":
        """Of several forms the one that has the kind of `node`."""
        kind = type(node)
        if kind is ScalarNode:
            return self
        return self.of_map if kind is MapNode else self.of_list

    def child(self, key: str) -> "Part | None":
        """The part of the value of `key`; None if the key is free or unknown."""
        found = self.children.get(key)
        return found if found is not None or key.startswith("x-") else self.others

    def _form(self, kind: str) -> "Part":
        forms = map(self._part, self.words.get("anyOf", ()))
        return next((form for form in forms if form.words.get("type") == kind), self)

    def _part(self, words: Schema) -> "Part":
        return Part(words, self._root)


ANYTHING = Part({}, {})


@cache
def part(name: SchemaName) -> Part:
    """The part that lists every key of a file, with no word about which must be there."""
    return Part(keys(name), schema(name))
