"""Text files as people write them: dialects, encodings, headers, damage."""

import csv
import io
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import Permanent, Refused
from factory.ingest.reading import ReadRequest, open_members, read_table, trying
from factory.ingest.reading.text.arrow_csv import BlockParser
from factory.ports import FetchedFile
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import SLOWER, contract, csv_text, read, table

CELLS = st.text(st.sampled_from(list("ab,;|\t'\" \n\r\\éß€#0")), max_size=8)
DIALECTS = [
    {"delimiter": delimiter, "lineterminator": end, "quoting": quoting}
    for delimiter, end, quoting in itertools.product(
        ",;\t|", ("\n", "\r\n"), (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
    )
]


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    ),
    st.sampled_from(DIALECTS),
)
@settings(max_examples=80)
def test_what_the_csv_module_writes_comes_back(
    rows: list[list[str]], dialect: dict[str, Any]
) -> None:
    names = ["first", "second", "third", "fourth"][: len(rows[0])]
    kept = rows
    if dialect["quoting"] == csv.QUOTE_MINIMAL:  # the module leaves a lone \\r bare: a line end
        kept = [[value.replace("\r", "~") for value in row] for row in rows]
    form = FormatSpec(delimiter=dialect["delimiter"], quote='"', header=True, encoding="utf-8")
    spec = table([contract(name, "STRING") for name in names])
    seen = read(csv_text([names, *kept], **dialect), spec, form=form)
    assert [[value or "" for value in row] for row in seen.rows] == kept


@given(st.sampled_from(DIALECTS), st.integers(0, 1_000))
@settings(max_examples=30)
def test_the_dialect_is_found_out(dialect: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        [str(number), chance.choice(["plain", "a,b;c", 'say "hi"', "x|y"]), "2020-01-01"]
        for number in range(30)
    ]
    seen = read(csv_text([["id", "what", "day"], *rows], **dialect))
    assert seen.types == {"id": "INT64", "what": "STRING", "day": "DATE"}
    assert [what for _, what, _ in seen.rows] == [what for _, what, _ in rows]


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "encoding utf-16-le"),
        ("utf-16-be", "encoding utf-16-be"),
        ("cp1252", "encoding cp1252"),
        ("latin-1", "encoding cp1252"),
    ],
)
def test_the_encoding_is_found_out(encoding: str, noted: str | None) -> None:
    seen = read("naïve,b\nhé,1\n".encode(encoding))
    assert seen.rows == [("hé", 1)]
    assert next(iter(seen.types)) == "naive"
    assert [note for note in seen.result.notes if "encoding" in note] == ([noted] if noted else [])


def test_one_byte_far_down_decides_the_encoding() -> None:
    content = b"a,b\n" + b"x,1\n" * 400_000 + b"\xe9,2\n"
    seen = read(content)
    assert seen.rows[-1] == ("é", 2)
    assert "encoding cp1252" in seen.result.notes


def test_an_encoding_that_is_asked_for_must_fit() -> None:
    with pytest.raises(Permanent, match="is not utf-8 throughout"):
        read(b"a,b\n\xe9,1\n", form=FormatSpec(encoding="utf-8"))
    with pytest.raises(Permanent, match='no encoding "klingon"'):
        read(b"a,b\n1,1\n", form=FormatSpec(encoding="klingon"))


def test_a_header_without_rows_is_an_empty_table() -> None:
    seen = read("a,b\n")
    assert seen.rows == []
    assert seen.types == {"a": "STRING", "b": "STRING"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("1,2\n3,4\n", ["column_1", "column_2"]),
        ("Country,1960,1961\nX,1,2\n", ["country", "c_1960", "c_1961"]),
        ("name,city\nAnn,Rome\n", ["name", "city"]),
        ("7,Ann\n8,Bob\n", ["column_1", "column_2"]),
        ("a,a,A\n1,2,3\n", ["a", "a__2", "a__3"]),
        ("a,b,\n1,2\n", ["a", "b"]),
        ("a,b\n1,2,\n3,4,\n", ["a", "b"]),
        ("a,b\nr1,1,2\nr2,3,4\n", ["row_name", "a", "b"]),
        ("Some report\n\nid,name,city\n1,x,y\n2,x,y\n", ["id", "name", "city"]),
    ],
)
def test_the_header_is_found_out(text: str, names: list[str]) -> None:
    assert list(read(text).types) == names


def test_what_is_skipped_above_the_header_is_noted() -> None:
    seen = read("Some report\n\nid,name,city\n1,x,y\n2,x,y\n")
    assert seen.result.notes == ("2 lines above the header were skipped",)
    asked = read("junk\nid,name\n1,x\n", form=FormatSpec(skip_rows=1))
    assert list(asked.types) == ["id", "name"]


