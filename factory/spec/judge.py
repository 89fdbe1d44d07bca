"""Runs the rules over a document."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from factory.spec.document import Candidate, Document
from factory.spec.model import FactorySpec
from factory.spec.networks import allowed
from factory.spec.nodes import Node, ScalarNode
from factory.spec.problems import Problem
from factory.spec.rules import ACROSS, ON_DOCUMENTS, ON_MISFITS, networks
from factory.spec.validation import misfits
from factory.spec.variables import has_variable

_MOST = 1_000  # places of one file, a rule; who has mended so many sees the others then
_ABOUT_KEYS = {"required", "additionalProperties"}


def judge(document: Document, known: Iterable[Problem] = ()) -> tuple[Problem, ...]:
    """All problems of a document, sorted; `known` are those that reading it has brought.

    A place that has a problem already gets no second one from the schema, nor does a variable
    that nobody has set: what it will hold cannot be judged.
    """
    found = list(known)
    for rule in ON_DOCUMENTS:
        found += first_of(rule(document))
    taken = {(problem.mark.file, problem.mark.line, problem.mark.column) for problem in found}
    for misfit in islice(misfits(document), _MOST):
        wording = ON_MISFITS.get(misfit.keyword)
        place = (misfit.mark.file, misfit.mark.line, misfit.mark.column)
        again = misfit.keyword not in _ABOUT_KEYS and place in taken
        if wording is not None and not again and not _is_open(misfit.node):
            found += wording(misfit)
    return tidy(found)


def first_of(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first of each severity: an error behind a thousand warnings is still told."""
    told: Counter[str] = Counter()
    for problem in problems:
        told[problem.severity] += 1
        if told[problem.severity] <= _MOST:
            yield problem


def _is_open(node: Node) -> bool:
    return isinstance(node, ScalarNode) and has_variable(str(node.value))


def tidy(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file and line."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.sort_key))


def compare(candidates: Sequence[Candidate], factory: FactorySpec) -> tuple[Problem, ...]:
    """The problems that pipelines have with each other, and with the project's settings."""
    found = [problem for rule in ACROSS for problem in rule(candidates)]
    return tidy([*found, *networks.addresses(candidates, allowed(factory.http_allow_private))])
