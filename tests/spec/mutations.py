"""Texts that a person, an editor, a template or an enemy could have written.

Each begins with golden files and is then bent once or more: in its tree (keys, types, values), in
its lines (order, indentation, repetition), or in its characters.
"""

import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

from factory.spec.schemas import schema
from tests.spec.cases import bad_cases, good_texts

Bend = Callable[[random.Random, str], str]

_PIECES = [
    "*", "*a", "&a ", "&b", "!!str ", "!!python/object:os.system ", "!x ", "${", "${HOME}",
    "${NOT_SET}", "${A:-b}", "}", "{", "[", "]", ": ", ":", "- ", "? ", "\t", "\n", "\r\n", "\r",
    '"', "'", "#", " #", "|", ">", "|+2", "%", "%YAML 1.1\n", "@", "`", ",", "no", "010", "2:00",
    "0x1F", "1_000", "~", "null", "<<: ", "<<: *a\n", "---\n", "...\n", "9" * 50, "1e999", ".inf",
    ".nan", "-0", "2026-13-45", "x-", "\\", "\\x41", '"\\u0000"', "::error::",
]  # fmt: skip
_CHARACTERS = [
    "\ufeff", "\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u200b",
    "\ud800", "\udfff", "\ufffe", "é", "e\u0301", "ß", "İ", "数", "😀", "👩‍👩‍👧", "\u0660", "\xa0",
    "\U0010ffff", "ﬁ", "\x0b", "\x0c",
]  # fmt: skip
_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, 0.5, -1.5, 1e308, "", " ", "a", "raw.t",
    "a.b.c.d", "owner/dataset", "https://example.org/a.csv", "https://ana:hunter22@h/a",
    "gs://b/c", "../../etc/passwd", "*.csv", "0 2 * * *", "30 2 29 2 *", "* * * * * *", "@daily",
    "Europe/Warsaw", "Mars/Olympus", "30s", "5GB", "20%", "1e3", "{table}", "{source_version}",
    "SELECT * FROM {table}", "AKIAABCDEFGHIJKLMNOP", "${HOME}", "${NOT_SET}", "2026-01-01",
    "no", "on", "NULL", "DATE", "INT64", "merge", "replace", "team:data", "a@b.c", "%d/%m/%Y",
    [], {}, [[]], [{}], {"": ""}, [None], ["a", "a"], {"a": {"b": {"c": 1}}},
]  # fmt: skip
_WORDS = ["", "key", "x-note", "Source", "kagle", "on", "<<", "*", "1", "a b", "\u00e9", "a" * 300]


def wild_text(seed: int, number: int) -> str:
    """Text `number` of `seed`: always the same."""
    rng = random.Random(f"{seed}:{number}")
    text = _bent_tree(rng) if rng.random() < 0.35 else rng.choice(_seeds())
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 2, 3, 5, 9))):
        text = rng.choice(_USUAL)(rng, text)
    if rng.random() < 0.02:
        text = rng.choice(_HUGE)(rng, text)
    return text


