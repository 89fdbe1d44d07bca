"""What is wrong with a text that is no YAML, in the words of the person who typed it."""

import re
from collections.abc import Callable, Container, Iterator
from typing import get_args

import yaml

from factory.spec.marks import Mark
from factory.spec.parts import part
from factory.spec.problems import Problem
from factory.spec.schemas import SchemaName, schema

_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_KEY_VALUE = re.compile(r"(?P<lead>\s*(?:- +)*)(?P<key>[^\s:#][^:]*):\s+(?P<value>\S.*?)\s*$")
_TIGHT_COLON = re.compile(r"\s*(?:- +)*(?P<key>[A-Za-z_][\w-]*):(?P<value>[^\s/:].*?)\s*$")
_KEY_AND_WORDS = re.compile(r"\s*(?:- +)*(?P<key>[a-z_]+) +(?P<value>[^\s:].*?)\s*$")
_BARE_VARIABLE = re.compile(r"[{\[].*?[\s,\[](?P<variable>[^\s\"',\[{]*\$\{[^{}]*\})")
_ITEM = re.compile(r"[@`%][^,\[\]{}]*[^,\[\]{}\s]|[@`%]")  # up to the comma or bracket behind it
_KEEPS = {"*": "the start of an alias", "&": "the start of an anchor", "!": "the start of a tag"}
_OPENING = {"flow sequence": "[", "flow mapping": "{"}


