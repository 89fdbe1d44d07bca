"""The primary key of a merge: every staged row has one, and no two have the same."""

from collections.abc import Callable

from factory.errors import Permanent
from factory.ports import Staged, TableShape


def faulty_keys(staged: Staged, quote: Callable[[str], str]) -> str:
    """A query with one number: keys that several staged rows share, or that have a NULL."""
    keys = [quote(key) for key in staged.shape.primary_key]
    listed = ", ".join(keys)
    null = " OR ".join(f"{key} IS NULL" for key in keys)
    return (
        f"SELECT COUNT(*) AS faulty FROM (SELECT {listed} FROM {staged.reference} "
        f"GROUP BY {listed} HAVING COUNT(*) > 1 OR {null}) AS faulty_keys"
    )


def check_keys(shape: TableShape, faulty: int) -> None:
    """Raise Permanent if `faulty_keys` found any."""
    if faulty:
        raise Permanent(
            f"{faulty:,} values of the primary key ({', '.join(shape.primary_key)}) of {shape.id} "
            "are NULL or belong to several rows of this load",
            hint='choose columns under "primary_key" that tell every row from every other',
        )
