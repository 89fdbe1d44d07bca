"""duplicate-table: a table that would lie where another one's rejects go."""

from collections.abc import Iterator, Sequence

from factory.spec.document import Candidate
from factory.spec.marks import Mark
from factory.spec.problems import Problem, Related


def taken_by_rejects(candidates: Sequence[Candidate]) -> Iterator[Problem]:
    """Dataset and name tell tables apart, ignoring case, as in duplicate_tables."""
    rejects: dict[str, tuple[str, Mark]] = {}
    tables: list[tuple[str, Mark]] = []
    for candidate in candidates:
        for table in candidate.spec.tables if candidate.spec else ():
            mark = table.mark or candidate.name_mark
            tables.append((f"{table.id.dataset}.{table.id.table}", mark))
            if table.may_reject:
                lies = f"{table.id.dataset}.{table.id.rejects.table}".lower()
                rejects[lies] = (str(table.id), mark)
    for name, mark in tables:
        if name.lower() in rejects:
            other, first = rejects[name.lower()]
            message = f"{name} is where the rejects of {other} go"
            related = (Related(first, "its schema_contract discards"),)
            yield Problem("duplicate-table", message, mark, "another name", related=related)