@cache
def _seeds() -> tuple[str, ...]:
    bad = [text for case in bad_cases() for text in case.texts.values()]
    good = list(good_texts().values())
    return (*bad, *good * (len(bad) // len(good)))  # as likely to begin well as badly


@cache
def _trees() -> tuple[Any, ...]:
    """The seeds as plain values, those that are YAML."""
    found = []
    for text in _seeds():
        try:
            tree = yaml.safe_load(text)
        except yaml.YAMLError:
            continue
        if isinstance(tree, dict) and len(text) < 5_000:
            found.append(json.dumps(tree, default=str))
    return tuple(found)


@cache
def _keys() -> tuple[str, ...]:
    """Every key of the language."""

    def keys(part: Any) -> set[str]:
        if isinstance(part, list):
            return {key for item in part for key in keys(item)}
        if not isinstance(part, dict):
            return set()
        own = part.get("properties", {})
        return {*own} | {key for child in part.values() for key in keys(child)}

    return tuple(sorted(keys(schema("pipeline")) | keys(schema("factory"))))


def _bent_tree(rng: random.Random) -> str:
    """A golden tree with some of its keys and values changed, in one of the styles of YAML."""
    tree = json.loads(rng.choice(_trees()))
    for _ in range(rng.randint(1, 4)):
        tree = _bend_node(rng, tree)
    style = rng.randrange(4)
    if style == 0:
        return json.dumps(tree)
    if style == 1:
        return json.dumps(tree, ensure_ascii=False, indent=1)
    flow = False if style == 2 else None
    return str(yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True, sort_keys=False))


def _bend_node(rng: random.Random, node: Any) -> Any:
    """One change somewhere in the tree; the deeper, the likelier."""
    children = len(node) if isinstance(node, dict | list) else 0
    if not children or rng.random() < 0.15:
        return _instead(rng, node)
    if isinstance(node, list):
        at = rng.randrange(children)
        changed = [*node]
        changed[at] = _bend_node(rng, node[at])
        return changed + [node[at]] * (rng.random() < 0.1)
    key = rng.choice(list(node))
    chance = rng.random()
    if chance < 0.12:
        return {name: value for name, value in node.items() if name != key}
    if chance < 0.3:
        other = rng.choice(_keys() if rng.random() < 0.8 else _WORDS)
        return {other if name == key else name: value for name, value in node.items()}
    if chance < 0.42:
        return {**node, rng.choice(_keys()): json.loads(json.dumps(rng.choice(_VALUES)))}
    return {**node, key: _bend_node(rng, node[key])}


def _instead(rng: random.Random, node: Any) -> Any:
    chance = rng.random()
    if chance < 0.1:
        return [node]
    if chance < 0.2:
        return {rng.choice(_keys()): node}
    if chance < 0.3 and isinstance(node, str):
        return _in_text(rng, node, rng.choice([*_PIECES, *_CHARACTERS[7:]]))
    return json.loads(json.dumps(rng.choice(_VALUES)))


def _in_text(rng: random.Random, text: str, piece: str, most: int = 6) -> str:
    start = rng.randint(0, len(text))
    return text[:start] + piece + text[min(len(text), start + rng.randint(0, most)) :]


def _piece(rng: random.Random, text: str) -> str:
    return _in_text(rng, text, rng.choice(_PIECES), 12)


def _character(rng: random.Random, text: str) -> str:
    return _in_text(rng, text, rng.choice(_CHARACTERS), 1)


def _delete(rng: random.Random, text: str) -> str:
    return _in_text(rng, text, "", 30)


def _truncate(rng: random.Random, text: str) -> str:
    return text[: rng.randint(0, len(text))]


def _lines(change: Callable[[random.Random, list[str], int], list[str]]) -> Bend:
    def bend(rng: random.Random, text: str) -> str:
        lines = text.split("\n")
        return "\n".join(change(rng, lines, rng.randrange(len(lines))))

    return bend


def _repeat(rng: random.Random, lines: list[str], at: int) -> list[str]:
    """The same key twice, near or far."""
    to = rng.randint(0, len(lines))
    return lines[:to] + lines[at : at + rng.randint(1, 3)] + lines[to:]


def _drop(rng: random.Random, lines: list[str], at: int) -> list[str]:
    return lines[:at] + lines[at + rng.randint(1, 2) :]


def _swap(rng: random.Random, lines: list[str], at: int) -> list[str]:
    to = rng.randrange(len(lines))
    changed = [*lines]
    changed[at], changed[to] = lines[to], lines[at]
    return changed


def _indent(rng: random.Random, lines: list[str], at: int) -> list[str]:
    lead = rng.choice([" ", "  ", "\t", "    ", "- ", "? ", "\xa0"])
    end = at + rng.randint(1, 4)
    return lines[:at] + [lead + line for line in lines[at:end]] + lines[end:]


def _dedent(rng: random.Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], lines[at][rng.randint(1, 2) :], *lines[at + 1 :]]


def _anchor(rng: random.Random, lines: list[str], at: int) -> list[str]:
    """An anchor where it may stand or not, and aliases of it elsewhere, itself included."""
    name = rng.choice("abc")
    changed = [*lines]
    changed[at] = changed[at].replace(": ", f": &{name} ", 1)
    for _ in range(rng.randint(0, 3)):
        changed.insert(rng.randint(0, len(changed)), f"{rng.choice(_keys())}: *{name}")
    if rng.random() < 0.5:
        changed.insert(0, f"x-{name}: &{name} {rng.choice(['{a: 1}', '[1, *a]', 'text', '{'])}")
    return changed


