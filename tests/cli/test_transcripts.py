"""What README.md shows as output is what the commands print, but for figures, days and names."""

import re
from collections.abc import Mapping

import pytest

from docs.transcripts import NAMES, shown, transcripts

_ROWS = 1_000  # fewer are a warning of a check


@pytest.fixture(scope="module")
def printed() -> Mapping[str, str]:
    return transcripts(_ROWS)


def _lasting(text: str) -> list[str]:
    """The words without what another run or another day changes."""
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f-]+)?\b", "<id>", text)
    text = re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ [A-Z][a-z]{2}( \d{4})?\b", "<day>", text)
    text = re.sub(r"next: .*", "next: <a run>", text)
    text = re.sub(r"\d[\d,.:]*|NULL", "<n>", text)
    return re.sub(r"<n> ([KMG]?B|s|min)\b", "<amount>", text).split()


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_shows_what_is_printed(name: str, printed: Mapping[str, str]) -> None:
    assert _lasting(shown(name)) == _lasting(printed[name]), "run `make docs`"
