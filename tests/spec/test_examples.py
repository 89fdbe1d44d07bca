"""What `factory explain-error` shows: each code has a mistake and its mended form."""

import pytest

from docs.errors import examples as from_pairs
from factory.spec.codes import CODES
from factory.spec.examples import examples
from factory.spec.project import parse_project
from tests.spec.cases import ENV, Case, bad_cases, mended_cases


def test_the_package_carries_the_golden_pairs() -> None:
    assert examples() == from_pairs(), "run `make docs`"


def test_every_code_has_an_example() -> None:
    assert {*examples(), "unreadable-file"} == set(CODES)
    assert len(mended_cases()) == len(examples())


@pytest.mark.parametrize("code", examples())
def test_the_message_is_of_the_code(code: str) -> None:
    assert f"[{code}]: " in examples()[code].said


@pytest.mark.parametrize("case", mended_cases(), ids=lambda case: case.name)
def test_the_mended_form_passes(case: Case) -> None:
    project = parse_project("/project", case.texts, {**ENV, "DATA_LOGIN": "ana:hunter22"})
    assert project.problems == ()
    assert case.texts != next(bad.texts for bad in bad_cases() if bad.name == case.name)
