"""Every message that the checker has, word for word."""

import os
from datetime import UTC, datetime

import pytest

from factory.spec.codes import CODES
from factory.spec.report import render_text
from tests.spec.cases import Case, bad_cases

CASES = bad_cases()


@pytest.fixture(autouse=True)
def _a_certain_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples of next runs count from Sunday, 22 November 2026."""
    day = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("factory.spec.rules.schedule.now", lambda: day)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_is_wrong(case: Case) -> None:
    said = render_text(case.parse().problems, case.texts, color=False)
    if os.environ.get("FACTORY_REWRITE"):
        case.out.write_text(said, encoding="utf-8")
    assert said == case.out.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_about_what_its_name_says(case: Case) -> None:
    found = {problem.code for problem in case.parse().problems}
    assert found
    assert any(case.name.startswith(code) for code in found) or case.name.startswith("factory-")


def test_every_code_has_a_pair_and_every_problem_a_known_code() -> None:
    shown = {problem.code for case in CASES for problem in case.parse().problems}
    assert shown | {"unreadable-file"} == set(CODES)