def _key(rng: random.Random, lines: list[str], at: int) -> list[str]:
    """A key of the language, with a value of any kind, somewhere."""
    value = json.dumps(rng.choice(_VALUES), ensure_ascii=rng.random() < 0.5)
    lead = " " * rng.choice((0, 0, 2, 4))
    return [*lines[:at], f"{lead}{rng.choice(_keys())}: {value}", *lines[at:]]


def _merge(rng: random.Random, text: str) -> str:
    """Two golden files in one: behind each other, as documents, or line by line."""
    other = rng.choice(_seeds())
    how = rng.randrange(3)
    if how == 0:
        return text + other
    if how == 1:
        return f"{text}\n---\n{other}"
    mine, theirs = text.split("\n"), other.split("\n")
    at, to = rng.randint(0, len(mine)), rng.randint(0, len(theirs))
    return "\n".join(mine[:at] + theirs[to:] + mine[at:])


def _breaks(rng: random.Random, text: str) -> str:
    return text.replace("\n", rng.choice(["\r\n", "\r", "\u2028", "\n\n", "\x85"]))


_USUAL: tuple[Bend, ...] = (
    _piece, _piece, _piece, _character, _character, _delete, _truncate, _merge, _breaks,
    _lines(_repeat), _lines(_drop), _lines(_swap), _lines(_indent), _lines(_dedent),
    _lines(_anchor), _lines(_key), _lines(_key),
)  # fmt: skip


def _megabyte(rng: random.Random, text: str) -> str:
    """One value or key of up to a megabyte, of one short piece over and over."""
    piece = rng.choice([*_PIECES, *_CHARACTERS, "a", " ", "a ", "a: ", "https://a:b1234567@h ",
                        "{a: ", "[[", "eyJ", "(", "%", "a.", "0,", "${A}"])  # fmt: skip
    size = rng.choice((10_000, 100_000, 500_000, 990_000))
    value = (piece * (size // len(piece)))[:size]
    quote = rng.choice(["", "", "'", '"', "|\n  "])
    return _in_text(rng, text, f"{rng.choice(_keys())}: {quote}{value}{quote.strip('|')}\n", 0)


def _deep(rng: random.Random, text: str) -> str:
    """Nesting in every style, closed or not."""
    levels = rng.choice((28, 30, 33, 100, 1_000, 10_000))
    opening, closing = rng.choice(
        [("[", "]"), ("{a: ", "}"), ("- ", ""), ("[ ", "]"), ("{? ", "}"), ("[\n", "]"), ("? ", "")]
    )
    closed = closing * rng.choice((0, levels, levels - 1))
    key = rng.choice([*_keys(), "x-deep"])
    if rng.random() < 0.2:
        block = "".join(f"{' ' * level}a:\n" for level in range(min(levels, 1_200)))
        return f"{text}\n{block}"
    return f"{text}\n{key}: {opening * levels}{closed}\n"


def _many(rng: random.Random, text: str) -> str:
    """One short line or item thousands of times."""
    count = rng.choice((200, 3_000, 9_000, 60_000))
    key = rng.choice(_keys())
    item = json.dumps(rng.choice(_VALUES))
    if rng.random() < 0.5:
        return f"{text}\n{key}: [{', '.join([item] * count)}]\n"
    if rng.random() < 0.5:
        return text + f"\n{key}: {item}" * count + "\n"
    return f"{text}\n{key}:\n" + "".join(f"  - {{name: c{i}, {key}: 1}}\n" for i in range(count))


def _bomb(rng: random.Random, text: str) -> str:
    """Aliases of aliases: a few lines that would be millions of values."""
    wide, high = rng.choice(((9, 9), (2, 40), (100, 3)))
    lines = ["x-0: &a0 [1, 2]"]
    for level in range(1, high):
        lines.append(f"x-{level}: &a{level} [{', '.join([f'*a{level - 1}'] * wide)}]")
    return "\n".join([*lines, text])


_HUGE: tuple[Bend, ...] = (_megabyte, _megabyte, _deep, _many, _bomb)