def test_a_file_without_header_may_be_named_by_the_contract() -> None:
    spec = table([contract("id", "INT64"), contract("who")])
    seen = read("1,Ann\n2,Bob\n", spec, form=FormatSpec(header=False))
    assert seen.rows == [(1, "Ann"), (2, "Bob")]
    assert list(seen.types) == ["id", "who"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3\n4,5\n", "line 3 is not in order: a row too short"),
        ("a,b\nx,y\np,q,r\nz,w\n", "line 3 has 3 fields, not 2"),
        ('a,b\n"x\ny",1\n3\n', "line 4 is not in order: a row too short"),
        ('a,b\n1,"never closed\n2,3\n', "line 2 is not in order: a row with stray quotes"),
        ('a,b\n1,"x"y\n2,3\n', "line 2 is not in order: a row with stray quotes"),
        ("", "no rows and no header"),
    ],
)
def test_damage_is_an_error_with_its_line_if_asked(text: str, message: str) -> None:
    with pytest.raises(Permanent, match=message):
        read(text, form=FormatSpec(ragged="strict"))


def test_blank_lines_are_no_rows_and_no_error() -> None:
    assert read("a,b\n\n1,2\n\n\n3,4\n\n").rows == [(1, 2), (3, 4)]


def test_a_row_of_tabs_is_no_blank_line_to_either_reader() -> None:
    rows = [(1, "x"), (None, None), (2, "y")]
    assert read("a\tb\n1\tx\n\t\n2\ty\n").rows == rows
    assert read("a\tb\n1\tx\n\t\n2\ty\0\n").rows == rows


def test_a_last_row_of_a_space_alone_is_a_row() -> None:
    seen = read("col_a,col_b,col_c\n , , \n ,,\n")
    assert seen.rows == [(" ", " ", " "), (" ", None, None)]


def test_a_row_of_words_above_few_values_is_no_second_header() -> None:
    text = "a,b,c\nx,y,\n,,\n,,\n,,\n1,007,\n7,,\n"
    seen = read(text)
    assert [column.name for column in seen.result.columns] == ["a", "b", "c"]
    assert (len(seen.rows), seen.rows[0]) == (6, ("x", "y", None))


def test_mixed_line_ends_are_read_by_the_second_reader() -> None:
    seen = read('a,b\r\n1,"x\ny"\n2,z\r\n')
    assert seen.rows == [(1, "x\ny"), (2, "z")]
    old_mac = read("a,b\r1,x\r2,y\r")
    assert old_mac.rows == [(1, "x"), (2, "y")]


def test_backslashes_may_escape_quotes() -> None:
    seen = read('a,b\n"say \\"hi\\"",1\n"x",2\n')
    assert seen.rows == [('say "hi"', 1), ("x", 2)]
    assert "delimiter ,, escape \\" in seen.result.notes


def test_a_quote_inside_a_bare_value_is_a_character() -> None:
    assert read('a,b\n5" pipe,1\n6" pipe,2\n').rows == [('5" pipe', 1), ('6" pipe', 2)]


def test_null_values_are_as_asked() -> None:
    assert read("a,b\n,1\nNA,2\n").rows == [(None, 1), ("NA", 2)]
    form = FormatSpec(null_values=("NA", "-"))
    assert read("a,b\n,1\nNA,2\n-,3\n", form=form).rows == [(None, 1), (None, 2), (None, 3)]
    assert read('a,b\n"",1\nNA,2\n3,4\n', form=form).types == {"a": "INT64", "b": "INT64"}
    assert read("a,b\n1,NA\n2,\n3,4\n", form=form).rows == [(1, None), (2, None), (3, 4)]
    assert read("a,b\n,1\nx,2\n", form=FormatSpec(null_values=())).rows == [("", 1), ("x", 2)]


@pytest.mark.parametrize(
    ("name", "content", "empty"),
    [
        ("rows.csv", b"id,n\n1,2\n", b""),
        ("rows.csv", b"id,n\n1,2\n", b"\xef\xbb\xbf"),
        ("rows.csv", b"id,n\n1,2\n", b"\r\n\r\n"),
        ("rows.tsv", b"id\tn\n1\t2\n", b""),
        ("rows.jsonl", b'{"id": 1, "n": 2}\n', b""),
        ("rows.json", b'[{"id": 1, "n": 2}]', b"[]"),
    ],
)
def test_an_empty_file_among_others_has_no_rows(name: str, content: bytes, empty: bytes) -> None:
    for files in ({f"a{name}": empty, name: content}, {name: content, f"z{name}": empty}):
        seen = read(files)
        assert (list(seen.types), seen.rows) == (["id", "n"], [(1, 2)])
        other = next(each for each in files if each != name)
        assert f"{other} is empty: it has no rows and no header" in seen.result.notes


