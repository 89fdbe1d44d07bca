"""Scores the reader; see the package."""

import argparse
import csv
import sys

from tests.ingest.reading import pollution
from tests.ingest.reading.pollution.cases import cases
from tests.ingest.reading.pollution.scoring import carefully, kinds_of, wholly


def main() -> None:
    parser = argparse.ArgumentParser(
        description=pollution.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--whole", action="store_true", help="through types and Parquet")
    parser.add_argument("--few", type=int, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", help="only kinds that contain this word")
    asked = parser.parse_args()
    found = cases(asked.seed, asked.few) if asked.few else cases()
    found = [case for case in found if (asked.kind or "") in case.kind]
    made = kinds_of(found, wholly if asked.whole else carefully)
    _say(f"{'kind':46} files  loads header records cells  of 10  imperfect")
    for kind, each in made.items():
        mean = each.mean
        figures = f"{mean.loads:6.3f} {mean.header:6.3f} {mean.records:7.3f} {mean.cells:6.3f}"
        places = f"{len(each.imperfect)} {'; '.join(each.imperfect[:3])}"
        _say(f"{kind:46} {each.cases:5} {figures} {mean.total:6.3f}  {places}")
    total = sum(each.cases * each.mean.total for each in made.values()) / len(found)
    _say(f"{'all':46} {len(found):5} {'':28} {total:6.3f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    csv.field_size_limit(sys.maxsize)
    main()
