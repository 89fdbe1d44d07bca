"""A table at the end of a text that has more lines of description than the table has rows."""

from collections.abc import Sequence

from factory.ingest.reading.text.patterns import Columns, are_names, is_value

LEAST = 3  # rows, with the names
LONGER = 3  # times: a table that is more than that longer than its description needs no help
_MOST = 0.9  # of the rows are as wide as the names


def is_described(above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool:
    """Whether the rows below a blank line are the table, and those above it prose or pairs.

    The table is wider than these and has words above values. Two tables are none such.
    """
    width = len(below[0]) if below else 0
    rows = [row for row in below if any(map(str.isalnum, "".join(row)))]  # and no rules
    full = [row for row in rows if len(row) == width]
    if not above or len(full) < max(LEAST, _MOST * len(rows)):
        return False
    if len(below) > LONGER * len(above) or max(map(len, above)) >= width:
        return False
    named = are_names([cell.strip() for cell in full[0]]) and Columns(full[1:]).typed > 0
    return named and _is_description(above)


def _is_description(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows are texts of several words, or a word and what belongs to it."""
    several = [row for row in rows if len(row) > 1]
    if 2 * len(several) <= len(rows):
        return 2 * sum(len(row[0].split()) > 1 for row in rows if row) > len(rows)
    if any(len(row) > 2 for row in several):
        return False
    return all(row[1].startswith(" ") for row in several) or _are_pairs(several)


def _are_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row names something else, of which one is a number or a date, another none."""
    keys = [row[0].strip() for row in rows]
    mixed = any(is_value(row[1]) for row in rows) and not Columns(rows[1:] or rows).typed
    return are_names(keys) and mixed