def test_a_header_alone_among_other_files_has_no_rows() -> None:
    seen = read({"a.csv": b"id,n\n", "b.csv": b"n,id\n2,1\n"})
    assert (seen.rows, seen.result.notes) == ([(1, 2)], ())


def test_files_that_are_all_empty_are_an_error() -> None:
    with pytest.raises(Permanent, match="a.csv: the file has no rows and no header"):
        read({"a.csv": b"", "b.csv": b"\n"})


def test_several_files_are_one_table_by_name() -> None:
    seen = read({"1.csv": b"a,b\n1,x\n", "2.csv": b"b;c\ny;2.5\n", "3.csv": b"a,b\n007,z\n"})
    assert seen.rows == [("1", "x", None), (None, "y", 2.5), ("007", "z", None)]
    assert seen.types == {"a": "STRING", "b": "STRING", "c": "FLOAT64"}


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(Refused, match="3 rows, the limit is 2"):
        read("a,b\n1,2\n3,4\n5,6\n", max_rows=2)
    assert len(read("a,b\n1,2\n3,4\n", max_rows=2).rows) == 2


def test_progress_counts_bytes_to_the_end() -> None:
    told: list[tuple[Any, ...]] = []
    content = b"a,b\n" + b"1,2\n" * 1_000
    seen = read(content, progress=lambda *event: told.append(event))
    assert told[-1] == ("read", "rows.csv", len(content), len(content), "bytes")
    assert seen.result.bytes_read == len(content)


def mixed_file(rows: int) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "text", "value"])
    for number in range(rows):
        writer.writerow([number, f'line "{number}"\nnext, {"x" * (number % 97)}', number / 4])
    return out.getvalue()


@pytest.mark.parametrize("rows", [150_000])
def test_threads_do_not_matter(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is of several blocks, and full of quoted line ends."""
    text = mixed_file(rows)
    contents = set()
    for threads in (1, 2, 4):
        monkeypatch.setattr(trying, "THREADS", threads)
        seen = read(text)
        contents.add(seen.content)
        assert seen.rows[-1] == (
            rows - 1,
            f'line "{rows - 1}"\nnext, {"x" * ((rows - 1) % 97)}',
            (rows - 1) / 4,
        )
        assert len(seen.rows) == rows
    assert len(contents) == 1


def test_the_same_file_gives_the_same_bytes() -> None:
    text = "a,b\n" + "".join(f"{n},word {n % 7}\n" for n in range(300_000))
    assert read(text).content == read(text).content


def test_a_delimiter_may_be_several_characters() -> None:
    assert read("a::b\n1::2\n", form=FormatSpec(delimiter="::")).rows == [(1, 2)]


def test_one_column_and_very_many() -> None:
    assert read("v\n1\n2\n").rows == [(1,), (2,)]
    names = [f"c{number}" for number in range(700)]
    seen = read(csv_text([names, [str(number) for number in range(700)]]))
    assert seen.rows == [tuple(range(700))]


def test_only_the_result_is_left_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    members = open_members([FetchedFile("a.csv", path, 8, "")], tmp_path)
    into = tmp_path / "into"
    result = read_table(members, ReadRequest(table(), FormatSpec(), into, None, lambda *_: None))
    assert [p for p in into.rglob("*") if p.is_file()] == [result.parquet]


PADDED = st.one_of(
    st.integers(-5, 2_000).map(str),
    st.sampled_from(["", "a", "b c", " x", "é", "# z", "2020-01-01", "1.50", "  "]),
)


@given(
    st.lists(st.lists(PADDED, min_size=3, max_size=3), min_size=3, max_size=20),
    st.sampled_from([", ", "; ", ",  ", "   "]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([None, "", "  ", "id, what, n", "  1, 2, 3  ", "1,2,3"]),
    st.integers(1, 3),
)
@settings(max_examples=100)
def test_spaces_behind_separators_are_left_out_alike_by_both_readers(
    rows: list[list[str]], separator: str, end: str, odd: str | None, place: int
) -> None:
    lines = [separator.join(row) for row in (["id", "what", "n"], *rows)]
    if odd is not None:
        lines.insert(place, odd.replace(", ", separator))
    text = end.join(lines) + end

    def seen() -> tuple[Any, ...]:
        try:
            found = read(text)
        except Permanent as exc:
            return (str(exc),)
        notes = [note for note in found.result.notes if note != SLOWER]
        return found.rows, found.types, notes, found.rejects

    fast = seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BlockParser, "able", property(lambda _: False))
        assert seen() == fast


def test_a_regular_file_with_spaces_behind_separators_is_read_by_blocks() -> None:
    rows = "".join(f"{n}, word, {n / 4}\n" for n in range(50))
    assert SLOWER not in read(f"id, what, share\n{rows}").result.notes
    assert SLOWER in read(f'id, what, share\n{rows}50, "one, two", 1\n').result.notes