class _Place:
    """The lines of a text around an error, counted from 0 as the scanner does."""

    def __init__(self, file: str, text: str, error: yaml.YAMLError) -> None:
        self.file = file
        self.lines = lines_of(text)
        self.said = " ".join(
            str(getattr(error, name, None) or "") for name in ("context", "problem")
        )
        self.line, self.column = self._position(error, "problem_mark")
        self.first_line, self.first_column = self._position(error, "context_mark")

    def _position(self, error: yaml.YAMLError, name: str) -> tuple[int, int]:
        """A mark may lie past the last line; it is drawn back into the text."""
        mark = getattr(error, name, None) or getattr(error, "problem_mark", None)
        if mark is None:
            return 0, 0
        last = max(i for i, text in enumerate(self.lines) if text.strip() or i == 0)
        if mark.line > last:
            return last, len(self.lines[last])
        return mark.line, mark.column

    def text(self, line: int) -> str:
        """A line, its first thousand characters: the patterns take time by the square."""
        return self.lines[line][:1000] if 0 <= line < len(self.lines) else ""

    def mark(self, line: int, start: int, end: int) -> Mark:
        return Mark(self.file, line + 1, start + 1, line + 1, max(end, start + 1) + 1)

    def here(self) -> Mark:
        return self.mark(self.line, self.column, len(self.text(self.line).rstrip()))


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them."""
    return _LINE_BREAK.split(text)


def explain(file: str, text: str, error: yaml.YAMLError | UnicodeError) -> Problem:
    """The problem behind an error of the scanner."""
    if isinstance(error, yaml.reader.ReaderError | UnicodeError):
        return _bad_character(file, text)
    place = _Place(file, text, error)
    for rule in _RULES:
        problem = rule(place)
        if problem is not None:
            return problem
    return Problem("yaml-syntax", "this is no YAML", place.here(), _plain_words(place.said))


def _bad_character(file: str, text: str) -> Problem:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    position = found.start() if found else 0
    before = lines_of(text[:position])
    line, column = len(before), len(before[-1]) + 1
    message = f"the character U+{ord(text[position]):04X} may not stand in a YAML file"
    label = "it is invisible: remove it"
    return Problem("yaml-syntax", message, Mark(file, line, column, line, column + 1), label)


def _tab(place: _Place) -> Problem | None:
    text = place.text(place.line)
    indent = text[: len(text) - len(text.lstrip())]
    if "\t" not in indent:
        return None
    column = indent.index("\t")
    mark = place.mark(place.line, column, len(indent))
    spaces = text.replace("\t", "  ").rstrip()
    notes = (f"indent by spaces: {spaces!r}",) if text.strip() else ()
    return Problem("yaml-syntax", "a tab may not indent a line", mark, "a tab", notes=notes)


def _special_start(place: _Place) -> Problem | None:
    text = place.text(place.line)
    match = _KEY_VALUE.match(text)
    starts = any(word in place.said for word in ("an alias", "an anchor", "a tag", "any token"))
    brace = "block end" in place.said and match is not None and match["value"][0] in "{[%@`"
    folded = "block scalar" in place.said
    if match is None or not (starts or brace or folded):
        return None
    if "any token" in place.said and place.column != match.start("value"):
        return None
    value, first = match["value"], match["value"][0]
    if first not in "*&!@`%{[|>,":
        return None
    label = f"YAML takes {first} for {_KEEPS[first]}" if first in _KEEPS else ""
    return Problem(
        "yaml-syntax",
        f"a value may not start with {first} unless it is quoted",
        place.mark(place.line, match.start("value"), match.end("value")),
        label or f"YAML keeps {first} for itself",
        help=f"write {match['key']}: {quoted(value)}",
    )


def _special_inside(place: _Place) -> Problem | None:
    """`[@team]`, `{team: @x}`, `- @team`: the value is one of several in the line."""
    text = place.text(place.line)
    first, before = text[place.column : place.column + 1], text[: place.column].rstrip()
    found = _ITEM.match(text, place.column)
    if "any token" not in place.said or found is None or before[-1:] not in {*"[{,:-", ""}:
        return None
    match = _KEY_VALUE.match(text)
    start, lead = (match.start("value"), f"{match['key']}: ") if match else (place.column, "")
    end = len(text.rstrip()) if match else found.end()
    whole = f"{text[start : place.column]}{quoted(found[0])}{text[found.end() : end]}"
    return Problem(
        "yaml-syntax",
        f"a value may not start with {first} unless it is quoted",
        place.mark(place.line, place.column, found.end()),
        f"YAML keeps {first} for itself",
        help=f"write {lead}{whole}",
    )


def _unclosed_quote(place: _Place) -> Problem | None:
    ended = "end of stream" in place.said or "document separator" in place.said
    if "quoted scalar" not in place.said or not ended:
        return None
    text = place.text(place.first_line)
    mark = place.mark(place.first_line, place.first_column, len(text.rstrip()))
    quote = text[place.first_column : place.first_column + 1]
    return Problem("yaml-syntax", f"the quote mark {quote} is never closed", mark, "it opens here")


def _escape(place: _Place) -> Problem | None:
    if "escape" not in place.said:
        return None
    match = _KEY_VALUE.match(place.text(place.line))
    fix = None
    if match and match["value"].startswith('"') and match["value"].endswith('"'):
        inner = match["value"][1:-1].replace("'", "''")
        fix = f"write {match['key']}: '{inner}'"
    message = "a backslash between double quote marks starts an escape"
    notes = ("between single quote marks a backslash is a backslash",)
    return Problem("yaml-syntax", message, place.here(), "no such escape", help=fix, notes=notes)


def _after_quote(place: _Place) -> Problem | None:
    match = _KEY_VALUE.match(place.text(place.line))
    if "block end" not in place.said or match is None or match["value"][0] not in "\"'":
        return None
    if place.column <= match.start("value"):
        return None
    message = "nothing may follow the closing quote mark"
    help_text = f"write {match['key']}: {quoted(match['value'])}"
    return Problem("yaml-syntax", message, place.here(), "this follows it", help=help_text)


def _tight_colon(place: _Place) -> Problem | None:
    if "mapping values" not in place.said and "expected ':'" not in place.said:
        return None
    for line in (place.line, place.line - 1, place.first_line):
        match = _TIGHT_COLON.match(place.text(line))
        if match:
            mark = place.mark(line, match.start("key"), match.end("value"))
            message = "a space is missing after the colon"
            help_text = f"write {match['key']}: {match['value']}"
            return Problem("yaml-syntax", message, mark, "", help=help_text)
    return None


def _second_colon(place: _Place) -> Problem | None:
    match = _KEY_VALUE.match(place.text(place.line))
    if "mapping values" not in place.said or match is None:
        return None
    if place.column < match.start("value"):
        return None
    mark = place.mark(place.line, match.start("value"), match.end("value"))
    if _opens(match["key"], match["value"]):
        message = f"what belongs to {match['key']} stands in brackets, or indented on its own lines"
        help_text = f"write {match['key']}: {{{match['value']}}}"
        return Problem("yaml-syntax", message, mark, "", help=help_text)
    help_text = f"write {match['key']}: {quoted(match['value'])}"
    message = 'a value that holds ": " needs quote marks'
    return Problem("yaml-syntax", message, mark, "", help=help_text)


def _opens(key: str, value: str) -> bool:
    """Whether `value` begins with a key that has its place in the mapping `key`."""
    known = (part(name).children.get(key) for name in get_args(SchemaName))
    inner = value.partition(":")[0]
    return any(inner in below.of_map.children for below in known if below is not None)


def _indentation(place: _Place) -> Problem | None:
    block = "block mapping" in place.said or "block collection" in place.said
    if not block and "mapping values" not in place.said:
        return None
    text = place.text(place.line)
    indent = len(text) - len(text.lstrip())
    mark = place.mark(place.line, indent, len(text.rstrip()))
    spaces = "1 space" if indent == 1 else f"{indent} spaces"
    message = f"this line is indented by {spaces}, which fits no line above"
    notes = ("keys of one mapping begin in the same column",)
    return Problem("yaml-syntax", message, mark, "", notes=notes)


def _no_colon(place: _Place) -> Problem | None:
    if "expected ':'" not in place.said:
        return None
    text = place.text(place.first_line)
    mark = place.mark(place.first_line, place.first_column, len(text.rstrip()))
    match = _KEY_AND_WORDS.match(text)
    known = match is not None and any(match["key"] in keys for keys in _all_keys())
    fix = f"write {match['key']}: {match['value']}" if match and known else None
    return Problem("yaml-syntax", "a key is followed by a colon", mark, "no colon here", help=fix)


def _all_keys() -> Iterator[Container[str]]:
    for name in get_args(SchemaName):
        for words in schema(name)["$defs"].values():
            yield words.get("properties", ())


def _variable_in_flow(place: _Place) -> Problem | None:
    """`{cron: ${CRON}}`: the bracket of the variable ends the mapping too soon."""
    text = place.text(place.line)
    match = _BARE_VARIABLE.search(text)
    if match is None or not any(kind in place.said for kind in (*_OPENING, "block mapping")):
        return None
    mark = place.mark(place.line, match.start("variable"), match.end("variable"))
    message = "between brackets, ${…} needs quote marks"
    fix = f'write "{match["variable"]}"'
    return Problem("yaml-syntax", message, mark, "", help=fix)


def _unclosed_flow(place: _Place) -> Problem | None:
    kind = next((kind for kind in _OPENING if kind in place.said), None)
    if kind is None:
        return None
    text = place.text(place.first_line)
    mark = place.mark(place.first_line, place.first_column, len(text.rstrip()))
    bracket = _OPENING[kind]
    message = f"the bracket {bracket} is not closed, or a comma is missing"
    return Problem("yaml-syntax", message, mark, "it opens here")


_RULES: tuple[Callable[[_Place], Problem | None], ...] = (
    _tab,
    _unclosed_quote,
    _escape,
    _special_start,
    _special_inside,
    _after_quote,
    _variable_in_flow,
    _tight_colon,
    _second_colon,
    _no_colon,
    _indentation,
    _unclosed_flow,
)


def quoted(value: str) -> str:
    """`value` between double quote marks, as YAML takes it; a comment behind it is left out."""
    value = re.sub(r"\s+#.*$", "", value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain_words(said: str) -> str:
    return said.replace("<", "").replace(">", "").strip()
