"""Rows that differ from the others in one way, in tables of few rows and of texts, too."""

import pytest

from tests.ingest.reading.bench import read

TEXTS = [
    ("1", "Stone bridge", "A river, slow", "fish, reed, boat"),
    ("2", "Old mill", "No water", "wheel, stone"),
    ("3", "Ferry", "Once a day, or never", "rope, bell"),
    ("4", "Lock", "Closed in winter", "gate, keeper"),
]
HEADER = "id,title,body,tags\n"


def quoted(row: tuple[str, ...], mark: str = '"') -> str:
    return ",".join(f"{mark}{c}{mark}" if "," in c else c for c in row)


LINES = [quoted(row) for row in TEXTS]


def texts_of(lines: list[str]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in read(HEADER + "\n".join(lines) + "\n").rows]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    "written",
    [
        lambda row: quoted(row, "'"),
        lambda row: ",".join(f"'{cell}'" for cell in row),
        lambda row: ", ".join(f'"{cell}"' if "," in cell else cell for cell in row),
        lambda row: quoted(row)[:-1],
        lambda row: quoted(row).replace(f'"{row[3]}"', f'{row[3]}"'),
    ],
    ids=["other quotes", "all in other quotes", "spaces", "not closed", "not opened"],
)
def test_one_row_in_another_dialect_is_that_row(written, at: int) -> None:  # type: ignore[no-untyped-def]
    lines = [*LINES[:at], written(TEXTS[at]), *LINES[at + 1 :]]
    assert texts_of(lines) == TEXTS


def test_spaces_of_one_row_are_left_out_among_many() -> None:
    rows = [f"{n},word {n},{n * 3},other\n" for n in range(3000)]
    rows[2000] = "2000, word 2000, 6000, other\n"
    seen = read("id,b,c,d\n" + "".join(rows))
    assert seen.rows[2000] == (2000, "word 2000", 6000, "other")
    assert "1 row written with another separator (line 2,002)" in seen.result.notes


def test_spaces_that_many_texts_begin_with_stay() -> None:
    rows = "".join(f"a{n},{' ' * (n % 2)}b,{' ' * (n % 2)}c\n" for n in range(50))
    assert read(f"x,y,z\n{rows}").rows[1] == ("a1", " b", " c")


def test_a_header_with_spaces_has_none_in_its_names() -> None:
    seen = read("id, name, Size\n1,a,2\n2,b,3\n")
    assert [column.original or column.name for column in seen.result.columns] == [
        "id", "name", "Size",
    ]  # fmt: skip


def test_a_quote_too_many_is_a_letter_although_another_value_is_quoted() -> None:
    row = '06/24/2016,shirt,"Castle, meadow",https://example.com/9,"limited, now"'
    damaged = row.replace("https", '"https')
    rows = row.replace("9", "8") + "\n" + damaged + "\n" + row.replace("24", "25") + "\n"
    seen = read("day,kind,what,url,note\n" + rows)
    assert seen.rows[1][2:] == ("Castle, meadow", '"https://example.com/9', "limited, now")


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("rows", [4, 40])
@pytest.mark.parametrize(
    "table",
    [
        "Region,Total\nNorth,17\nSouth,29\n",
        "Region,Total,Men,Women,Boys,Girls\nNorth,1,2,3,4,5\nSouth,2,3,4,5,6\nEast,3,4,5,6,7\n"
        "West,4,5,6,7,8\n",
    ],
    ids=["narrower", "wider"],
)
def test_another_table_of_few_rows_is_told_by_its_names(table: str, rows: int, gap: str) -> None:
    own = [f"Ann,St{n},2001-02-{n % 28 + 1:02},see note,7{n}\n" for n in range(rows)]
    seen = read("first,last,born,remark,code\n" + "".join(own) + gap + table)
    assert len(seen.rows) == rows
    assert list(seen.types) == ["first", "last", "born", "remark", "code"]


def test_another_table_as_wide_is_told_below_few_rows() -> None:
    own = "day,hour,units\n" + "".join(f"2024-01-0{n},1{n}:00,{n}\n" for n in range(1, 6))
    seen = read(own + "\nRegion,Total,Share\nNorth,17,1.5\nSouth,29,2.5\n")
    assert len(seen.rows) == 5
    assert seen.types["units"] == "INT64"


def test_a_damaged_row_is_no_part_of_the_header() -> None:
    row = '"1,Stone orange,"Copper stone, window!\nSummer winter",3\n'
    rest = "".join(f'{n},Ann {n},"Fine, so far",{n}\n' for n in range(2, 30))
    assert list(read(f"id,author,comment,score\n{row}{rest}").types) == [
        "id", "author", "comment", "score",
    ]  # fmt: skip
