"""What is there now: the version a source offers, what is landed, what is loaded.

Asks each place little and waits little. What cannot be asked is said in the facts, never raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import unquote

from factory.changes.outlook import Facts, TableFacts
from factory.errors import FactoryError
from factory.ingest.earlier import manifest_for
from factory.ingest.manifest import Manifest, read_manifest
from factory.plan import PipelinePlan, Plan
from factory.ports import Bucket, Column, Load, Source, SourceVersion, TableId
from factory.sources.choosing import choose
from factory.spec.model import FactorySpec
from factory.wiring import hold_warehouse, make_bucket, make_source, make_warehouse
from factory.workers import overlapped

Columns: TypeAlias = tuple[Column, ...] | None

_AT_ONCE = 8  # pipelines


def survey(plan: Plan, factory: FactorySpec, env: Mapping[str, str]) -> dict[str, Facts]:
    """The facts of every pipeline of the plan, by its name.

    The warehouse is asked first and for all, since nobody can write a file that is being read.
    """
    names = [pipeline.name for pipeline in plan.pipelines]
    books = _books(plan, factory)
    looks = [_Look(p, factory, env, book) for p, book in zip(plan.pipelines, books, strict=True)]
    facts = overlapped(looks, _Look.facts, _AT_ONCE, len(looks))
    return dict(zip(names, facts, strict=True))


@dataclass(frozen=True, slots=True)
class _Book:
    """What the warehouse says of a pipeline's tables: whether each is there, and its loads."""

    tables: Mapping[TableId, tuple[bool, tuple[Load, ...]]]
    silence: str | None = None


def _books(plan: Plan, factory: FactorySpec) -> list[_Book]:
    try:
        with hold_warehouse(plan.target, factory):
            book, pipelines = partial(_book, factory=factory), plan.pipelines
            return list(overlapped(pipelines, book, _AT_ONCE, len(pipelines)))
    except FactoryError as error:
        return [_Book({}, error.message)] * len(plan.pipelines)


def _book(pipeline: PipelinePlan, factory: FactorySpec) -> _Book:
    try:
        warehouse = make_warehouse(pipeline.target, factory, glance=True)
        return _Book(
            {
                table.id: (warehouse.exists(table.id), tuple(warehouse.loads(table.id)))
                for table in pipeline.tables
            }
        )
    except FactoryError as error:
        return _Book({}, error.message)


class _Look:
    """At one pipeline. Each question has its own answer or silence."""

    def __init__(
        self, pipeline: PipelinePlan, factory: FactorySpec, env: Mapping[str, str], book: _Book
    ) -> None:
        self._pipeline = pipeline
        self._factory = factory
        self._env = env
        self._book = book
        self._silences: list[str] = []

    def facts(self) -> Facts:
        source, offered = self._source()
        bucket, landed = self._landed(offered)
        held = None
        if landed is not None and offered is not None and landed.version.id != offered.id:
            held, offered = offered.id, landed.version
        fetch: int | None = 0
        if landed is None:
            fetch = self._bytes(source, offered) if source and offered else None
        tables = self._tables(bucket, landed)
        return Facts(offered, tables, fetch, tuple(self._silences), held)

    def _source(self) -> tuple[Source | None, SourceVersion | None]:
        try:
            source = make_source(self._pipeline, self._factory, self._env, sample=None, glance=True)
            return source, source.version()
        except FactoryError as error:
            self._silences.append(f"the source could not be asked: {error.message}")
            return None, None

    def _landed(self, offered: SourceVersion | None) -> tuple[Bucket | None, Manifest | None]:
        try:
            bucket = make_bucket(self._pipeline, self._factory)
            if offered is None:
                return bucket, None
            return bucket, manifest_for(self._pipeline, bucket, offered.id)
        except FactoryError as error:
            self._silences.append(f"the bucket could not be asked: {error.message}")
            return None, None

    def _bytes(self, source: Source, offered: SourceVersion) -> int | None:
        """What a run would download, where the source lists its files."""
        listing: Any = getattr(source, "listing", None)
        if listing is None:
            return None
        try:
            sizes: Mapping[str, int] = listing(offered)
            if len(sizes) <= 1:  # patterns, if any, mean members of it
                return next(iter(sizes.values()), None)
            wanted = [table.spec.files or self._pipeline.spec.source.files
                      for table in self._pipeline.tables]  # fmt: skip
            patterns = [pattern for some in wanted for pattern in some] if all(wanted) else []
            return sum(sizes[name] for name in choose(sizes, patterns, "the source"))
        except FactoryError as error:
            self._silences.append(f"the size is not known: {error.message}")
            return None

    def _tables(self, bucket: Bucket | None, landed: Manifest | None) -> dict[TableId, TableFacts]:
        if self._book.silence is not None:
            self._silences.append(f"the warehouse could not be asked: {self._book.silence}")
        return {
            table: TableFacts(
                exists=exists,
                loads=loads,
                columns=self._loaded_columns(bucket, loads),
                coming=_columns(landed, table),
            )
            for table, (exists, loads) in self._book.tables.items()
        }

    def _loaded_columns(self, bucket: Bucket | None, loads: Sequence[Load]) -> Columns:
        """The columns that the newest load's manifest names, if it is still in this bucket."""
        if bucket is None or not loads:
            return None
        try:
            manifest = read_manifest(bucket, _name_in(bucket, loads[0].manifest))
        except FactoryError:
            return None  # it was pruned, or lies in a bucket that the spec no longer names
        return _columns(manifest, loads[0].table)


def _columns(manifest: Manifest | None, table: TableId) -> Columns:
    landed = [one for one in manifest.tables if one.table == str(table)] if manifest else []
    return landed[0].columns if landed else None


def _name_in(bucket: Bucket, uri: str) -> str:
    """The object's name, by the uri that the bucket gave for it."""
    start = bucket.uri("_").removesuffix("_")
    name = uri.removeprefix(start)
    return unquote(name) if start.startswith("file:") else name
