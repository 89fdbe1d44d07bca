"""Where every value of a pipeline comes from: the file, a layer of defaults, or the schema."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from factory.redact import is_secret_name
from factory.spec.document import Document
from factory.spec.layers import SOURCE_KINDS
from factory.spec.marks import Mark
from factory.spec.near import nearest
from factory.spec.nodes import ListNode, Node, Path, ScalarNode, find, plain, scalars
from factory.spec.parts import Part, part
from factory.spec.schemas import Schema, keys
from factory.spec.shape import walk
from factory.spec.variables import VARIABLE

_MASK = "***"
_ADDRESS = re.compile(r"://(?!\$\{).*", re.S)


@dataclass(frozen=True, slots=True)
class Overridden:
    """A value that holds no longer, because a nearer layer says something else."""

    mark: Mark
    value: object


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A variable in a value; where it is not set, its default stands, if it has one."""

    name: str
    is_set: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """A value as it holds, and where it was typed; `mark` None: nowhere, see `otherwise`.

    `value` is text, a number, a truth value or a list of those; secrets in it are masked.
    `overrides` has the nearest layer first.
    """

    path: str  # columns.AGE.type
    aliases: tuple[str, ...]  # columns[1].type
    value: object
    mark: Mark | None
    overrides: tuple[Overridden, ...] = ()
    variables: tuple[VariableUse, ...] = ()
    description: str | None = None
    otherwise: str = "schema default"


def origins(
    document: Document, env: Mapping[str, str], hide: Callable[[str], str] = str
) -> tuple[Origin, ...]:
    """Every value of the pipeline, by the schema's order of sections.

    `hide` gives a text without the secrets that are written in it.
    """
    filled = document.filled
    found = [
        (path[0], _origin(document, path, node, words, env, _hiding(path, hide)))
        for path, node, words in walk(filled, part(document.schema))
        if _is_leaf(node) and not _in_leaf(filled, path)
    ]
    if document.tree.entry("name") is None:
        name = Origin("name", (), document.stem, None, otherwise="the file's name")
        found.append(("name", name))
    order = [*keys("pipeline")["properties"]]
    return tuple(origin for _, origin in sorted(found, key=lambda pair: order.index(pair[0])))


def select(found: tuple[Origin, ...], field: str) -> tuple[Origin, ...]:
    """Those at the dotted path `field` and below; none if there is nothing of that name."""
    return tuple(
        origin
        for origin in found
        if any(
            name == field or name.startswith((f"{field}.", f"{field}["))
            for name in (origin.path, *origin.aliases)
        )
    )


def near_field(found: tuple[Origin, ...], field: str) -> str | None:
    """The path that `field` was most likely meant to be."""
    known = {part for origin in found for name in (origin.path, *origin.aliases)
             for part in _heads(name)}  # fmt: skip
    return nearest(field, [*known, *unset_fields()])


def unset_fields() -> dict[str, str]:
    """What a pipeline may say, by dotted path, with the description of each."""
    return dict(_fields(part("pipeline"), ""))


def _fields(above: Part, head: str) -> Iterator[tuple[str, str]]:
    for name, child in above.of_map.children.items():
        yield f"{head}{name}", str(child.words.get("description", ""))
        yield from _fields(child, f"{head}{name}.")


def _origin(
    document: Document,
    path: Path,
    node: Node,
    part: Schema,
    env: Mapping[str, str],
    hide: Callable[[str], str],
) -> Origin:
    typed = find(document.merged, *path)
    names = (dotted(document.tree, path), _indexed(path))
    return Origin(
        path=names[0],
        aliases=() if names[0] == names[1] else (names[1],),
        value=_shown(node, typed, hide),
        mark=None if typed is None else typed.mark,
        overrides=tuple(_overridden(document, path, typed, hide)) if typed else (),
        variables=tuple(_variables(typed, env)) if typed else (),
        description=part.get("description"),
    )


def _hiding(path: Path, hide: Callable[[str], str]) -> Callable[[str], str]:
    """An address for alerts is a secret from its host on, unless a variable stands there."""
    if path[0] != "alerts":
        return hide
    return lambda text: _ADDRESS.sub(f"://{_MASK}", hide(text))


def _overridden(
    document: Document, path: Path, typed: Node, hide: Callable[[str], str]
) -> Iterator[Overridden]:
    """The values of the layers below the one that holds."""
    for layer in reversed(document.layers):
        for place in _in_defaults(path):
            below = find(layer, *place)
            if below is not None and _is_leaf(below) and below.mark != typed.mark:
                yield Overridden(below.mark, _shown(below, below, hide))


def _in_defaults(path: Path) -> list[Path]:
    """Where defaults for the value stand: those of each of `tables` under `table`, and a source
    of one kind overrides one of any."""
    if path[:1] == ("tables",) and len(path) > 2:
        return [("table", *path[2:])]
    if path[:1] == ("source",) and path[1:] and path[1] in SOURCE_KINDS:
        return [("source", kind) for kind in SOURCE_KINDS]
    return [path]


def _variables(typed: Node, env: Mapping[str, str]) -> Iterator[VariableUse]:
    for scalar in scalars(typed):
        if isinstance(scalar.value, str):
            for match in VARIABLE.finditer(scalar.value):
                yield VariableUse(match[1], match[1] in env, match[2])


def _shown(node: Node, typed: Node | None, hide: Callable[[str], str]) -> object:
    """The value; what comes from a variable that sounds secret, or looks like one, is masked."""
    names = [m[1] for s in scalars(typed) for m in VARIABLE.finditer(str(s.value))] if typed else []
    if any(map(is_secret_name, names)) and not any("${" in str(s.value) for s in scalars(node)):
        return _MASK
    return _masked(plain(node), hide)


def _masked(value: object, hide: Callable[[str], str]) -> object:
    if isinstance(value, list):
        return [_masked(item, hide) for item in value]
    return hide(value) if isinstance(value, str) else value


def _is_leaf(node: Node) -> bool:
    if isinstance(node, ListNode):
        return all(isinstance(item, ScalarNode) for item in node.items)
    return isinstance(node, ScalarNode)


def _in_leaf(tree: Node, path: Path) -> bool:
    """Whether the value is an item of a list that is shown as a whole."""
    above = find(tree, *path[:-1])
    return isinstance(above, ListNode) and _is_leaf(above)


def dotted(tree: Node, path: Path) -> str:
    """`columns.AGE.type`: columns by their names, other items by their place."""
    text = ""
    for depth, step in enumerate(path):
        name = find(tree, *path[: depth + 1], "name")
        in_columns = depth > 0 and path[depth - 1] == "columns"
        if isinstance(step, int) and in_columns and isinstance(name, ScalarNode):
            text += f".{name.value}"
        else:
            text += _step(step, text)
    return text


def _indexed(path: Path) -> str:
    text = ""
    for step in path:
        text += _step(step, text)
    return text


def _step(step: str | int, before: str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if before else step


def _heads(name: str) -> Iterator[str]:
    """The name, and all that it lies in."""
    yield name
    for match in re.finditer(r"[.\[]", name):
        yield name[: match.start()]
