"""Rows like those of the covid dataset, and what they must become in a warehouse.

Set COVID_CSV to the path of a copy of the real `Covid Data.csv` to try the same on real rows.
"""

import csv
import io
import os
import random
from datetime import date
from pathlib import Path

HEADER = [
    "USMER",
    "MEDICAL_UNIT",
    "SEX",
    "PATIENT_TYPE",
    "DATE_DIED",
    "INTUBED",
    "PNEUMONIA",
    "AGE",
    "PREGNANT",
    "DIABETES",
    "COPD",
    "ASTHMA",
    "INMSUPR",
    "HIPERTENSION",
    "OTHER_DISEASE",
    "CARDIOVASCULAR",
    "OBESITY",
    "RENAL_CHRONIC",
    "TOBACCO",
    "CLASIFFICATION_FINAL",
    "ICU",
]
ROWS = 10_999
_BOUNDS = {"MEDICAL_UNIT": 13, "AGE": 121, "CLASIFFICATION_FINAL": 7}
_TWO = {"USMER", "SEX", "PATIENT_TYPE"}

Row = tuple[int | date | None, ...]


def covid_csv(rows: int = ROWS, seed: int = 1) -> bytes:
    """The file as it is published: no quotes, days and months without leading zeros."""
    real = os.environ.get("COVID_CSV")
    if real is not None:
        return Path(real).read_bytes()
    choose = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([_typed(name, choose) for name in HEADER] for _ in range(rows))
    return text.getvalue().encode()


def expected(content: bytes) -> list[Row]:
    """The rows of the table, sorted so that two warehouses can be compared."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    return ordered(tuple(_value(name, row[name]) for name in HEADER) for row in rows)


def ordered(rows: object) -> list[Row]:
    """Rows in an order that does not depend on where they come from."""
    return sorted(rows, key=lambda row: [(v is not None, str(v)) for v in row])  # type: ignore[call-overload]  # any iterable


def _typed(name: str, choose: random.Random) -> str:
    if name == "DATE_DIED":
        day, month = choose.randint(1, 28), choose.randint(1, 12)
        padded = choose.random() < 0.5
        died = f"{day:02}/{month:02}/2020" if padded else f"{day}/{month}/2020"
        return died if choose.random() < 0.14 else "9999-99-99"
    if name in _BOUNDS:
        return str(choose.randint(0 if name == "AGE" else 1, _BOUNDS[name]))
    return str(choose.choice([1, 2] if name in _TWO else [1, 2, 97, 98, 99]))


def _value(name: str, text: str) -> int | date | None:
    if name != "DATE_DIED":
        return int(text)
    if text == "9999-99-99":
        return None
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)
