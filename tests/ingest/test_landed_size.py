"""What is landed of the covid table is at most a tenth of its CSV."""

import io
import random

from tests.e2e.covid_rows import HEADER
from tests.ingest.reading.bench import read

ROWS = 50_000
# how unevenly the real registry is filled: nearly all answers are no, most people are alive
_SHARES = {"1": 8, "2": 85, "97": 5, "98": 1, "99": 1}
_UNITS = {"12": 60, "4": 30, "3": 4, "6": 3, "9": 2, "8": 1}
_CLASSES = {"7": 47, "3": 36, "6": 12, "5": 3, "1": 1, "2": 1}


def test_parquet_is_a_tenth_of_the_csv_at_most() -> None:
    content = _csv()

    seen = read(content)

    assert len(seen.rows) == ROWS
    assert len(seen.content) <= len(content) / 10, len(seen.content) / len(content)


def _csv() -> bytes:
    choose = random.Random(7)
    columns = [_column(name, choose) for name in HEADER]
    text = io.StringIO()
    text.write(",".join(HEADER) + "\n")
    text.writelines(",".join(row) + "\n" for row in zip(*columns, strict=True))
    return text.getvalue().encode()


def _column(name: str, choose: random.Random) -> list[str]:
    if name == "AGE":
        return [str(min(120, max(0, round(choose.gauss(41, 17))))) for _ in range(ROWS)]
    if name == "DATE_DIED":
        return [
            f"{choose.randint(1, 28):02}/{choose.randint(3, 8):02}/2020"
            if choose.random() < 0.07
            else "9999-99-99"
            for _ in range(ROWS)
        ]
    shares = {"MEDICAL_UNIT": _UNITS, "CLASIFFICATION_FINAL": _CLASSES}.get(name, _SHARES)
    return choose.choices(list(shares), list(shares.values()), k=ROWS)
