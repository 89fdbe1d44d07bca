"""Made-up rows of the covid registry's shape: its columns, codes and shares, and no row of it."""

import random
from collections.abc import Iterator
from itertools import accumulate

from benchmarks.data.shapes import Tally

HEADER = (
    "USMER,MEDICAL_UNIT,SEX,PATIENT_TYPE,DATE_DIED,INTUBED,PNEUMONIA,AGE,PREGNANT,DIABETES,COPD,"
    "ASTHMA,INMSUPR,HIPERTENSION,OTHER_DISEASE,CARDIOVASCULAR,OBESITY,RENAL_CHRONIC,TOBACCO,"
    "CLASIFFICATION_FINAL,ICU"
)
_PATIENTS = 6_000  # different rows: a registry of codes repeats itself, and zips ten to one
_CHUNK = 50_000
_UNITS = (4, 12, 3, 13, 6, 9, 8, 10, 5, 11, 2, 7, 1)  # the commonest first
_DISEASES = (0.17, 0.013, 0.03, 0.0135, 0.206, 0.018, 0.0255, 0.187, 0.028, 0.065)
_NO_DEATH = "9999-99-99"


def covid_rows(rows: int, tally: Tally) -> Iterator[bytes]:
    """The header, then `rows` rows of few different patients."""
    yield f"{HEADER}\n".encode()
    choose = random.Random(19)
    patients = [_patient(choose) for _ in range(_PATIENTS)]
    texts = [",".join(patient) for patient in patients]
    ages = [int(patient[7]) for patient in patients]
    alive = [patient[4] == _NO_DEATH for patient in patients]
    weights = list(accumulate(choose.random() ** 2 for _ in range(_PATIENTS)))
    for begin in range(0, rows, _CHUNK):
        picks = choose.choices(range(_PATIENTS), cum_weights=weights, k=min(_CHUNK, rows - begin))
        tally.add("rows", "count(*)", len(picks))
        tally.add("ages", "sum(CAST(age AS BIGINT))", sum(ages[pick] for pick in picks))
        died = f"count(*) FILTER (CAST(date_died AS VARCHAR) = '{_NO_DEATH}')"
        tally.add("texts that look like dates", died, sum(alive[pick] for pick in picks))
        yield ("\n".join([texts[pick] for pick in picks]) + "\n").encode()


def _patient(choose: random.Random) -> list[str]:
    """One row; codes that depend on one another do so here: 97 is "does not apply"."""
    woman, admitted = choose.random() < 0.5, choose.random() < 0.19
    died = choose.random() < (0.35 if admitted else 0.01)
    diseases = [_code(choose, share) for share in _DISEASES]
    return [
        "1" if choose.random() < 0.37 else "2",
        str(_UNITS[min(int(choose.expovariate(0.9)), 12)]),
        "1" if woman else "2",
        "2" if admitted else "1",
        _date(choose) if died else _NO_DEATH,
        _code(choose, 0.17) if admitted else "97",
        _code(choose, 0.55 if admitted else 0.03),
        str(min(max(round(choose.gauss(54 if admitted else 40, 17)), 0), 121)),
        _code(choose, 0.015) if woman else "97",
        *diseases,
        choose.choices("3765142", (36, 48, 12, 3, 1, 0.5, 0.3))[0],
        _code(choose, 0.085) if admitted else "97",
    ]


def _code(choose: random.Random, share: float) -> str:
    known = choose.random()
    return "98" if known < 0.003 else "1" if choose.random() < share else "2"


def _date(choose: random.Random) -> str:
    """Days below ten stand as they are, or with a nought, as if two people had typed them."""
    day, month = choose.randint(1, 28), choose.randint(3, 9)
    return f"{day}/{month}/2020" if day < 13 else f"{day}/{month:02}/2020"
