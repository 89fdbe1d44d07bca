"""All cases, and a choice of them."""

import random
from collections import defaultdict

from tests.ingest.reading.pollution.dialects import dialects, encodings
from tests.ingest.reading.pollution.files import whole_files
from tests.ingest.reading.pollution.rows import single_rows
from tests.ingest.reading.pollution.shapes import shapes
from tests.ingest.reading.pollution.tables import Case, everything, loans, people, sales


def cases(seed: int | None = None, per_kind: int | None = None) -> list[Case]:
    """All cases, or a few of each kind, chosen by the seed."""
    found: list[Case] = []
    for table in everything():
        found += [*whole_files(table), *single_rows(table), *single_rows(table, every=True)]
        found += dialects(table)
    for table in (sales(), people(), loans()):
        found += encodings(table)
    found += shapes()
    if seed is None or per_kind is None:
        return found
    chance = random.Random(seed)
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        kinds[case.kind].append(case)
    return [c for some in kinds.values() for c in chance.sample(some, min(per_kind, len(some)))]
