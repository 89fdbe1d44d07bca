"""Names for what a new pipeline makes: itself, its tables, when it runs."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from factory.authoring.address import Address, stem
from factory.authoring.survey import FoundTable
from factory.spec.model import PipelineSpec

_TAKEN = {"information_schema", "pg_catalog", "main", "temp", "system"}  # by warehouses
_HOUR = 6


def table_ids(
    tables: Sequence[FoundTable], name: str, kind: str, asked: str | None
) -> tuple[str, ...]:
    """`dataset.table` for each. `asked` names the one table; of several, what they begin with."""
    single = len(tables) == 1
    if asked is not None:
        dataset, _, table = asked.rpartition(".")
        if single:
            return (asked,)
        return tuple(f"{dataset}.{table}_{each}" for each in _stems(tables, name))
    if single and kind != "kaggle":
        return (f"raw.{name}",)
    dataset = f"{name}_data" if name in _TAKEN else name
    return tuple(f"{dataset}.{each}" for each in _stems(tables, name))


def usual_bucket(specs: Iterable[PipelineSpec], name: str) -> str:
    """The bucket that most pipelines of the project use; without any, one named for this one."""
    used = Counter(spec.bucket.name for spec in specs)
    if used:
        return used.most_common(1)[0][0]
    return f"{name.lower().replace('_', '-').strip('-')[:56]}-bucket"


def daily(name: str) -> str:
    """A cron text for once a day; the minute is spread, so that not all pipelines start at once."""
    minute = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % 60
    return f"{minute} {_HOUR} * * *"


def _stems(tables: Sequence[FoundTable], name: str) -> list[str]:
    """A word for each table from the names of its files; no two are the same."""
    found: list[str] = []
    for table in tables:
        word = _stem_of(table) or name
        candidate, number = word, 2
        while candidate in found:
            candidate, number = f"{word}_{number}", number + 1
        found.append(candidate)
    return found


def _stem_of(table: FoundTable) -> str:
    if len(table.members) == 1:
        return stem(table.members[0])
    for pattern in table.patterns[:1]:
        begin = re.split(r"[*?\[]", PurePosixPath(pattern).name)[0]
        return stem(begin.strip("-_. ")) or stem(str(PurePosixPath(pattern).parent))
    return ""


def first_name(address: Address) -> str:
    """What the pipeline is called if nobody says."""
    return address.stem or "dataset"
