"""The schemas, the dataclasses and the language are one thing."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from factory.spec import model
from factory.spec.nodes import plain
from factory.spec.reader import read
from factory.spec.schemas import SchemaName, schema, schema_text, validator
from factory.spec.units import seconds
from tests.spec.cases import codes, good_texts, one

NAMES: tuple[SchemaName, ...] = ("pipeline", "factory")

# Where a key and its field have different names: the key as `section.key`.
KINDS = {"kaggle", "http", "file", "gcs"}
RENAMED = {
    model.PipelineSpec: {
        "table": "tables", "freshness": "freshness_max_age", "concurrency": "pool",
        "columns": "tables", "checks": "tables", "schema_contract": "tables", "version": None,
    },
    model.SourceSpec: {"kaggle": "kind", "http": "kind", "file": "kind", "gcs": "kind"},
    model.BucketSpec: {"keep": "keep_versions"},
    model.TableSpec: {"name": "id"},
    model.FactorySpec: {
        "version": None, "defaults": None,
        "kaggle": "kaggle_api_endpoint", "http": "http_allow_private", "dagster": "dagster_url",
    },
}  # fmt: skip
# Fields that no key of the same mapping gives.
DERIVED = {"mark", "marks", "root", "reference"}
PAIRS = [
    ("pipeline", "pipeline", model.PipelineSpec),
    ("pipeline", "source", model.SourceSpec),
    ("pipeline", "format", model.FormatSpec),
    ("pipeline", "bucket", model.BucketSpec),
    ("pipeline", "table", model.TableSpec),
    ("pipeline", "partition", model.PartitionSpec),
    ("pipeline", "column", model.ColumnSpec),
    ("pipeline", "schema_contract", model.SchemaContract),
    ("pipeline", "schedule", model.ScheduleSpec),
    ("pipeline", "retries", model.RetrySpec),
    ("pipeline", "limits", model.LimitSpec),
    ("pipeline", "alert", model.AlertSpec),
    ("pipeline", "test", model.TrialSpec),
    ("pipeline", "expectation", model.Expectation),
    ("factory", "factory", model.FactorySpec),
    ("factory", "bucket", model.BucketTarget),
    ("factory", "warehouse", model.WarehouseTarget),
]


@pytest.mark.parametrize(("name", "part", "kind"), PAIRS, ids=lambda each: str(each))
def test_every_key_is_a_field_and_every_field_a_key(name: Any, part: str, kind: Any) -> None:
    keys = set(schema(name)["$defs"][part]["properties"])
    renamed = RENAMED.get(kind, {})
    from_keys = {renamed.get(key, key) for key in keys} - {None}
    fields = {field.name for field in dataclasses.fields(kind)}
    assert from_keys - fields == set()
    assert fields - from_keys - DERIVED == set()


def test_the_keys_of_all_checks_are_the_fields_of_a_check() -> None:
    part = schema("pipeline")["$defs"]
    kinds = part["check"]["properties"]
    keys = {key for kind in kinds for key in _properties(kinds[kind], part)}
    fields = {field.name for field in dataclasses.fields(model.CheckSpec)}
    assert {"columns" if key == "column" else key for key in keys} == fields - {"mark", "kind"}


@pytest.mark.parametrize(("name", "part", "kind"), PAIRS, ids=lambda each: str(each))
def test_a_default_of_a_field_is_the_schemas_own(name: Any, part: str, kind: Any) -> None:
    properties = schema(name)["$defs"][part]["properties"]
    for field in dataclasses.fields(kind):
        given = properties.get(field.name, {}).get("default")
        absent = (dataclasses.MISSING, None, ())
        if (
            given is not None
            and given not in ("auto", "latest", {})
            and field.default not in absent
        ):
            assert field.default == given, field.name


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one(name: SchemaName) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema_text(name).endswith("}\n")


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_finds_a_title_and_a_description_for_every_key(name: SchemaName) -> None:
    for part in schema(name)["$defs"].values():
        for key, child in part.get("properties", {}).items() if "title" in part else ():
            assert "title" in child or "$ref" in child or "x-short" in child, key
            assert "description" in child or "$ref" in child, key


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_defaults_pass_the_schema_that_gives_them(name: SchemaName) -> None:
    shown = 0
    for pointer, part in _parts(schema(name)["$defs"], "#/$defs"):
        full = {"$ref": f"{name}.schema.json{pointer}"}
        for value in [*part.get("examples", ()), *([part["default"]] if "default" in part else ())]:
            if not isinstance(value, str) or "${" not in value:
                registry = validator(name)._resolver._registry  # type: ignore[attr-defined] # the one with both schemas
                Draft202012Validator(full, registry=registry).validate(value)
                shown += 1
    assert shown > 10


@pytest.mark.parametrize("name", list(good_texts()))
def test_an_editor_takes_what_the_factory_takes(name: str) -> None:
    tree = read("a.yaml", good_texts()[name]).tree
    assert tree is not None
    validator("pipeline").validate(plain(tree))


def test_the_good_ones_are_good() -> None:
    texts = good_texts()
    project = one(texts["everything"], population=texts["smallest"].replace("_data", "_more"))
    assert codes(project) == []
    assert [spec.name for spec in project.specs] == ["covid", "population"]


def test_defaults_of_the_language_reach_the_spec() -> None:
    (spec,) = one(good_texts()["smallest"]).specs
    parts = schema("pipeline")["$defs"]
    retries = parts["retries"]["properties"]
    assert spec.retries.max_attempts == retries["max_attempts"]["default"]
    assert spec.retries.delay == seconds(retries["delay"]["default"])
    assert spec.bucket.prefix == parts["bucket"]["properties"]["prefix"]["default"]
    assert spec.schedule is not None
    assert spec.schedule.timezone == "UTC"


def test_a_line_break_at_the_end_does_not_slip_through_a_pattern() -> None:
    project = one("name: |\n  covid\n" + good_texts()["smallest"])
    assert codes(project) == ["bad-name"]


def _properties(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for option in (part, *part.get("anyOf", ())):
        if "$ref" in option:
            option = definitions[re.sub(r".*/", "", option["$ref"])]
        yield from option.get("properties", ())


def _parts(node: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, dict):
        if "examples" in node or "default" in node:
            yield pointer, node
        for key, child in node.items():
            if key not in {"examples", "default", "enum"}:
                escaped = key.replace("~", "~0").replace("/", "~1").replace("^", "%5E")
                yield from _parts(child, f"{pointer}/{escaped}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _parts(child, f"{pointer}/{index}")
