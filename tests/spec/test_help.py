"""What a message tells a person to type has to be right, too."""

import pytest

from tests.spec.cases import bad_cases
from tests.spec.suggestions import Suggestion, passes, suggestions

SUGGESTIONS = suggestions()


@pytest.mark.parametrize("suggestion", SUGGESTIONS, ids=str)
def test_what_is_offered_passes_the_checker(suggestion: Suggestion) -> None:
    assert passes(suggestion), suggestion.problem


def test_no_suggestion_is_forgotten() -> None:
    """Each help is typed in, whatever its form, and each "did you mean" beside a caret."""
    problems = [problem for case in bad_cases() for problem in case.parse().problems]
    near = [p for p in problems if "?" in p.label and ("mean" in p.label or "is set" in p.label)]
    offering = {id(problem) for problem in near} | {id(p) for p in problems if p.help is not None}
    assert len(SUGGESTIONS) == len(offering)
    assert len(SUGGESTIONS) > 100
