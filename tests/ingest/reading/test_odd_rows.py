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


@pytest.mark.parametrize("mark", [";", "\t", "|", "::", "->"])
def test_texts_alone_in_another_separator_are_a_row(mark: str) -> None:
    rows = [("Ann", "Stone bridge", "red"), ("Bob", "Old mill", "green"), ("Eve", "Ferry", "blue")]
    lines = [",".join(rows[0]), mark.join(rows[1]), ",".join(rows[2])]
    assert read("\n".join(["name,place,colour", *lines])).rows == rows


@pytest.mark.parametrize("mark", ["::", "||", "=>"])
@pytest.mark.parametrize("first", ["1", "one"])
def test_a_header_in_a_separator_of_several_letters_is_the_header(mark: str, first: str) -> None:
    seen = read(f"id{mark}name{mark}place\n{first},Ann,Stone bridge\n2,Bob,Old mill\n3,Eve,Ferry\n")
    assert list(seen.types) == ["id", "name", "place"]
    assert len(seen.rows) == 3


def test_commas_in_numbers_are_kept_where_spaces_follow_the_separators() -> None:
    rows = "".join(f'A-{n},"{n},000.5",EUR\n' for n in range(1, 9))
    seen = read(f"code,sum,unit\n{rows}A-9, 9,000.5, EUR\n")
    assert seen.rows[-1] == ("A-9", "9,000.5", "EUR")


def test_a_row_in_another_separator_with_commas_in_its_texts_is_not_cut_at_these() -> None:
    rows = "".join(f'{n},"Slow, wide","red, blue"\n' for n in range(1, 9))
    seen = read(f"id,what,colours\n{rows}9;Slow, wide;red, blue\n")
    assert seen.rows[-1] == (9, "Slow, wide", "red, blue")


@pytest.mark.parametrize("names", ["place,share", "place,share,unit"])
@pytest.mark.parametrize(
    "note", ["Source: office of statistics, 2020", "Made by us, for all, freely"]
)
def test_a_sentence_with_commas_below_a_blank_line_is_a_note(names: str, note: str) -> None:
    values = ["Old mill", "0.5", "m"][: names.count(",") + 1]
    rows = "".join(f"{n} {','.join(values)}\n" for n in range(8))
    seen = read(f"{names}\n{rows}\n* preliminary\n{note}\n")
    assert len(seen.rows) == 8
    assert seen.types["share"] == "FLOAT64"


def test_a_sentence_with_commas_is_a_row_if_rows_follow() -> None:
    rows = "".join(f"place {n},word {n}\n" for n in range(8))
    seen = read(f"a,b\n{rows}\nThe old mill, by the river\n{rows}")
    assert len(seen.rows) == 17


def test_a_padded_note_and_a_padded_title_are_no_rows_of_a_table_with_many_gaps() -> None:
    rows = "".join(f"A{n},{'x' * (n % 3 == 0)},,{'y' * (n % 5 == 0)},\n" for n in range(1, 30))
    seen = read(f"Report,,,,\ncode,label,from,to,rest\n{rows}Source: office of records,,,,\n")
    assert list(seen.types) == ["code", "label", "from", "to", "rest"]
    assert len(seen.rows) == 29


@pytest.mark.parametrize("mark", [";", "|", "::"])
def test_a_first_row_in_another_separator_is_no_part_of_the_header(mark: str) -> None:
    rows = "".join(f'{n},"{{""k"": [{n}, 2]}}",2024-01-0{n}\n' for n in range(2, 9))
    first = f'1{mark}"{{""k"": [1, 2], ""n"": 3}}"{mark}2024-01-01\n'
    seen = read(f"id,payload,day\n{first}{rows}")
    assert list(seen.types) == ["id", "payload", "day"]


@pytest.mark.parametrize("at", [0, 1, 4, 8])
@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_row_with_comma_and_space_among_others_is_the_row(mark: str, at: int) -> None:
    rows = [["id", "day", "what"]] + [[str(n), f"2024-01-0{n}", "slow, wide"] for n in range(1, 9)]
    lines = [mark.join(row) for row in rows]
    lines[at] = ", ".join(f'"{cell}"' if "," in cell else cell for cell in rows[at])
    seen = read("\n".join(lines))
    assert list(seen.types) == rows[0]
    assert [(str(n), str(day), what) for n, day, what in seen.rows] == list(map(tuple, rows[1:]))


def test_names_in_other_quotes_than_the_rows_are_the_names() -> None:
    rows = "".join(f'{n};"The ""old"" mill, {n}";slow\n' for n in range(9))
    seen = read(f"'id';'what';'note'\n{rows}")
    assert list(seen.types) == ["id", "what", "note"]
    assert seen.rows[3] == (3, 'The "old" mill, 3', "slow")


def test_a_row_that_lacks_a_separator_behind_a_quote_does_not_take_the_next() -> None:
    rows = [f'{n};"{{""k"": [{n}, 2]}}";2024-01-0{n}' for n in range(1, 9)]
    rows[2] = rows[2].replace('";', '"')
    seen = read("id;payload;day\n" + "\n".join(rows))
    assert [row[0] for row in seen.rows if row[0] != 3] == [1, 2, 4, 5, 6, 7, 8]
    assert all("\n" not in row[1] for row in seen.rows)


@pytest.mark.parametrize("names", ["x,y", "code,day", "name,what"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_sentence_with_a_comma_above_a_blank_line_is_a_title(names: str, gap: str) -> None:
    value = {"x,y": "0.5,7", "code,day": "A7,2024-01-02", "name,what": "Old mill,red"}[names]
    seen = read(f"Report of the office, 2020\n{gap}{names}\n" + f"{value}\n" * 9)
    assert list(seen.types) == names.split(",")
    assert len(seen.rows) == 9


@pytest.mark.parametrize("mark", [";", "::", "\t", ", "])
@pytest.mark.parametrize(
    "title", ["Report of the office", "Report of all, 2020", "Made by us\nToday"]
)
def test_names_in_another_separator_below_a_title_are_the_names(mark: str, title: str) -> None:
    rows = "".join(f"{n},2024-01-0{n},word {n},x\n" for n in range(1, 9))
    seen = read(f"{title}\n{mark.join(['id', 'day', 'what', 'note'])}\n{rows}")
    assert list(seen.types) == ["id", "day", "what", "note"]
    assert len(seen.rows) == 8


@pytest.mark.parametrize(
    "first",
    ["1;2024-01-01;7;red", "1 2024-01-01 7 red", "'1','2024-01-01','7','red'", "1,2024-01-017,red"],
)
def test_a_damaged_first_row_without_a_header_is_a_row(first: str) -> None:
    rows = "".join(f"{n},2024-01-0{n},{n * 7},{'red' if n % 2 else 'blue'}\n" for n in range(2, 9))
    seen = read(f"{first}\n{rows}")
    assert list(seen.types) == ["column_1", "column_2", "column_3", "column_4"]
    assert [row[0] for row in seen.rows][-7:] == list(range(2, 9))
    assert seen.rows[0][0] == 1 or seen.rejects


def test_a_separator_at_every_end_is_no_column_where_a_note_stands_below() -> None:
    rows = "".join(f"a{n},b{n},\n" for n in range(9))
    assert list(read(f"x,y,\n{rows}\nSource: office of statistics\n").types) == ["x", "y"]
