"""The JSON Schemas: what may be written, and the one place where defaults live."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SchemaName = Literal["pipeline", "factory"]
EditorSchema = Literal["pipeline", "factory", "defaults"]
Schema = Mapping[str, Any]

_VARIABLE = {"$ref": "#/$defs/variable"}
_CHECKOUT = Path(__file__).parents[2] / "schemas"


@cache
def schema_text(name: EditorSchema) -> str:
    """The schema as it lies in `schemas/`, or in the wheel as `factory.schemas`."""
    file = f"{name}.schema.json"
    beside = _CHECKOUT / file
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    return files("factory").joinpath("schemas", file).read_text(encoding="utf-8")


@cache
def schema(name: SchemaName) -> Schema:
    """The schema, parsed, as the checker uses it: for values whose variables are resolved.

    Left out is what only editors need: the form `variable`, by which `${VAR}` may stand for any
    value, and patterns without an `x-code`, for texts that a rule judges and words better.
    """
    parsed: Schema = json.loads(schema_text(name), object_hook=_for_the_checker)
    return parsed


def _for_the_checker(part: dict[str, Any]) -> dict[str, Any]:
    forms = part.get("anyOf", ())
    if _VARIABLE not in forms:
        return part
    others = [form for form in forms if form != _VARIABLE]
    own = {key: value for key, value in part.items() if key != "anyOf"}
    part = {**(others[0] if len(others) == 1 else {"anyOf": others}), **own}
    return part if "x-code" in part else {k: v for k, v in part.items() if k != "pattern"}


@cache
def keys(name: SchemaName) -> Schema:
    """The part of a schema that lists every key, with no word about which must be there."""
    part: Schema = schema(name)["$defs"][name]
    return part


def resolve(part: Schema, root: Schema) -> tuple[Schema, Schema]:
    """`part` with its reference followed, its own words kept; and the schema it lies in."""
    if "$ref" not in part:
        return part, root
    known = _resolved.get(id(part))
    if known is None:
        # The schemas are never freed, so an id stays the name of its part.
        known = _resolved[id(part)] = _resolve(part, root)
    return known


_resolved: dict[int, tuple[Schema, Schema]] = {}


def _resolve(part: Schema, root: Schema) -> tuple[Schema, Schema]:
    while "$ref" in part:
        file, _, pointer = part["$ref"].partition("#/$defs/")
        root = schema("pipeline") if file else root
        own = {key: value for key, value in part.items() if key != "$ref"}
        part = {**root["$defs"][pointer], **own}
    return part, root


@cache
def validator(name: SchemaName, part: str | None = None) -> "Draft202012Validator":
    """The compiled validator of a schema, or of one of its definitions."""
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # Without its "$schema": jsonschema would change to the standard validator where it meets one.
    contents = {
        f"{each}.schema.json": {k: v for k, v in schema(each).items() if k != "$schema"}
        for each in get_args(SchemaName)
    }
    pairs = [(uri, DRAFT202012.create_resource(content)) for uri, content in contents.items()]
    pointers = pointers_of(name, part)
    extended: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call] # untyped in the stubs
        Draft202012Validator, {"pattern": _pattern}
    )
    references = [{"$ref": f"{name}.schema.json{pointer}"} for pointer in pointers]
    return extended({"allOf": references}, registry=Registry().with_resources(pairs))


def pointers_of(name: SchemaName, part: str | None = None) -> list[str]:
    """The definitions that a file, or a part of it, must answer to.

    A whole file must also be complete; editors cannot know the defaults that complete it.
    """
    parts = [part] if part else [name, "complete"]
    return [f"#/$defs/{each}" for each in parts if each in schema(name)["$defs"]]


@cache
def to_the_end(pattern: str) -> re.Pattern[str]:
    """As in the standard, `$` is the end of the text; Python's would let a line break through."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: Schema
) -> Iterator["ValidationError"]:
    if isinstance(instance, str) and not to_the_end(pattern).search(instance):
        from jsonschema import ValidationError

        yield ValidationError(f"does not match {pattern}")
