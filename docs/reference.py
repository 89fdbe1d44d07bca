"""docs/yaml.md from the JSON Schemas: every key, its type, its default, what it means."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from factory.spec.schemas import SchemaName, keys, resolve, schema

Schema = Mapping[str, Any]
_HEAD = """\
# The YAML, key by key

One file a pipeline, in `pipelines/`; the file's name is the pipeline's name and a sub-folder its
group. A key that has a short form takes it in place of the mapping: `bucket: name` is
`bucket: {name: name}`. Keys that begin with `x-` are free for notes. `${VAR}` and
`${VAR:-default}` may stand in every text.

"""


def reference() -> str:
    """The whole page."""
    lines = [_HEAD, "## A pipeline file\n", *_sections("pipeline")]
    lines += ["\n## factory.yaml\n", *_sections("factory")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _sections(name: SchemaName) -> Iterator[str]:
    """The keys of the file, then those of every mapping in it, near ones first, each once."""
    paths: dict[str, list[str]] = {}
    parts: dict[str, tuple[Schema, Schema]] = {}
    waiting = [("", keys(name), schema(name))]
    while waiting:
        path, part, root = waiting.pop(0)
        identity = json.dumps(part["properties"])
        paths.setdefault(identity, []).append(path)
        if identity in parts:
            continue
        parts[identity] = (part, root)
        for key, child in part["properties"].items():
            waiting += _mappings(f"{path}.{key}" if path else key, child, root)
    for identity, (part, root) in parts.items():
        yield from _section(paths[identity], part, root)


def _section(paths: Sequence[str], part: Schema, root: Schema) -> Iterator[str]:
    if paths[0]:
        title = ", ".join(f"`{path}`" for path in paths)
        yield f"\n### {title}\n\n{part.get('description', '')}\n"
    yield "| key | takes | default | meaning |\n|---|---|---|---|"
    for key, child in part["properties"].items():
        child, home = resolve(child, root)
        must = "**must be given**" if key in part.get("required", ()) else _default(child)
        yield f"| `{key}` | {_type(child, home)} | {must} | {_meaning(child)} |"


def _mappings(path: str, part: Schema, root: Schema) -> Iterator[tuple[str, Schema, Schema]]:
    """The mappings that a key may hold: itself, a form of it, its items or its named values."""
    part, root = resolve(part, root)
    if path == "defaults":  # every key of a pipeline, described above
        return
    if "properties" in part:
        yield path, part, root
    for form in part.get("anyOf", ()):
        yield from _mappings(path, form, root)
    if "items" in part:
        yield from _mappings(f"{path}[]", part["items"], root)
    if isinstance(part.get("additionalProperties"), Mapping):
        yield from _mappings(f"{path}.<name>", part["additionalProperties"], root)


def _type(part: Schema, root: Schema) -> str:
    part, root = resolve(part, root)
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "anyOf" in part:
        return " or ".join(_type(form, root) for form in part["anyOf"])
    if part.get("x-code") in {"bad-duration", "bad-size"}:
        return str(part["x-code"]).removeprefix("bad-")
    if part.get("type") == "array":
        return f"list of {_type(part['items'], root)}" if "items" in part else "list"
    words = {"string": "text", "integer": "whole number", "object": "mapping"}
    types = part.get("type", "object")
    names = [types] if isinstance(types, str) else types
    return " or ".join(words.get(name, name) for name in names)


def _default(part: Schema) -> str:
    return f"`{_written(part['default'])}`" if part.get("default") not in (None, {}) else ""


def _meaning(part: Schema) -> str:
    text = part.get("description", "")
    examples = ", ".join(f"`{_written(example)}`" for example in part.get("examples", ()))
    return _cell(f"{text.rstrip('.')}. For example {examples}" if examples else text)


def _written(value: object) -> str:
    return (
        value
        if isinstance(value, str) and value.isprintable()
        else json.dumps(value, ensure_ascii=False)
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
