"""A quick yes: whether a value fits its schema for certain.

Nearly every file is right, and jsonschema takes its time to say so. Here the schema is compiled
into plain functions, once. A no means only that it is not certain: then jsonschema is asked,
which also knows what is wrong and where. So a keyword that is not known here costs time and
never an answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from factory.spec.schemas import Schema, SchemaName, pointers_of, schema, to_the_end

Test = Callable[[Any], bool]

_SILENT = {
    *("$defs", "$schema", "title", "description", "examples", "default"),
    *("errorMessage", "enumDescriptions", "markdownDescription", "defaultSnippets"),
}
_TYPES: Mapping[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "null": frozenset({type(None)}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}


@cache
def acceptance(name: SchemaName, part: str | None = None) -> Test:
    """The quick test of a schema, or of one of its definitions."""
    references = [{"$ref": pointer} for pointer in pointers_of(name, part)]
    return _compiled({"allOf": references}, schema(name))


def _compiled(part: Any, root: Schema) -> Test:
    if isinstance(part, bool):
        return lambda _: part
    tests = [
        _KEYWORDS.get(keyword, _unknown)(wanted, part, root)
        for keyword, wanted in part.items()
        if keyword not in _SILENT and not keyword.startswith("x-")
    ]
    return _all([test for test in tests if test is not _yes])


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(value: Any) -> bool:
        for each in tests:  # noqa: SIM110 - a generator takes twice the time
            if not each(value):
                return False
        return True

    return test


def _yes(_value: Any) -> bool:
    return True


def _unknown(_wanted: Any, _part: Schema, _root: Schema) -> Test:
    return lambda _: False


def _reference(wanted: str, _part: Schema, root: Schema) -> Test:
    file, _, pointer = wanted.partition("#/$defs/")
    name: SchemaName = "factory" if file.startswith("factory") else "pipeline"
    base = schema(name) if file else root
    return _definition(id(base), pointer, base)


_definitions: dict[tuple[int, str], Test] = {}


def _definition(key: int, pointer: str, base: Schema) -> Test:
    """The test of a definition, compiled when it is first met; it may speak of itself."""
    known = _definitions.get((key, pointer))

    def late(value: Any) -> bool:
        nonlocal known
        if known is None:
            known = _definitions.get((key, pointer)) or _compiled(base["$defs"][pointer], base)
            _definitions[key, pointer] = known
        return known(value)

    return late


def _type(wanted: Any, _part: Schema, _root: Schema) -> Test:
    names = [wanted] if isinstance(wanted, str) else wanted
    types = frozenset().union(*(_TYPES[name] for name in names))
    return lambda value: type(value) in types


def _properties(wanted: Schema, _part: Schema, root: Schema) -> Test:
    tests = {key: _compiled(child, root) for key, child in wanted.items()}

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return True
        for key, child in value.items():  # noqa: SIM110 - a generator takes twice the time
            if key in tests and not tests[key](child):
                return False
        return True

    return test


def _other_properties(wanted: Any, part: Schema, root: Schema) -> Test:
    """`additionalProperties`: of the keys that no other keyword speaks of."""
    known = frozenset(part.get("properties", ()))
    patterns = [re.compile(pattern) for pattern in part.get("patternProperties", ())]
    fits = _compiled(wanted, root)

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return True
        others = value.keys() - known
        return not others or all(
            fits(value[key]) for key in others if not any(p.search(key) for p in patterns)
        )

    return test


def _pattern_properties(wanted: Schema, _part: Schema, root: Schema) -> Test:
    asking = {pattern: child for pattern, child in wanted.items() if child is not True}
    tests = [(re.compile(pattern), _compiled(child, root)) for pattern, child in asking.items()]
    if not tests:
        return _yes
    return lambda value: (
        type(value) is not dict
        or all(
            test(child)
            for pattern, test in tests
            for key, child in value.items()
            if pattern.search(key)
        )
    )


def _property_names(wanted: Any, _part: Schema, root: Schema) -> Test:
    fits = _compiled(wanted, root)
    return lambda value: type(value) is not dict or all(map(fits, value))


def _required(wanted: list[str], _part: Schema, _root: Schema) -> Test:
    keys = frozenset(wanted)
    return lambda value: type(value) is not dict or keys <= value.keys()


def _items(wanted: Any, _part: Schema, root: Schema) -> Test:
    fits = _compiled(wanted, root)
    return lambda value: type(value) is not list or all(map(fits, value))


def _dependent(wanted: Schema, _part: Schema, root: Schema) -> Test:
    tests = {key: _compiled(child, root) for key, child in wanted.items()}
    return lambda value: (
        type(value) is not dict or all(test(value) for key, test in tests.items() if key in value)
    )


def _any_of(wanted: list[Any], _part: Schema, root: Schema) -> Test:
    tests = [_compiled(option, root) for option in wanted]

    def test(value: Any) -> bool:
        for fits in tests:  # noqa: SIM110 - a generator takes twice the time
            if fits(value):
                return True
        return False

    return test


def _all_of(wanted: list[Any], _part: Schema, root: Schema) -> Test:
    return _all([_compiled(option, root) for option in wanted])


def _enum(wanted: list[Any], _part: Schema, _root: Schema) -> Test:
    known = frozenset((type(item), item) for item in wanted)  # True is not 1 here
    scalars = (str, int, float, bool, type(None))
    return lambda value: type(value) in scalars and (type(value), value) in known


def _pattern(wanted: str, _part: Schema, _root: Schema) -> Test:
    search = to_the_end(wanted).search
    return lambda value: type(value) is not str or search(value) is not None


def _unique(wanted: bool, _part: Schema, _root: Schema) -> Test:
    return lambda value: (
        not wanted
        or type(value) is not list
        or (all(type(item) is str for item in value) and len(set(value)) == len(value))
    )


def _bound(kinds: tuple[type, ...], holds: Callable[[Any, Any], bool]) -> Callable[..., Test]:
    def keyword(wanted: Any, _part: Schema, _root: Schema) -> Test:
        return lambda value: type(value) not in kinds or holds(value, wanted)

    return keyword


_KEYWORDS: Mapping[str, Callable[[Any, Schema, Schema], Test]] = {
    "$ref": _reference,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _other_properties,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "required": _required,
    "dependentSchemas": _dependent,
    "items": _items,
    "anyOf": _any_of,
    "allOf": _all_of,
    "enum": _enum,
    "const": lambda wanted, part, root: _enum([wanted], part, root),
    "pattern": _pattern,
    "uniqueItems": _unique,
    "minimum": _bound((int, float), lambda value, least: value >= least),
    "maximum": _bound((int, float), lambda value, most: value <= most),
    "minLength": _bound((str,), lambda value, least: len(value) >= least),
    "maxLength": _bound((str,), lambda value, most: len(value) <= most),
    "minItems": _bound((list,), lambda value, least: len(value) >= least),
    "maxItems": _bound((list,), lambda value, most: len(value) <= most),
    "minProperties": _bound((dict,), lambda value, least: len(value) >= least),
    "maxProperties": _bound((dict,), lambda value, most: len(value) <= most),
}
