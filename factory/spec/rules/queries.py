"""bad-query, query-writes, query-reaches: a check's SQL reads tables, and does nothing else."""

from collections.abc import Iterator

from factory.spec.marks import Mark
from factory.spec.nodes import ScalarNode
from factory.spec.problems import Problem
from factory.spec.queries import faults
from factory.spec.syntax import lines_of


def problems(node: ScalarNode) -> Iterator[Problem]:
    """What the query may not do, with the carets under the words that do it."""
    for fault in faults(str(node.value)):
        yield Problem(fault.code, fault.message, _place(node, fault.start, fault.end))


def _place(node: ScalarNode, start: int, end: int) -> Mark:
    """The stretch of a text's value where it was typed, in a text of several lines, too.

    The whole of it where that cannot be told.
    """
    text = str(node.value)
    if start >= end or "${" in node.raw:
        return node.mark
    if len(lines_of(node.raw)) == 1:
        return node.part(start, end)
    word, at = text[start:end], -1
    for _ in range(text[:start].count(word) + 1):
        at = node.raw.find(word, at + 1)
        if at < 0:
            return node.mark
    *above, before = lines_of(node.raw[:at])
    line = node.mark.line + len(above)
    column = len(before) + (1 if above else node.mark.column)
    return Mark(node.mark.file, line, column, line, column + len(word))
