"""From the texts of a project to its pipelines: read, layer, judge, build, compare."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from factory.spec.build import build_pipeline
from factory.spec.build_factory import build_factory
from factory.spec.document import Candidate, Document
from factory.spec.files import PROJECT_FILE, clean, defaults_files, pipeline_files
from factory.spec.judge import compare, judge, tidy
from factory.spec.layers import layered
from factory.spec.marks import Mark
from factory.spec.model import FactorySpec
from factory.spec.nodes import Entry, MapNode, Node, find, mapping, scalars, text_at
from factory.spec.parts import part
from factory.spec.problems import Problem
from factory.spec.reader import Reading, read
from factory.spec.rules.patterns import legal_name
from factory.spec.shape import expand, fill
from factory.spec.variables import Substitution

TARGET_VARIABLE = "FACTORY_TARGET"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The outcome: candidates in the order of their files, all problems by file and line."""

    factory: FactorySpec
    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Defaults for a folder and below. `tree` is None if the file cannot be understood."""

    folder: str
    tree: MapNode | None
    problems: tuple[Problem, ...]
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class _Settings:
    factory: FactorySpec
    layer: _Layer
    problems: tuple[Problem, ...]


def assemble(
    root: str, texts: Mapping[str, str], env: Mapping[str, str], unreadable: tuple[Problem, ...]
) -> Assembly:
    """Everything that the texts say, and all that is wrong with them."""
    settings = _settings(root, texts, env, unreadable)
    folder = clean(settings.factory.pipelines)
    layers = [settings.layer]
    layers += [_defaults(file, texts[file], env) for file in defaults_files(texts, folder)]
    layers += [_unread_layer(p) for p in unreadable if defaults_files([p.mark.file], folder)]
    candidates = [
        _candidate(file, texts[file], layers, env, folder) for file in pipeline_files(texts, folder)
    ]
    candidates += [
        _unread(problem) for problem in unreadable if pipeline_files([problem.mark.file], folder)
    ]
    across = compare(candidates, settings.factory)
    found = tuple(_with(candidate, across) for candidate in candidates)
    problems = [*settings.problems, *(p for layer in layers for p in layer.problems), *across]
    problems += [problem for candidate in found for problem in candidate.problems]
    return Assembly(settings.factory, found, tidy(problems))


def _settings(
    root: str, texts: Mapping[str, str], env: Mapping[str, str], unreadable: tuple[Problem, ...]
) -> _Settings:
    """The project file; where it is missing or cannot be read, the schema's defaults."""
    unread = tuple(problem for problem in unreadable if problem.mark.file == PROJECT_FILE)
    reading = read(PROJECT_FILE, texts.get(PROJECT_FILE, "{}"))
    tree = reading.tree or MapNode({}, Mark(PROJECT_FILE, 1, 1, 1, 1))
    understood = reading.tree is not None and not unread
    expanded = _map(expand(tree, part("factory")))
    defaults, others = _split(expanded, "defaults")
    resolved, problems = _resolve_settings(_map(fill(others, part("factory"))), env)
    document = Document(PROJECT_FILE, resolved, others, "factory")
    judged = judge(document, [*reading.problems, *unread, *problems])
    layer = _Layer("", MapNode({}, tree.mark) if understood else None, judged)
    if isinstance(defaults, MapNode):
        found = _judge_defaults(PROJECT_FILE, defaults, env)
        # Nearly every project file has variables, but in its targets.
        variable = any("${" in str(scalar.value) for scalar in scalars(defaults))
        layer = _Layer("", defaults, found, replace(reading, variable=variable))
    return _Settings(build_factory(root, document, judged), layer, judged)


def _resolve_settings(tree: MapNode, env: Mapping[str, str]) -> tuple[MapNode, list[Problem]]:
    """The tree with its variables. Only the chosen target has to have all of its own."""
    targets, others = _split(tree, "targets")
    strict, lenient = Substitution(env), Substitution(env, lenient=True)
    known = part("factory")
    resolved = _map(strict.node(others, known))
    if isinstance(targets, MapNode):
        named = text_at(resolved, "default_target")
        chosen = env.get(TARGET_VARIABLE) or (named.value if named is not None else None)
        entries: list[Entry] = []
        for entry in targets.entries:
            how = strict if entry.name == chosen else lenient
            target = how.node(mapping([entry], entry.value.mark), known.children["targets"])
            entries += _map(target).entries
        targets = mapping(entries, targets.mark)
    if targets is not None:
        key = tree.children["targets"].key
        resolved = MapNode({**resolved.children, "targets": Entry(key, targets)}, tree.mark)
    return resolved, [*strict.problems, *lenient.problems]


