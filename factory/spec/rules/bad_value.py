"""bad-value: not one of the words, or outside of the bounds, that a key takes."""

from collections.abc import Iterator

from factory.spec.near import nearest, one_of
from factory.spec.nodes import ListNode, MapNode, ScalarNode
from factory.spec.problems import Problem
from factory.spec.rules.wrong_type import expected_words, got_words, list_of
from factory.spec.validation import Misfit

# What other systems call the types.
_OTHER_WORDS = {
    "int": "INT64", "integer": "INT64", "bigint": "INT64", "smallint": "INT64", "long": "INT64",
    "float": "FLOAT64", "double": "FLOAT64", "real": "FLOAT64", "number": "FLOAT64",
    "decimal": "NUMERIC", "text": "STRING", "varchar": "STRING", "str": "STRING",
    "boolean": "BOOL", "timestamptz": "TIMESTAMP", "object": "JSON", "upsert": "merge",
    "overwrite": "replace", "truncate": "replace", "insert": "append", "jsonl": "ndjson",
    "xlsx": "excel", "xls": "excel", "ods": "excel", "db": "sqlite", "sqlite3": "sqlite",
    "warning": "warn", "fixed": "constant",
}  # fmt: skip


def of_a_list(misfit: Misfit) -> Iterator[Problem]:
    """A word that is none of those allowed."""
    if misfit.section == "version":
        yield _version(misfit)
        return
    words = [str(word) for word in misfit.wanted]
    value = misfit.node.value if isinstance(misfit.node, ScalarNode) else None
    near = _nearest(str(value), words) if value is not None else None
    message = f"{misfit.section} must be {one_of(words)}, got {got_words(misfit.node)}"
    label = f'did you mean "{near}"?' if near else ""
    help_text = f"for example {misfit.section}: {near or words[0]}" if _is_value(misfit) else None
    yield Problem("bad-value", message, misfit.node.mark, label, help=help_text)


def out_of_bounds(misfit: Misfit) -> Iterator[Problem]:
    """A number too small or too large, a text or list too short or too long."""
    least, most = misfit.keyword.startswith("min"), misfit.wanted
    word = "at least" if least else "at most"
    unit = {"minItems": " items", "maxItems": " items", "minLength": " characters"}
    unit_text = unit.get(misfit.keyword, "")
    if misfit.wanted == 1:
        unit_text = unit_text.removesuffix("s")
    message = f"{misfit.section} must have {word} {most}{unit_text}"
    if not unit_text:
        message = f"{misfit.section} must be {word} {most}, got {got_words(misfit.node)}"
    yield Problem("bad-value", message, misfit.node.mark, f"{word} {most}{unit_text}")


def one_kind(misfit: Misfit) -> Iterator[Problem]:
    """A check that is none, or two at once."""
    entries = misfit.node.entries if isinstance(misfit.node, MapNode) else ()
    got = " and ".join(entry.name for entry in entries) or "none"
    message = f"each item of {misfit.section} is one check, got {got}"
    yield Problem("bad-value", message, misfit.node.mark, "put each check into an item of its own")


def no_form(misfit: Misfit) -> Iterator[Problem]:
    """A value that none of several forms takes."""
    expected = expected_words(misfit.part)
    message = f"{misfit.section} must be {expected}, got {got_words(misfit.node)}"
    lists = (list_of(misfit.node, form) for form in misfit.wanted)
    whole = next(filter(None, lists), None)
    fix = f"write {misfit.section}: {whole}" if whole and _is_value(misfit) else None
    yield Problem("wrong-type", message, misfit.node.mark, f"expected {expected}", fix)


def twice(misfit: Misfit) -> Iterator[Problem]:
    """The same item of a list again."""
    seen: set[object] = set()
    for item in misfit.node.items if isinstance(misfit.node, ListNode) else ():
        value = item.value if isinstance(item, ScalarNode) else None
        if value in seen:
            message = f"{got_words(item)} is in the list twice"
            yield Problem("duplicate-item", message, item.mark, "again", notes=("remove it",))
        seen.add(value)


def _version(misfit: Misfit) -> Problem:
    message = f"this factory reads version 1, got {got_words(misfit.node)}"
    return Problem("bad-version", message, misfit.node.mark, help="write version: 1")


def _nearest(value: str, words: list[str]) -> str | None:
    meant = _OTHER_WORDS.get(value.lower().split("(")[0])
    return meant if meant in words else nearest(value, words)


def _is_value(misfit: Misfit) -> bool:
    return bool(misfit.path) and isinstance(misfit.path[-1], str)
