"""docs/security.md claims nothing without a test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 30
    for file, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M), (file, name)


def test_every_claim_names_one() -> None:
    for section in PAGE.split("\n\n"):
        if section.startswith("**") and "UI" not in section:
            assert NAMED.search(section), section
