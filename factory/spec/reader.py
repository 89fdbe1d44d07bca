"""The one YAML reader: text to a tree with marks. Nothing else in the factory reads YAML.

Only data is taken: no tags, one document, no anchors outside `x-*`, bounded in size, depth and
number of nodes. libyaml scans, for speed; where it refuses a text, the pure scanner says why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from factory.spec.marks import Mark
from factory.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from factory.spec.problems import Problem, Related
from factory.spec.scalars import read_plain
from factory.spec.syntax import explain, lines_of

MAX_CHARACTERS = 1_000_000
MAX_LINES = 100_000
_MAX_EXPLAINED = 250_000  # characters; the pure scanner takes two seconds for a million
MAX_DEPTH = 30
MAX_NODES = 10_000  # a contract of a thousand columns has 6,000

_Scanner = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_new = tuple.__new__  # of a named tuple: in half the time that its own takes


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. `tree` is None if the text is no mapping; then there is a problem.

    `disputed` says that it holds something that readers of YAML 1.1 and 1.2 take differently,
    `variable` that it may hold a variable: most files have neither, and need no search.
    """

    tree: MapNode | None
    problems: tuple[Problem, ...]
    disputed: bool = False
    variable: bool = False


def read(file: str, text: str) -> Reading:
    """The tree of `text`; `file` goes into the marks. Never raises, whatever the text."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        note = f"at most {MAX_CHARACTERS:,} characters are read"
        return Reading(None, (Problem("too-large", "the file is too large", _top(file), note),))
    if len(text) > MAX_LINES and len(lines_of(text)) > MAX_LINES:
        note = f"at most {MAX_LINES:,} lines are read"
        return Reading(None, (Problem("too-large", "the file is too large", _top(file), note),))
    try:
        return _Builder(file, text, _events(text, _Scanner)).read()
    except (yaml.YAMLError, UnicodeError) as error:
        return _again(file, text, error)


def _top(file: str) -> Mark:
    return Mark(file, 1, 1, 1, 1)


def _again(file: str, text: str, error: yaml.YAMLError | UnicodeError) -> Reading:
    """What the pure scanner makes of a text that libyaml refuses."""
    try:
        if len(text) > _MAX_EXPLAINED:
            raise error
        return _Builder(file, text, _events(text, yaml.SafeLoader)).read()
    except (yaml.YAMLError, UnicodeError) as error:
        return Reading(None, (explain(file, text, error),))


def _events(text: str, scanner: Any) -> Iterator[Any]:
    """One by one: the scanners take time by the square of open brackets, so they must not run
    ahead of the builder, which refuses what is too deep."""
    return iter(scanner(text).get_event, None)


class _Refused(Exception):
    """The rest of the file is not worth reading."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the scanner's events, and gathers what is wrong on the way."""

    file: str
    text: str
    events: Iterator[Any]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    nodes: int = 0
    disputed: bool = False
    variable: bool = False
    free: int = 0  # how many x-* keys we are inside of
    end: tuple[int, int] = field(init=False)  # line and column behind the last character

    def __post_init__(self) -> None:
        lines = lines_of(self.text)
        self.end = (len(lines), len(lines[-1]) + 1)

    def read(self) -> Reading:
        try:
            tree = self._document()
        except _Refused as refused:
            return Reading(None, (*self.problems, refused.problem))
        return Reading(tree, tuple(self.problems), self.disputed, self.variable)

    def _document(self) -> MapNode | None:
        tree: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and tree is not None:
                raise _Refused(
                    Problem(
                        "several-documents",
                        "a file holds one pipeline, this one has a second document",
                        self._mark(event),
                        "a second document begins here",
                        notes=("put each pipeline into a file of its own",),
                    )
                )
            if isinstance(event, yaml.NodeEvent):
                tree = self._node(event, 0)
        return self._root(tree)

    def _root(self, tree: Node | None) -> MapNode | None:
        if isinstance(tree, MapNode):
            return tree
        if tree is None or (isinstance(tree, ScalarNode) and tree.value is None):
            raise _Refused(Problem("empty-file", "the file is empty", _top(self.file)))
        kind = "a list" if isinstance(tree, ListNode) else "text"
        message = f"expected keys and values at the top of the file, got {kind}"
        raise _Refused(Problem("wrong-type", message, tree.mark, "write key: value"))

    def _node(self, event: Any, depth: int) -> Node:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            self._refuse_size(event, depth)
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        if event.tag is not None:
            self._refuse_tag(event)
        node: Node
        if kind is yaml.ScalarEvent:
            node = self._scalar(event)
        elif kind is yaml.SequenceStartEvent:
            node = self._list(event, depth)
        else:
            node = self._map(event, depth)
        if event.anchor is not None:
            self._anchor(event, node)
        return node

    def _scalar(self, event: Any) -> ScalarNode:
        start, end = event.start_mark, event.end_mark
        raw, mark = self.text[start.index : end.index], self._between(start, end)
        text = event.value
        if "${" in text:
            self.variable = True
        if event.style:
            return _new(ScalarNode, (text, raw, mark, False, None))
        value, other = read_plain(text)
        if other is not None:
            self.disputed = True
        return _new(ScalarNode, (value, raw, mark, True, other))

    def _list(self, start: Any, depth: int) -> ListNode:
        items = []
        while type(event := next(self.events)) is not yaml.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return ListNode(tuple(items), self._span(start, event, items))

    def _map(self, start: Any, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            key = self._key(event)
            name = event.value
            free = name.startswith("x-")
            self.free += free
            value = self._node(next(self.events), depth + 1)
            self.free -= free
            if name in entries:
                self._duplicate(key, entries[name].key)
            else:
                entries[name] = _new(Entry, (key, value))
        return MapNode(entries, self._span(start, event, [e.value for e in entries.values()]))

    def _key(self, event: Any) -> ScalarNode:
        if type(event) is not yaml.ScalarEvent:
            message = "a key must be text"
            notes = ("text that begins with { or [ needs quote marks",)
            raise _Refused(Problem("wrong-type", message, self._mark(event), notes=notes))
        if event.value == "<<" and not event.style:
            raise _Refused(
                Problem(
                    "merge-key",
                    'merge keys ("<<") are YAML 1.1 only',
                    self._mark(event),
                    "readers of YAML 1.2 take it for a key of that name",
                    notes=("shared settings belong in _defaults.yaml or factory.yaml",),
                )
            )
        node = self._scalar(event)
        return node if node.value == event.value else node._replace(value=event.value)

    def _duplicate(self, key: ScalarNode, first: ScalarNode) -> None:
        related = (Related(first.mark, "first written here"),)
        message = f'the key "{key.value}" is written twice'
        notes, mark = ("keep one of the two, and remove the other",), key.mark
        problem = Problem("duplicate-key", message, mark, "and here", notes=notes, related=related)
        self.problems.append(problem)

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            message = f"no anchor &{event.anchor} under an x-* key before this line"
            raise _Refused(Problem("unknown-alias", message, self._mark(event), "an alias"))
        self.nodes += _size(node)
        if self.nodes > MAX_NODES:
            self._refuse_size(event, 0)
        return node

    def _anchor(self, event: Any, node: Node) -> None:
        if self.free:
            self.anchors[event.anchor] = node
            return
        mark = self._mark(event)
        length = len(event.anchor) + 1
        mark = Mark(mark.file, mark.line, mark.column, mark.line, mark.column + length)
        message = "an anchor may stand under an x-* key only"
        label = "YAML takes & for the start of an anchor"
        notes = ("remove it; what pipelines share belongs in _defaults.yaml",)
        self.problems.append(Problem("anchor", message, mark, label, notes=notes))
        self.anchors[event.anchor] = node

    def _refuse_tag(self, event: Any) -> None:
        message = f'YAML tags are not used here, got "{_short_tag(event.tag)}"'
        mark, label = self._mark(event), "remove the tag"
        plain = isinstance(event, yaml.ScalarEvent) and not event.style
        good = plain and isinstance(read_plain(event.value)[0], str) and "\n" not in event.value
        fix = f"write {event.value}" if good else None
        self.problems.append(Problem("yaml-tag", message, mark, label, fix))

    def _refuse_size(self, event: Any, depth: int) -> NoReturn:
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise _Refused(Problem("too-deep", message, self._mark(event)))
        message = f"more than {MAX_NODES:,} values, aliases counted each time"
        raise _Refused(Problem("too-large", message, self._mark(event)))

    def _mark(self, event: Any) -> Mark:
        return self._between(event.start_mark, event.end_mark)

    def _span(self, start: Any, end: Any, children: list[Node]) -> Mark:
        """A block's end event lies on the next token, so it ends with its last child."""
        first = self._between(start.start_mark, start.start_mark)
        if end.end_mark.index > end.start_mark.index:
            last = self._mark(end)
        else:
            last = children[-1].mark if children else first
        return Mark(self.file, first.line, first.column, last.end_line, last.end_column)

    def _between(self, start: Any, end: Any) -> Mark:
        """The scanners put what is missing at the end on the line after the last one."""
        line, column, end_line, end_column = start.line, start.column, end.line, end.column
        if end_line + 1 < self.end[0]:
            return _new(Mark, (self.file, line + 1, column + 1, end_line + 1, end_column + 1))
        first = min((line + 1, column + 1), self.end)
        last = min((end_line + 1, end_column + 1), self.end)
        return Mark(self.file, *first, *last)


def _size(node: Node) -> int:
    if isinstance(node, ScalarNode):
        return 1
    if isinstance(node, ListNode):
        return 1 + sum(_size(item) for item in node.items)
    return 1 + sum(_size(entry.value) for entry in node.entries)


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
