"""What a warehouse says of a column."""

from factory.ports import Column


def test_a_column_tells_its_description_and_its_name_in_the_source() -> None:
    assert Column("a", "INT64").remark is None
    assert Column("a", "INT64", description="Age.").remark == "Age."
    assert Column("a", "INT64", original="A!").remark == 'in the source: "A!"'
    both = Column("a", "INT64", description="Age.", original="A!")
    assert both.remark == 'Age. (in the source: "A!")'


def test_a_remark_is_as_long_as_bigquery_takes() -> None:
    long = "x" * 1020
    assert Column("a", "INT64", description=long, original="A!").remark == long
    assert len(Column("a", "INT64", original="y" * 2000).remark or "") == 1024
