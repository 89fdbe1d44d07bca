"""What a run did, for the person who started it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from factory.cli import words
from factory.cli.terminal import cut, paint, plain, table, width
from factory.ingest.outcomes import CheckOutcome, Landing, Loading
from factory.orchestration.amounts import amount, duration
from factory.plan import PipelinePlan

_PREVIEW_ROWS = 5
_WIDEST_CELL = 24
_MOST_COLUMNS = 5


def landing_lines(landing: Landing, plan: PipelinePlan, *, color: bool) -> Iterator[str]:
    """Where the files come from and where they lie."""
    version, manifest = landing.manifest.version, landing.manifest
    licence = f" ({plain(version.licence)})" if version.licence else ""
    yield _fact("source", f"{plain(plan.source_words)}, {plain(version.label)}{licence}", color)
    if landing.licence is not None:
        warned = paint("changed", "yellow", color=color)
        yield _fact("licence", f"{warned}: {plain(str(landing.licence))}", color)
    if landing.unchanged:
        yield _fact("landed", "nothing was fetched: this version was landed before", color)
    else:
        fetched = amount(landing.bytes_fetched, "bytes")
        landed = amount(manifest.bytes_landed, "bytes")
        took = duration(landing.seconds)
        yield _fact("landed", f"{fetched} fetched, {landed} landed in {took}", color)
    folder = manifest.name.rpartition("/")[0]
    yield _fact("", f"{plan.bucket_location}/{folder}/", color)


def table_lines(loadings: Sequence[Loading], plan: PipelinePlan, *, color: bool) -> Iterator[str]:
    """A line a table, where it is, and every check that did not pass."""
    header = ("TABLE", "ROWS", "SECONDS", "ROWS/S", "CHECKS", "")
    rows = [_table_row(loading) for loading in loadings]
    heading, *lines = table(header, rows, color=color, right=(1, 2, 3))
    yield heading
    places = {planned.id: planned.location for planned in plan.tables}
    for line, loading in zip(lines, loadings, strict=True):
        yield line
        yield f"  {places[loading.load.table]}"
        yield from _rejected_lines(loading)
        for check in loading.checks:
            if not check.passed:
                yield f"  {_check_line(check, color)}"


def preview_lines(loading: Loading, columns: int, *, color: bool) -> Iterator[str]:
    """Some rows, in at most so many columns of the terminal."""
    rows = loading.preview[:_PREVIEW_ROWS]
    if not rows:
        return
    names = [column.name for column in loading.columns if column.name in rows[0]]
    shown = _fitting(names, rows, columns)
    cells = [[_cell(row[name]) for name in shown] for row in rows]
    yield paint(f"some rows of {loading.load.table}", "bold", color=color)
    for line in table([cut(plain(name), _WIDEST_CELL) for name in shown], cells, color=False):
        yield f"  {line}"
    if len(shown) < len(names):
        yield f"  … and {words.count(len(names) - len(shown), 'more column')}"


def checks_in_words(checks: Iterable[CheckOutcome]) -> str:
    """`27 passed`, `25 passed, 1 failed, 1 warned`."""
    outcomes = list(checks)
    passed = sum(check.passed for check in outcomes)
    failed = sum(not check.passed and check.severity == "error" for check in outcomes)
    warned = len(outcomes) - passed - failed
    parts = [(passed, "passed"), (failed, "failed"), (warned, "warned")]
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "none"


def _rejected_lines(loading: Loading) -> Iterator[str]:
    """What the schema contract let go of, by column, and where it is."""
    if not loading.rejected:
        return
    columns = loading.rejects.columns if loading.rejects else ()
    shown = [f"{name or 'several columns'} {count:,}" for name, count in columns[:_MOST_COLUMNS]]
    more = len(columns) - len(shown)
    shown += [f"and {words.count(more, 'more column')}"] if more else []
    told = f": {', '.join(shown)}" if shown else ""
    kept = f" (see {loading.load.table.rejects})" if columns and loading.published else ""
    yield f"  {loading.rejected:,} rejected{plain(told)}{kept}"


def _table_row(loading: Loading) -> tuple[str, ...]:
    if loading.unchanged:
        state = "unchanged: this version is in the table already"
    elif not loading.published:
        state = "not published: the table is as it was"
    else:
        state = "synthetic" if loading.load.synthetic else ""
    rate = f"{loading.rows / loading.seconds:,.0f}" if loading.seconds > 0 else ""
    return (
        str(loading.load.table),
        f"{loading.rows:,}",
        f"{loading.seconds:.1f}",
        "" if loading.unchanged else rate,
        checks_in_words(loading.checks),
        state,
    )


def _check_line(check: CheckOutcome, color: bool) -> str:
    word, style = ("failed", "red") if check.severity == "error" else ("warned", "yellow")
    return f"{paint(word, style, color=color)} {check.name}: {plain(check.message)}"


def _fitting(
    names: Sequence[str], rows: Sequence[Mapping[str, object]], columns: int
) -> Sequence[str]:
    """As many of the columns as fit beside each other, at least one."""
    left = columns - 2
    fitting: list[str] = []
    for name in names:
        cells = [cut(plain(name), _WIDEST_CELL), *(_cell(row[name]) for row in rows)]
        left -= max(map(width, cells)) + 2
        if left < -2 and fitting:
            break
        fitting.append(name)
    return fitting


def _cell(value: object) -> str:
    return "NULL" if value is None else cut(plain(value), _WIDEST_CELL)


def _fact(label: str, value: str, color: bool) -> str:
    return f"  {paint(f'{label:<7}', 'cyan', color=color)} {value}"