def _defaults(file: str, text: str, env: Mapping[str, str]) -> _Layer:
    folder = str(PurePosixPath(file).parent)
    reading = read(file, text)
    if reading.tree is None:
        return _Layer(folder, None, reading.problems)
    tree = _map(expand(reading.tree, part("pipeline")))
    problems = tidy([*reading.problems, *_judge_defaults(file, tree, env)])
    return _Layer(folder, tree, problems, reading)


def _judge_defaults(file: str, tree: MapNode, env: Mapping[str, str]) -> tuple[Problem, ...]:
    substitution = Substitution(env, lenient=True)
    resolved = _map(substitution.node(tree, part("pipeline")))
    return judge(Document(file, resolved, tree, "pipeline", "pipeline"), substitution.problems)


def _candidate(
    file: str, text: str, layers: list[_Layer], env: Mapping[str, str], folder: str
) -> Candidate:
    """A pipeline file, judged with the defaults that hold for it."""
    above = [layer for layer in layers if _holds(layer, file)]
    reading = read(file, text)
    lost = [problem for layer in above if layer.tree is None for problem in layer.problems]
    if reading.tree is None:
        return _broken(file, tidy([*reading.problems, *lost]))
    typed = _map(expand(reading.tree, part("pipeline")))
    lower = tuple(layer.tree for layer in above if layer.tree is not None)
    merged = layered(lower, typed)
    readings = [reading, *(layer.reading for layer in above if layer.reading is not None)]
    substitution, tree = Substitution(env), merged
    if any(each.variable for each in readings):
        tree = _map(substitution.node(merged, part("pipeline")))
    disputed = any(each.disputed for each in readings)
    document = Document(file, tree, typed, merged=merged, layers=lower, disputed=disputed)
    problems = judge(document, [*reading.problems, *lost, *substitution.problems])
    named = text_at(tree, "name")
    name = str(named.value) if named is not None else document.stem
    mark = named.mark if named is not None else Mark(file, 1, 1, 1, 1)
    failed = any(problem.severity == "error" for problem in problems)
    spec = (
        None if failed else build_pipeline(document, name, _group(file.rpartition("/")[0], folder))
    )
    return Candidate(file, name, mark, document, spec, problems)


def _holds(layer: _Layer, file: str) -> bool:
    return not layer.folder or file.startswith(f"{layer.folder}/")


@lru_cache(maxsize=1_000)
def _group(place: str, folder: str) -> str | None:
    """The sub-folder of the pipelines' folder, as a legal group."""
    inside = PurePosixPath(place).relative_to(folder).parts
    return "/".join(filter(None, map(legal_name, inside))) or None


def _broken(file: str, problems: tuple[Problem, ...]) -> Candidate:
    return Candidate(file, PurePosixPath(file).stem, Mark(file, 1, 1, 1, 1), None, None, problems)


def _unread(problem: Problem) -> Candidate:
    return _broken(problem.mark.file, (problem,))


def _unread_layer(problem: Problem) -> _Layer:
    return _Layer(str(PurePosixPath(problem.mark.file).parent), None, (problem,))


def _with(candidate: Candidate, across: tuple[Problem, ...]) -> Candidate:
    """A clash breaks every file that takes part in it: nobody can tell which is right."""
    own = [
        problem
        for problem in across
        if candidate.file in {problem.mark.file, *(other.mark.file for other in problem.related)}
    ]
    if not own:
        return candidate
    failed = any(problem.severity == "error" for problem in own)
    spec = None if failed else candidate.spec
    return replace(candidate, spec=spec, problems=tidy([*candidate.problems, *own]))


def _split(tree: MapNode, name: str) -> tuple[Node | None, MapNode]:
    others = mapping((entry for entry in tree.entries if entry.name != name), tree.mark)
    return find(tree, name), others


def _map(node: Node) -> MapNode:
    assert isinstance(node, MapNode)  # noqa: S101 - a mapping stays one, whatever is done below it
    return node
