"""The quick yes never says yes to what jsonschema refuses, and says it to every good file."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from factory.spec import acceptance as quick
from factory.spec.acceptance import acceptance
from factory.spec.document import Document
from factory.spec.nodes import MapNode, plain
from factory.spec.parts import part
from factory.spec.reader import read
from factory.spec.schemas import SchemaName, schema, validator
from factory.spec.shape import expand, fill
from tests.spec.cases import bad_cases, good_texts
from tests.spec.test_schema import NAMES

ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 2.5, 21, 10**13, "", "a", "a\n", "1", "csv", "csv\n"),
    *("5m", "5m\n", "a/b", "ä", "${X}", [], ["a"], ["a", "a"], [1, 1.0], [True, 1], {}, {"a": 1}),
    *({"x-a": 1}, {"min": 1}, {"name": "a"}, [{"name": "a"}], [[]], {"max": "1"}, [{"a": 1}]),
]


def whole(name: SchemaName, text: str) -> Any:
    """The values of a file as the checker judges them; None if it cannot be read."""
    tree = read("a.yaml", text).tree
    if tree is None:
        return None
    node = fill(expand(tree, part(name)), part(name))
    assert isinstance(node, MapNode)
    return plain(Document("a.yaml", node, node).tree)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in items:
            yield from places(child, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def agree(name: SchemaName, value: Any) -> bool:
    """Whether the quick test said yes; jsonschema must agree then."""
    said = acceptance(name)(value)
    assert not said or validator(name).is_valid(value), value
    return said


@pytest.mark.parametrize("name", sorted(good_texts()))
def test_good_files_need_no_second_opinion(name: str) -> None:
    assert agree("pipeline", whole("pipeline", good_texts()[name]))


def test_files_that_the_schema_refuses_get_no_yes() -> None:
    texts = [text for case in bad_cases() for text in case.texts.values()]
    values = [whole("pipeline", text) for text in texts]
    said = [agree("pipeline", value) for value in values]
    assert any(said)
    assert not all(said)


@pytest.mark.parametrize("seed", range(4))
def test_odd_values_in_odd_places_get_a_yes_only_from_both(seed: int) -> None:
    choose = random.Random(seed)
    value = whole("pipeline", good_texts()["everything"])
    paths = list(places(value))
    said = []
    for _ in range(150):
        path, new = choose.choice(paths), choose.choice(ODD)
        said.append(agree("pipeline", changed(value, path, new)))
        parent = path[:-1]
        if path and isinstance(path[-1], str):
            more = {**_at(value, parent), choose.choice(["surplus", "x-surplus"]): new}
            said.append(agree("pipeline", changed(value, parent, more)))
    assert any(said)
    assert not all(said)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_of_the_schemas_is_known(name: SchemaName) -> None:
    """An unknown one would cost time in every file, and nobody would see it."""
    unknown = set(_keywords(schema(name))) - set(quick._KEYWORDS) - quick._SILENT
    assert {keyword for keyword in unknown if not keyword.startswith("x-")} == set()


def _keywords(part: Any) -> Iterator[str]:
    if not isinstance(part, dict):
        return
    yield from part
    for keyword, inner in part.items():
        if keyword in {"properties", "$defs", "patternProperties", "dependentSchemas"}:
            for child in inner.values():
                yield from _keywords(child)
        elif keyword in {"anyOf", "allOf"}:
            for child in inner:
                yield from _keywords(child)
        elif keyword not in {"examples", "default", "enum", "const", "defaultSnippets"}:
            yield from _keywords(inner)


def test_an_unknown_keyword_is_no_yes() -> None:
    assert not quick._compiled({"type": "string", "format": "date"}, {})("2026-11-23")
