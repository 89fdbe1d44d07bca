"""What a warehouse says of a column."""

from factory.ports import Column
from factory.warehouses.remarks import remark


def test_a_column_tells_its_description_and_its_name_in_the_source() -> None:
    assert remark(Column("a", "INT64")) is None
    assert remark(Column("a", "INT64", description="Age.")) == "Age."
    assert remark(Column("a", "INT64", original="A!")) == 'in the source: "A!"'
    both = Column("a", "INT64", description="Age.", original="A!")
    assert remark(both) == 'Age. (in the source: "A!")'


def test_a_remark_is_as_long_as_bigquery_takes() -> None:
    long = "x" * 1020
    assert remark(Column("a", "INT64", description=long, original="A!")) == long
    assert len(remark(Column("a", "INT64", original="y" * 2000)) or "") == 1024
