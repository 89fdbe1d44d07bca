"""From the fetched files to the rows of one table, by the rules of its spec.

The readers load with the first file that is read: a run of an unchanged source needs none.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.errors import Drifted, Permanent
from factory.plan import PipelinePlan, TablePlan
from factory.ports import FetchedFile, Progress
from factory.spec.model import FormatSpec

if TYPE_CHECKING:
    from factory.ingest.reading import ReadResult

SAMPLE_FORMAT: Final = FormatSpec(
    type="csv",
    delimiter=",",
    quote='"',
    encoding="utf-8",
    header=True,
    null_values=("",),
    skip_rows=0,
)


def sample_file(table: TablePlan) -> str:
    """The file that holds the table's synthetic rows, whatever the real source publishes."""
    return f"{table.id}.csv"


def table_patterns(pipeline: PipelinePlan, table: TablePlan, *, synthetic: bool) -> tuple[str, ...]:
    """Globs for the table's files: its own, else the source's."""
    if synthetic:
        return (sample_file(table),)
    return table.spec.files or pipeline.spec.source.files


def rows_file(work: Path, table: TablePlan) -> Path:
    """Where `read_rows` writes the rows of the table."""
    from factory.ingest.reading import ROWS_FILE

    return work / str(table.id) / ROWS_FILE


def read_rows(
    pipeline: PipelinePlan,
    table: TablePlan,
    files: Sequence[FetchedFile],
    work: Path,
    progress: Progress,
    *,
    synthetic: bool,
) -> "ReadResult":
    """The table's rows as one typed Parquet file in a folder of its own below `work`.

    Raises Drifted, with the command that takes the change into the file.
    """
    from factory.ingest.reading import ReadRequest, match_members, open_members, read_table

    patterns = table_patterns(pipeline, table, synthetic=synthetic)
    folder = rows_file(work, table).parent
    folder.mkdir(parents=True, exist_ok=True)
    how = SAMPLE_FORMAT if synthetic else pipeline.spec.source.format
    request = ReadRequest(table.spec, how, folder, pipeline.spec.limits.max_rows, progress)
    try:
        result = read_table(match_members(open_members(files, folder), patterns), request)
    except Drifted as exc:
        command = f"factory accept {pipeline.name} takes the change into {pipeline.spec.mark.file}"
        raise Drifted(exc.message, hint=f"{command}; or: {exc.hint}") from exc
    _check_min_rows(pipeline, table, result.rows)
    return result


def _check_min_rows(pipeline: PipelinePlan, table: TablePlan, rows: int) -> None:
    least = pipeline.spec.limits.min_rows
    if least is not None and rows < least:
        raise Permanent(
            f"{table.id} would have {rows:,} rows, and limits.min_rows is {least:,}",
            hint="the table was left as it is; look at the source, or lower limits.min_rows",
        )
