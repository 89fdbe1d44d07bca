"""A pipeline file as text, from what is known of a source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from factory.authoring.columns_text import ColumnText, column_texts, described
from factory.authoring.keys import check_lines
from factory.authoring.survey import FoundTable
from factory.authoring.yaml_text import comment, inline
from factory.ports import SourceNotes
from factory.spec.model import SourceKind

_MOST_COLUMNS = 1000  # in a file: its reader is bounded, too


@dataclass(frozen=True, slots=True)
class DraftTable:
    """A table and its name, `dataset.table`."""

    id: str
    found: FoundTable


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is to be in the file. `told` are sentences for its head.

    `plainer`, by table and column: 1 leaves the column's description out, 2 the column.
    """

    file: str  # relative to the root
    kind: SourceKind
    reference: str
    bucket: str
    schedule: str
    tables: tuple[DraftTable, ...]
    notes: SourceNotes | None = None
    licence: str | None = None
    told: tuple[str, ...] = ()
    plainer: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """The text, and which lines (from 1) hold which column of which table."""

    text: str
    columns: Mapping[int, tuple[int, int]]


def write_draft(draft: Draft) -> Written:
    """The file's text. Every value is written so that YAML gives it back as it is."""
    lines = [*_head(draft), "", *_source(draft)]
    places: dict[int, tuple[int, int]] = {}
    several = len(draft.tables) > 1
    if several:
        lines += ["", "tables:"]
    left = _MOST_COLUMNS
    for number, table in enumerate(draft.tables):
        texts = _columns(draft, number)
        shown, left = texts[:left], max(0, left - len(texts))
        lines += _table_head(table) if several else [""]
        indent = "    " if several else ""
        lines += [f"{indent}{line}" for line in _columns_head(table, shown)]
        for text in shown:
            lines.append(f"{indent}  {text.line}")
            places[len(lines)] = (number, text.position)
        lines += [f"{indent}{line}" for line in _checks(table, shown)]
    return Written("\n".join(lines) + "\n", places)


def _head(draft: Draft) -> Iterator[str]:
    up = "../" * (len(PurePosixPath(draft.file).parts) - 1)
    yield f"# yaml-language-server: $schema={up}schemas/pipeline.schema.json"
    for sentence in draft.told:
        yield comment(sentence)
    yield "version: 1"
    parts = [draft.notes.title, draft.notes.subtitle] if draft.notes else []
    said = described(": ".join(part.strip().rstrip(".") for part in parts if part))
    yield f"description: {inline(said)}" if said else "# description: one row is …"
    if draft.licence:
        label = _label(draft.licence)
        yield f"tags: {inline({'licence': label})}  {comment(draft.licence)}"


def _label(text: str) -> str:
    """`text` as tags take it: letters, digits, dots and dashes."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._") else " " for c in text)
    return "-".join(plain.split())[:63].strip("-") or "unknown"


def _source(draft: Draft) -> Iterator[str]:
    yield "source:"
    yield f"  {draft.kind}: {inline(draft.reference)}"
    only = draft.tables[0] if len(draft.tables) == 1 else None
    if only is not None and only.found.patterns and not (only.found.alone and _is_one(draft)):
        yield f"  files: {inline(only.found.patterns)}"
    yield f"bucket: {inline(draft.bucket)}  {comment('a folder on the target local')}"
    if only is not None:
        yield f"table: {inline(only.id)}"
    remark = "every day (UTC); a run that finds no new version ends at once"
    yield f"schedule: {inline(draft.schedule)}  {comment(remark)}"


def _is_one(draft: Draft) -> bool:
    """Whether the reference is that of a file; a dataset may have a second one tomorrow."""
    return draft.kind in {"http", "file"}


def _table_head(table: DraftTable) -> Sequence[str]:
    return (f"  - name: {inline(table.id)}", f"    files: {inline(table.found.patterns)}")


def _columns(draft: Draft, number: int) -> tuple[ColumnText, ...]:
    found = draft.tables[number].found
    plainer = {column: level for (at, column), level in draft.plainer.items() if at == number}
    return column_texts(found.profiles, _descriptions(draft.notes, found), plainer)


def _descriptions(notes: SourceNotes | None, found: FoundTable) -> Mapping[str, str]:
    """By column, from what is said of any of the table's files."""
    names = {PurePosixPath(member).name for member in found.members}
    said = notes.columns.items() if notes else ()
    return {col: text for (file, col), text in said if PurePosixPath(file).name in names}


def _columns_head(table: DraftTable, shown: Sequence[ColumnText]) -> Iterator[str]:
    missing = [p.original for p in table.found.profiles]
    for text in shown:
        missing.remove(text.profile.original)
    if shown:
        remark = "name: as in the source; rename: what it is called in the table"
        yield f"columns:  {comment(remark)}"
    else:
        remark = "each load finds the columns and their types out"
        yield comment(f"columns: not read, or without a name that fits here; {remark}")
    if shown and missing:
        names = ", ".join(repr(name) for name in missing[:3])
        yield f"  {comment(f'{len(missing):,} not listed, found out at each load: {names}')}"


def _checks(table: DraftTable, shown: Sequence[ColumnText]) -> Iterator[str]:
    yield "checks:  # on staged rows, before anybody sees them"
    for line in check_lines([text.profile for text in shown], table.found.rows):
        yield f"  {line}"
