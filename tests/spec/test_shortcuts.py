"""What spares the checker time changes nothing in what it says."""

import pytest

from factory.spec.nodes import plain
from factory.spec.parts import part
from factory.spec.project import parse_project
from factory.spec.reader import read
from factory.spec.shape import expand, fill
from tests.spec.cases import BASE, codes, good_texts, one


@pytest.mark.parametrize("name", sorted(good_texts()))
def test_plain_values_are_completed_as_trees_are(name: str) -> None:
    tree = read("a.yaml", good_texts()[name]).tree
    assert tree is not None
    known = part("pipeline")
    expanded = expand(tree, known)
    assert known.complete(plain(expanded)) == plain(fill(expanded, known))


def test_an_ambiguous_default_breaks_the_pipelines_below_it() -> None:
    files = {"pipelines/_defaults.yaml": "description: 2:00\n", "pipelines/covid.yaml": BASE}
    project = parse_project("/project", files, {})
    assert codes(project) == ["ambiguous-scalar"]
    assert [broken.name for broken in project.broken] == ["covid"]


def test_a_variable_may_stand_in_a_default_and_behind_an_escape() -> None:
    settings = 'defaults:\n  description: "${TEXT}"\n'
    files = {"factory.yaml": settings, "pipelines/covid.yaml": BASE}
    [spec] = parse_project("/project", files, {"TEXT": "from outside"}).specs
    assert spec.description == "from outside"
    [spec] = one(BASE + 'description: "\\x24{TEXT}"\n', env={"TEXT": "from outside"}).specs
    assert spec.description == "from outside"


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://example.org", True),
        ("https://example.org:8443/a?b=[c]", True),
        ("https://user@example.org/a", True),
        ("https://", False),
        ("https:///a.csv", False),
        ("https://example.org/a b", False),
        ("https://[::1/a.csv", False),
    ],
)
def test_a_plain_address_is_judged_as_any_other(address: str, *, good: bool) -> None:
    text = BASE.replace("kaggle: owner/dataset", f'http: "{address}"')
    assert text != BASE
    assert ("bad-address" not in codes(one(text))) == good
