"""`factory explain-error`, as a person calls it."""

from collections.abc import Callable

import pytest

from factory.spec.codes import CODES
from tests.cli.conftest import Folder, Result

Factory = Callable[..., Result]


@pytest.mark.parametrize("word", ["bad-cron", "Bad-Cron", "error[bad-cron]", "error[bad-cron]:"])
def test_a_code_is_explained_with_both_forms(project: Folder, factory: Factory, word: str) -> None:
    result = factory("explain-error", word)
    assert result.code == 0
    assert result.out.startswith("bad-cron: a schedule that cron does not know\n")
    bad, said, good = (
        result.out.index(text) for text in ('"0 25 * * *"', "error[bad-cron]", 'e: "0 1 * * *"')
    )
    assert bad < said < good


def test_files_of_a_larger_example_are_told_apart(project: Folder, factory: Factory) -> None:
    result = factory("explain-error", "dependency-cycle")
    assert result.out.count("# pipelines/b.yaml") == 2


def test_without_a_code_all_are_listed(project: Folder, factory: Factory) -> None:
    rows = factory("explain-error").out.splitlines()
    assert [row.split()[0] for row in rows] == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_each_code_can_be_explained(project: Folder, factory: Factory, code: str) -> None:
    assert factory("explain-error", code).out.startswith(f"{code}: {CODES[code]}\n")


def test_a_code_that_is_none_gets_the_nearest(project: Folder, factory: Factory) -> None:
    result = factory("explain-error", "bad-corn")
    assert result.code == 2
    assert 'did you mean "bad-cron"?' in result.err
    assert "lists all codes" in factory("explain-error", "qqqqq").err
