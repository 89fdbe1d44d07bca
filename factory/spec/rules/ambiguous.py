"""ambiguous-scalar: text without quote marks that YAML 1.1 and 1.2 read differently."""

from collections.abc import Iterator

from factory.spec.document import Document
from factory.spec.nodes import MapNode, Path, ScalarNode, Value
from factory.spec.problems import Problem
from factory.spec.schemas import Schema

_LABEL = "YAML readers do not agree on this"


def problems(document: Document) -> Iterator[Problem]:
    """One problem for each such value, and for each such key where keys are free."""
    for path, node, part in document.nodes() if document.disputed else ():
        if isinstance(node, ScalarNode) and node.other is not None and not part.get("x-as-typed"):
            if path[-1] == "cron":
                continue  # 2:00 is none to any reader, and the rule for schedules says so
            yield _problem(node, _fix(path, node, part))
        elif isinstance(node, MapNode) and isinstance(part.get("additionalProperties"), dict):
            for entry in node.entries:
                if entry.key.other is not None:
                    yield _problem(entry.key, f'write "{entry.name}": …')


def _problem(node: ScalarNode, fix: str) -> Problem:
    message = f"{node.raw} is {_words(node.value)} to YAML 1.2 and {node.other} to YAML 1.1"
    return Problem("ambiguous-scalar", message, node.mark, _LABEL, help=fix)


def _words(value: Value) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"the number {value}" if is_number else "text"


def _fix(path: Path, node: ScalarNode, part: Schema) -> str:
    lead = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    kind = part.get("type")
    if kind == "boolean" and node.other in {"true", "false"}:
        return f"write {lead}{node.other}"
    if kind in ("integer", "number"):
        digits = node.raw.replace("_", "").lstrip("+0") or "0"
        return f"write {lead}{digits if digits.isdigit() else 1}"
    return f'write {lead}"{node.raw}"'
