"""Files that are no tables, whatever their names say."""

import random

import pytest

from factory.errors import Permanent
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import read

NOISE = random.Random(1).randbytes(20_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + NOISE, "rows.csv is a picture .PNG., not a table"),
        (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n", "rows.csv is a PDF, not a table"),
        (
            b"<!DOCTYPE html>\n<html><p>Not found, sorry</p></html>\n",
            "is a web page, not a data file",
        ),
        (b"<?xml version='1.0'?>\n<rows><row a='1'/></rows>\n", "rows.csv is XML, not a table"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n",
            "is a pointer of Git LFS",
        ),
        (bytes(100), "is nothing but NUL characters, not a table"),
        (b"a.csv" + bytes(95) + b"0000644", "is mostly NUL characters, not a table"),  # a cut tar
        (NOISE, "rows.csv is no text, not a table"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(content: bytes, said: str) -> None:
    with pytest.raises(Permanent, match=said) as error:
        read(content)
    assert error.value.hint


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("a\x01b\x02c\n1\x01é\x022\n".encode("cp1252"), FormatSpec()),
        ("a,b\n1,ü\n".encode("utf-16"), FormatSpec()),
        (("a,b\n" + "1,2\n" * 50).encode("utf-32-le"), FormatSpec()),
        (b"a,b\n1,2\n" + bytes(50), FormatSpec()),
        ("a,b\n1,2\n".encode("cp037"), FormatSpec(encoding="cp037")),
        (b"a,b\n1,\x03\xff\n" + b"2,word\n" * 40, FormatSpec()),
    ],
)
def test_odd_text_is_text(content: bytes, form: FormatSpec) -> None:
    assert read(content, form=form).rows
