"""Changes to a YAML text that leave every other character as it is.

Places come from the tree that the one reader makes; nothing is written anew that was not to
change, so comments, order, quote marks and line ends stay.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from factory.spec.marks import Mark
from factory.spec.nodes import ListNode, MapNode, Node, ScalarNode

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Change:
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def apply(text: str, changes: Iterable[Change]) -> str:
    """The text with all changes; they may touch, and not overlap."""
    pieces, position = [], 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        if change.start < position:
            raise ValueError("two changes overlap")
        pieces += [text[position : change.start], change.new]
        position = change.end
    return "".join([*pieces, text[position:]])


class Lines:
    """Where the lines of a text begin, and marks as offsets into it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        self.newline = next(iter(_BREAK.findall(text)), "\n")

    def start(self, mark: Mark) -> int:
        """Where the marked stretch begins."""
        return self._starts[mark.line - 1] + mark.column - 1

    def end(self, node: Node) -> int:
        """Just behind the last character of the node; a block ends with its last value."""
        if isinstance(node, ListNode) and not self.is_flow(node) and node.items:
            return self.end(node.items[-1])
        if isinstance(node, MapNode) and not self.is_flow(node) and node.entries:
            return self.end(node.entries[-1].value)
        end = self._starts[node.mark.end_line - 1] + node.mark.end_column - 1
        return len(self.text[:end].rstrip()) if isinstance(node, ScalarNode) else end

    def is_flow(self, node: Node) -> bool:
        """Whether a list or mapping is written with brackets."""
        return self.text[self.start(node.mark)] in "[{"

    def line_start(self, offset: int) -> int:
        """Where the line of a character begins."""
        return max(start for start in self._starts if start <= offset)

    def line_end(self, offset: int) -> int:
        """Where the line of a character ends, before its line break."""
        match = _BREAK.search(self.text, offset)
        return match.start() if match else len(self.text)


def cut(text: str, parts: Sequence[tuple[int, int]], gone: Iterable[int], new: str) -> list[Change]:
    """Takes parts out of what stands between brackets, with their commas, and appends `new`.

    `parts` are where the parts begin and end; `new` may be empty.
    """
    left = [number for number in range(len(parts)) if number not in set(gone)]
    if not left:
        return [Change(parts[0][0], parts[-1][1], new)]
    changes = [
        Change(parts[number][0], parts[_next(left, number)][0], "")
        for number in range(left[-1])
        if number not in left and (number == 0 or number - 1 in left)
    ]
    end = parts[left[-1]][1]
    if left[-1] == len(parts) - 1:
        return [*changes, Change(end, end, f", {new}")] if new else changes
    after = text[end : parts[left[-1] + 1][0]]
    if "#" in after:  # a comment of the last one that stays, with its comma before it
        return [*changes, Change(parts[left[-1] + 1][0], parts[-1][1], new)]
    return [*changes, Change(end, parts[-1][1], f", {new}" if new else "")]


def _next(left: Sequence[int], number: int) -> int:
    return next(each for each in left if each > number)
