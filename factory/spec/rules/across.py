"""duplicate-table, duplicate-pipeline: two that claim the same name."""

from collections.abc import Iterator, Sequence

from factory.spec.document import Candidate
from factory.spec.marks import Mark
from factory.spec.names import free_name
from factory.spec.problems import Problem, Related


def duplicate_pipelines(candidates: Sequence[Candidate]) -> Iterator[Problem]:
    """One pipeline a name, ignoring case: it is also that of a job, and perhaps of a file."""
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        first = seen.setdefault(candidate.name.lower(), candidate)
        if first is not candidate:
            related = (Related(first.name_mark, "first written here"),)
            message = f"two pipelines are called {candidate.name}"
            mark = candidate.name_mark
            fix = f"write name: {free_name(candidate.name, 2, set(seen))}"
            yield Problem("duplicate-pipeline", message, mark, "and here", fix, related=related)


def duplicate_tables(candidates: Sequence[Candidate]) -> Iterator[Problem]:
    """One writer a table, by dataset and name once everything is resolved, ignoring case.

    The project does not tell tables apart: an asset's key has dataset and table only, and a
    local target has no projects.
    """
    seen: dict[str, tuple[str, Mark]] = {}
    for candidate in candidates:
        for table in candidate.spec.tables if candidate.spec else ():
            name = f"{table.id.dataset}.{table.id.table}"
            mark = table.mark or candidate.name_mark
            file, first = seen.setdefault(name.lower(), (candidate.file, mark))
            if first is not mark:
                what = "two pipelines write" if file != candidate.file else "two tables are called"
                words = f"{what} table {name}" if file != candidate.file else f"{what} {name}"
                related = (Related(first, "first written here"),)
                fix = f"write {free_name(str(table.id), 2, set(seen))}"
                yield Problem("duplicate-table", words, mark, "and here", fix, related=related)
