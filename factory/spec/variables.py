"""`${VAR}` and `${VAR:-default}` in texts: resolved after parsing, so that line numbers hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from factory.errors import Permanent
from factory.redact import is_secret_name, remember
from factory.spec.marks import Mark
from factory.spec.near import nearest
from factory.spec.nodes import Node, ScalarNode
from factory.spec.parts import Part
from factory.spec.problems import Problem
from factory.spec.scalars import read_plain
from factory.spec.schemas import Schema
from factory.spec.shape import over_children

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")
_MOST = 20  # mistakes told of one text
_OPENING = re.compile(r"\$\{[^{}]*\}?")


def has_variable(text: str) -> bool:
    """Whether a part of `text` is only known when a run needs it."""
    return VARIABLE.search(text) is not None


def resolve(raw: str, env: Mapping[str, str]) -> str:
    """`raw` with its variables replaced, each value from then on treated as a secret.

    For the fields that stay unresolved in a spec. Raises Permanent if a variable is not set and
    has no default.
    """

    def value(match: re.Match[str]) -> str:
        found = _value(match, env)
        if found is None:
            raise Permanent(f"environment variable {match[1]} is not set")
        if match[1] in env:
            remember(found)
        return found

    return VARIABLE.sub(value, raw)


@dataclass(slots=True)
class Substitution:
    """Replaces the variables of a tree, and gathers what is wrong with them.

    `lenient` leaves a variable that is not set as it was typed, without a word.
    """

    env: Mapping[str, str]
    lenient: bool = False
    problems: list[Problem] = field(default_factory=list)

    def node(self, node: Node, part: Part) -> Node:
        """The tree with its variables resolved. Fields that may hold secrets stay as typed."""
        if isinstance(node, ScalarNode):
            return self._scalar(node, part.words)
        return over_children(node, part.form(node), self.node)

    def _scalar(self, node: ScalarNode, part: Schema) -> ScalarNode:
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        problems = list(self._judge(node, node.value))
        self.problems += problems
        if problems or part.get("x-late"):
            return node
        text = VARIABLE.sub(self._replacement, node.value)
        value = text if _is_text(node, part) else read_plain(text)[0]
        return ScalarNode(value, node.raw, node.mark, node.plain)

    def _replacement(self, match: re.Match[str]) -> str:
        found = _value(match, self.env)
        return match[0] if found is None else found

    def _judge(self, node: ScalarNode, text: str) -> Iterator[Problem]:
        for opening in islice(_OPENING.finditer(text), _MOST):
            mark = node.part(opening.start(), opening.end())
            match = VARIABLE.fullmatch(opening[0])
            if match is None:
                yield Problem(
                    "bad-variable",
                    f'"{opening[0]}" is no variable',
                    mark,
                    "write ${NAME} or ${NAME:-default}",
                    notes=("a name has letters, digits and _, and no digit first",),
                )
            elif _value(match, self.env) is None and not self.lenient:
                yield _missing(match[1], mark, self.env)


def _missing(name: str, mark: Mark, env: Mapping[str, str]) -> Problem:
    near, secret = nearest(name, env), is_secret_name(name)
    export = f"export {name}=… where factory runs"
    return Problem(
        "missing-env",
        f"environment variable {name} is not set",
        mark,
        f"{near} is set; is that the one?" if near else "looked for in the environment",
        help=None if near or secret else f"{export}, or write ${{{name}:-value}}",
        notes=(export,) if secret and not near else (),
    )


def _value(match: re.Match[str], env: Mapping[str, str]) -> str | None:
    """As in a shell, `:-` stands in for a variable that is empty, too."""
    found = env.get(match[1])
    default: str | None = match[2]
    return found or default if default is not None else found


def _is_text(node: ScalarNode, part: Schema) -> bool:
    """Whether the value stays text: where text is meant, and where it may be and is quoted.

    Quote marks alone do not make it text: between { and } a variable cannot do without them.
    """
    kind = part.get("type")
    if isinstance(kind, list):
        return not node.plain and "string" in kind
    if kind is not None:
        return bool(kind == "string")
    return all(isinstance(item, str) for item in part.get("enum", ())) and "anyOf" not in part
