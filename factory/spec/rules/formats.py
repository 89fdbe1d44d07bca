"""bad-format, bad-encoding: how dates are written, and which character set a file has."""

import codecs
import re
from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.nodes import MapNode, ScalarNode, find, text_at
from factory.spec.problems import Problem

_TIME_TYPES = {"DATE", "DATETIME", "TIMESTAMP", "TIME"}
_LETTERS = "aAwdbBmyYHIpMSfgzZjUWuGVn%"
_YEAR, _CLOCK, _ZONE = set("Yy"), set("HIMSfgn"), set("zZ")
_DIRECTIVE = re.compile(r"%-?(.?)", re.S)
# How other tools write it; the longest first.
_OTHERS = (
    ("yyyy", "%Y"), ("YYYY", "%Y"), ("MM", "%m"), ("dd", "%d"), ("DD", "%d"), ("HH24", "%H"),
    ("HH", "%H"), ("hh", "%H"), ("mm", "%M"), ("MI", "%M"), ("ss", "%S"), ("SS", "%S"),
    ("yy", "%y"),
)  # fmt: skip


def dates(document: Document) -> Iterator[Problem]:
    """`format` belongs to a date or time, and holds the letters of strptime that its type needs."""
    for column in document.columns:
        yield from _column(column)


def _column(column: MapNode) -> Iterator[Problem]:
    node, kind = text_at(column, "format"), find(column, "type")
    if node is None or "${" in str(node.value):
        return
    typed = str(kind.value) if isinstance(kind, ScalarNode) else None
    if typed is None:
        message = "a format needs a type that it is the format of"
        help_text = "for example type: DATE"
        yield Problem("bad-format", message, node.mark, "no type here", help=help_text)
    elif typed not in _TIME_TYPES and typed.isupper():
        message = f"a format is for DATE, DATETIME, TIMESTAMP and TIME, not for {typed}"
        yield Problem("bad-format", message, node.mark, "remove it, or change the type")
    wrong = list(_letters(node, str(node.value)))
    yield from wrong or _missing(node, str(node.value), typed)


def _missing(node: ScalarNode, text: str, typed: str | None) -> Iterator[Problem]:
    """What a value would be made up of, or moved by, for its type is another than its format."""
    found = {match[1]: match for match in _DIRECTIVE.finditer(text)}
    if typed in _TIME_TYPES - {"TIME"} and _YEAR.isdisjoint(found):
        message = f"a {typed} needs a year: without one, all would be of 1900"
        yield Problem("bad-format", message, node.mark, help='for example format: "%d/%m/%Y"')
    if typed == "TIME" and _CLOCK.isdisjoint(found):
        message = "a TIME needs an hour: without one, all would be midnight"
        yield Problem("bad-format", message, node.mark, help='for example format: "%H:%M"')
    for letter in sorted(_ZONE & set(found)) if typed in _TIME_TYPES - {"TIMESTAMP"} else ():
        mark = node.part(found[letter].start(), found[letter].end())
        message = f"a {typed} has no zone: it would be moved to UTC"
        yield Problem("bad-format", message, mark, "for a TIMESTAMP", help="write type: TIMESTAMP")


def _letters(node: ScalarNode, text: str) -> Iterator[Problem]:
    found = list(_DIRECTIVE.finditer(text))
    for match in found:
        if not match[1] or match[1] not in _LETTERS:
            mark = node.part(match.start(), match.end())
            message = f'strptime has no "{match[0]}"'
            notes = ("%Y year, %m month, %d day, %H hour, %M minute, %S second",)
            yield Problem("bad-format", message, mark, "no such letter", notes=notes)
    if not found:
        fixed = text
        for other, letter in _OTHERS:
            fixed = fixed.replace(other, letter)
        message = f'a format holds strptime\'s letters, such as %d/%m/%Y, got "{text}"'
        fix = f'write format: "{fixed}"' if fixed != text else None
        yield Problem("bad-format", message, node.mark, help=fix)


def encoding(document: Document) -> Iterator[Problem]:
    """A character set that Python knows."""
    node = text_at(document.tree, "source", "format", "encoding")
    if node is None or node.value == "auto" or "${" in str(node.value):
        return
    try:
        known = codecs.lookup(str(node.value))._is_text_encoding
    except (LookupError, ValueError):
        known = False
    if not known:
        message = f'"{node.value}" is no character set'
        help_text = "for example encoding: utf-8"
        yield Problem("bad-encoding", message, node.mark, "", help=help_text)
