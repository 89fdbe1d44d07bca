import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.spec.names import is_reserved, snake_case, table_names


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("DATE_DIED", "date_died"),
        ("Covid Data", "covid_data"),
        ("magType", "mag_type"),
        ("HTTPStatus", "http_status"),
        ("Año", "ano"),
        ("2020", "c_2020"),
        ("価格", "column_3"),
        ("", "column_3"),
        ("_PARTITIONTIME", "partitiontime"),
        ("a  -- b", "a_b"),
    ],
)
def test_snake_case(original: str, expected: str) -> None:
    assert snake_case(original, 3) == expected


def test_names_that_clash_are_numbered() -> None:
    assert table_names(["Id", "ID", "id"], snake=True) == ("id", "id_2", "id_3")


def test_original_names_are_kept_but_for_clashes() -> None:
    assert table_names(["Größe", "x", "X"], snake=False) == ("Größe", "x", "X_2")


@given(st.lists(st.text(max_size=400), max_size=20))
def test_every_name_is_legal_and_unique(originals: list[str]) -> None:
    names = table_names(originals, snake=True)
    assert len({name.lower() for name in names}) == len(originals)
    for name in names:
        assert re.fullmatch(r"[a-z_][a-z0-9_]{0,299}", name)
        assert not is_reserved(name)


@given(st.lists(st.text(max_size=30), max_size=10))
def test_names_are_stable(originals: list[str]) -> None:
    names = table_names(originals, snake=True)
    assert table_names(names, snake=True) == names
