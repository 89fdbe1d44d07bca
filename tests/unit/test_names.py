import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.spec.names import is_reserved, snake_case, table_names

LIKE = st.sampled_from(["a", "A", "a_2", "a__2", "A 2", "b", "B", "", "x" * 299, "x" * 400])
NAMES = LIKE | st.text(max_size=400)


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("DATE_DIED", "date_died"),
        ("Covid Data", "covid_data"),
        ("magType", "mag_type"),
        ("HTTPStatus", "http_status"),
        ("Año", "ano"),
        ("2020", "c_2020"),
        ("", "column_3"),
        ("  ", "column_3"),
        ("_PARTITIONTIME", "partitiontime"),
        ("__ROOT__x", "root_x"),
        ("a  -- b", "a_b"),
        ("a\N{EN DASH}b", "a_b"),
        ("value__c", "value__c"),
        ("select", "select"),
        ("Größe", "grosse"),
        ("Łódź", "lodz"),
        ("m²", "m2"),
        ("½", "c_1_2"),
        ("ИмяКлиента", "imya_klienta"),
        ("ЩИТ", "shchit"),
        ("Ελλάδα", "ellada"),
        ("価格", "u4fa1u683c"),
        ("가격", "gagyeog"),
        ("かな", "kana"),
        ("%", "percent_sign"),
        ("Amount %", "amount"),
    ],
)
def test_snake_case(original: str, expected: str) -> None:
    assert snake_case(original, 3) == expected


def test_names_that_clash_are_numbered() -> None:
    assert table_names(["Id", "ID", "id"], snake=True) == ("id", "id__2", "id__3")


def test_original_names_are_kept_but_for_clashes() -> None:
    assert table_names(["Größe", "x", "X"], snake=False) == ("Größe", "x", "X__2")


def test_a_duplicate_that_comes_does_not_rename_what_is_called_like_one() -> None:
    assert table_names(["a", "A", "a_2"], snake=True) == ("a", "a__2", "a_2")
    assert table_names(["a", "A", "a__2"], snake=True) == ("a", "a__3", "a__2")


@given(st.lists(NAMES, max_size=20))
def test_every_name_is_legal_and_unique(originals: list[str]) -> None:
    names = table_names(originals, snake=True)
    assert len({name.lower() for name in names}) == len(originals)
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,299}", name)
        assert not is_reserved(name)


@given(st.lists(NAMES, max_size=10))
def test_names_are_stable(originals: list[str]) -> None:
    names = table_names(originals, snake=True)
    assert table_names(names, snake=True) == names


ORDINARY = st.text("abAB é%-ж", min_size=1, max_size=5).filter(str.strip)


@given(st.lists(ORDINARY, max_size=10), ORDINARY, st.data())
def test_a_new_column_renames_no_old_one(old: list[str], new: str, data: st.DataObject) -> None:
    before = table_names(old, snake=True)
    alike = [i for i, name in enumerate(old) if snake_case(name, 0) == snake_case(new, 0)]
    place = data.draw(st.integers(alike[-1] + 1 if alike else 0, len(old)))
    after = list(table_names([*old[:place], new, *old[place:]], snake=True))
    del after[place]
    assert tuple(after) == before


@given(st.text(max_size=30), st.integers(1, 9), st.integers(1, 9))
def test_a_name_depends_on_its_original_alone(original: str, one: int, other: int) -> None:
    first, second = snake_case(original, one), snake_case(original, other)
    assert first == second or first == f"column_{one}"
