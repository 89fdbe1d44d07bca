"""Adds lists to a JSON file with comments, as editors keep their settings, and changes no more."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DECODER = json.JSONDecoder()
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)
_LAST_COMMA = re.compile(r',(?=\s*[}\]])|"(?:\\.|[^"\\])*"')
_SPACE = re.compile(r"\s*")
_INDENT = re.compile(r"^([ \t]+)\S", re.M)


class JsoncError(Exception):
    """The text is no JSON object, not even one with comments; the message says what is wrong."""


def with_lists(text: str, key: str, lists: Mapping[str, Sequence[str]]) -> str:
    """`text` with all `lists`, by name, under `key` at its top.

    Items that such a list holds already stay, those that it lacks are added; every other
    character stays as it is. Raises JsoncError.
    """
    top = _members(_plain(text), 0)
    if key not in top:
        return _insert(text, 0, key, dict(lists), depth=1)
    for name, items in lists.items():
        start, _end, value = _members(_plain(text), 0)[key]
        if not isinstance(value, dict):
            raise JsoncError(f'"{key}" holds no names')
        text = _with_items(text, start, name, items)
    return text


def _with_items(text: str, at: int, name: str, items: Sequence[str]) -> str:
    found = _members(_plain(text), at).get(name)
    if found is None:
        return _insert(text, at, name, list(items), depth=2)
    start, end, value = found
    known = value if isinstance(value, list) else [value]
    added = [item for item in items if item not in known]
    if not added:
        return text
    return text[:start] + _written(text, [*known, *added], depth=2) + text[end:]


def _insert(text: str, at: int, key: str, value: object, depth: int) -> str:
    """`text` with a member more, first in the object that begins at `at` or after it."""
    opening = _plain(text).index("{", at)
    comma = "," if _members(_plain(text), opening) else ""
    indent = _indent(text)
    member = f"\n{indent * depth}{json.dumps(key)}: {_written(text, value, depth)}{comma}"
    rest = text[opening + 1 :]
    if not comma and not rest.lstrip(" \t\r").startswith("\n"):
        member += f"\n{indent * (depth - 1)}"
    return text[: opening + 1] + member + rest


def _written(text: str, value: object, depth: int) -> str:
    indent = _indent(text)
    lines = json.dumps(value, indent=indent, ensure_ascii=False).split("\n")
    return f"\n{indent * depth}".join(lines)


def _indent(text: str) -> str:
    found = _INDENT.search(text)
    return found[1] if found else "  "


def _plain(text: str) -> str:
    """The text without comments and last commas: spaces in their place, so that offsets hold."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])

    return _LAST_COMMA.sub(blank, _TOKEN.sub(blank, text))


def _members(plain: str, at: int) -> dict[str, tuple[int, int, Any]]:
    """Start, end and value of each member of the object that begins at `at` or after it."""
    try:
        start = _after_space(plain, at)
        value, _end = _DECODER.raw_decode(plain, start)
        if at == 0:
            json.loads(plain)  # nothing may follow
    except ValueError as error:
        raise JsoncError(f"it is no JSON, not even with comments ({error})") from error
    if not isinstance(value, dict):
        raise JsoncError("it holds no settings by name")
    return {name: (begin, end, found) for name, begin, end, found in _walk(plain, start + 1)}


def _walk(plain: str, at: int) -> Iterator[tuple[str, int, int, Any]]:
    while plain[(at := _after_space(plain, at))] != "}":
        name, at = _DECODER.raw_decode(plain, at)
        begin = _after_space(plain, _after_space(plain, at) + 1)
        value, at = _DECODER.raw_decode(plain, begin)
        yield name, begin, at, value
        at = _after_space(plain, at)
        at += plain[at] == ","


def _after_space(plain: str, at: int) -> int:
    match = _SPACE.match(plain, at)
    return match.end() if match else at
