"""unknown-pipeline, dependency-cycle: pipelines that wait for others."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from factory.spec.document import Candidate
from factory.spec.near import nearest
from factory.spec.nodes import ScalarNode, texts_at
from factory.spec.problems import Problem, Related


def unknown_pipelines(candidates: Sequence[Candidate]) -> Iterator[Problem]:
    """`depends_on` names pipelines of this project, broken ones included."""
    names = {candidate.name for candidate in candidates}
    for candidate in candidates:
        for node in _awaited(candidate):
            if node.value not in names:
                near = nearest(str(node.value), names - {candidate.name})
                label = f'did you mean "{near}"?' if near else ""
                message = f'no pipeline is called "{node.value}"'
                yield Problem("unknown-pipeline", message, node.mark, label)


def cycles(candidates: Sequence[Candidate]) -> Iterator[Problem]:
    """Pipelines that wait for each other would all wait for ever."""
    graph = {c.name: {str(node.value): node for node in _awaited(c)} for c in candidates}
    while found := _cycle({name: list(awaited) for name, awaited in graph.items()}):
        nodes = [graph[name][after] for name, after in pairwise(found)]
        related = tuple(Related(node.mark, "which waits here") for node in nodes[1:])
        message = f"pipelines wait for each other: {' → '.join(found)}"
        if len(nodes) == 1:
            message = "a pipeline cannot wait for itself"
        yield Problem("dependency-cycle", message, nodes[0].mark, related=related)
        del graph[found[0]][found[1]]


def _cycle(graph: dict[str, list[str]]) -> list[str] | None:
    """A cycle as `a, b, a`: each waits for the next."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        path: list[str] = list(reversed(error.args[1]))
        return path
    return None


def _awaited(candidate: Candidate) -> tuple[ScalarNode, ...]:
    if candidate.document is None:
        return ()
    found = texts_at(candidate.document.tree, "depends_on")
    return tuple(node for node in found if "${" not in str(node.value))
