"""wrong-type: a value of another kind than is meant, in plain words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from factory.spec.model import ColumnSpec
from factory.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from factory.spec.problems import Problem
from factory.spec.syntax import quoted
from factory.spec.validation import Misfit

_DATASET = re.compile(r"[\w-]+/[\w-]+")  # owner/dataset, where a file has an ending
_WORDS = {
    "string": "text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "object": "keys and values", "array": "a list",
    "null": "null",
}  # fmt: skip
# Texts of a form that has a name.
FORMS = {
    "bad-duration": "a duration such as 30s, 5m, 36h or 7d",
    "bad-size": "a size such as 500MB or 5GB",
    "bad-share": "a percentage such as 20%",
    "bad-name": "a name of letters, digits and _",
    "bad-owner": "team:name or an e-mail address",
    "bad-tag": "up to 63 letters, digits, dots, - and _",
    "bad-delimiter": "one character, or auto",
}
_COLUMN = {"$ref": "#/$defs/column"}
EXAMPLES = {"bad-duration": "30m", "bad-size": "5GB", "bad-share": "20%"}


def problems(misfit: Misfit) -> Iterator[Problem]:
    """The problem, with what would be right."""
    expected = expected_words(misfit.part)
    where = misfit.section or "the file"
    yield Problem(
        "wrong-type",
        f"{where} must be {expected}, got {got_words(misfit.node)}",
        misfit.node.mark if misfit.path else misfit.mark,
        f"expected {expected}",
        help=_fix(misfit),
        notes=tuple(_notes(misfit)),
    )


def expected_words(part: Mapping[str, Any]) -> str:
    """What the schema takes there: "list of text", "a whole number"."""
    if "anyOf" in part:
        options = [expected_words(option) for option in part["anyOf"]]
        return " or ".join(dict.fromkeys(options))
    if "const" in part:
        return str(part["const"])
    if "$ref" in part:
        return "keys and values"
    if part.get("x-code") in FORMS:
        return FORMS[part["x-code"]]
    kind = part.get("type", "string")
    if isinstance(kind, list):
        return " or ".join(_WORDS[each] for each in kind)
    items = part.get("items", {})
    if kind == "array" and items.get("type") == "string":
        return "a list of text"
    return _WORDS[str(kind)]


def got_words(node: Node) -> str:
    """What was typed there, in the person's own words."""
    if isinstance(node, MapNode):
        return "keys and values"
    if isinstance(node, ListNode):
        return "a list"
    if node.value is None:
        return "nothing" if not node.raw else node.raw
    return f'"{node.value}"' if isinstance(node.value, str) else node.raw


def _fix(misfit: Misfit) -> str | None:
    node, kind = misfit.node, misfit.part.get("type")
    is_key = not misfit.path or isinstance(misfit.path[-1], str)
    last = misfit.section if is_key else 0
    if not isinstance(node, ScalarNode) or node.value is None:
        return None
    if misfit.section == "source" and isinstance(node.value, str):
        return f"write source: {{{_source_kind(node.value)}: {quoted(node.value)}}}"
    if misfit.part.get("x-code") in EXAMPLES:
        return f"for example {last}: {EXAMPLES[misfit.part['x-code']]}"
    lead = f"write {last}: " if isinstance(last, str) else "write "
    if kind == "string" and node.plain:
        return f'{lead}"{node.raw}"'
    if kind == "array":
        whole = list_of(node, misfit.part)
        return f"{lead}{whole}" if whole else None
    text = str(node.value)
    if kind == "integer" and text.replace("_", "").replace(",", "").isascii():
        digits = text.replace("_", "").replace(",", "")
        return f"{lead}{int(digits)}" if digits.isdigit() and len(digits) < 19 else None
    if kind == "boolean" and text.lower() in {"true", "false"}:
        return f"{lead}{text.lower()}"
    return None


def _source_kind(text: str) -> str:
    """Which source a text alone is most likely meant to be."""
    if "://" in text:
        return "gcs" if text.startswith("gs://") else "http"
    return "kaggle" if _DATASET.fullmatch(text) else "file"


def list_of(node: Node, part: Mapping[str, Any]) -> str | None:
    """A single value as the list that is meant; None where a list does not take it."""
    takes = part.get("type") == "array" and _takes_text(part.get("items", {}))
    return f"[{node.raw}]" if takes and isinstance(node, ScalarNode) and node.raw else None


def _notes(misfit: Misfit) -> Iterator[str]:
    entries = misfit.node.entries if isinstance(misfit.node, MapNode) else ()
    if misfit.part.get("type") == "array" and entries:
        yield f'each item of a list begins with "- ", as in - {_as_item(entries[0], misfit.part)}'


def _as_item(entry: Entry, part: Mapping[str, Any]) -> str:
    """An entry as an item of the list. In one of columns `id: INT64` is meant as a column id."""
    key, value = entry.key.raw, entry.value
    forms = part.get("items", {}).get("anyOf", ())
    if _COLUMN not in forms or key in {field.name for field in fields(ColumnSpec)}:
        return f"{key}: …"
    known = f", type: {value.raw}" if isinstance(value, ScalarNode) and value.raw else ""
    return f"{{name: {key}{known}}}"


def _takes_text(items: Mapping[str, Any]) -> bool:
    """Whether the items of a list may be single values."""
    forms = items.get("anyOf", [items])
    return any(form.get("type") == "string" or "enum" in form for form in forms)
