"""DuckDB alone, in the room of the local warehouse, makes a table of landed files: nothing else."""

import sys
from pathlib import Path

from pyarrow.parquet import read_metadata

from factory.warehouses.duckdb_file import writing
from factory.warehouses.duckdb_fill import weight_of_rows
from factory.warehouses.duckdb_room import Room, room_to_fill, roomy
from factory.warehouses.duckdb_sql import parquet


def main(folder: Path) -> None:
    """Make the table `rows` of `folder/alone.duckdb` from what lies in `folder/landed`."""
    files = [str(path) for path in sorted((folder / "landed").rglob("*.parquet"))]

    def fill(room: Room) -> None:
        with writing(folder / "alone.duckdb", 0, room) as connection:
            connection.execute(f"CREATE TABLE rows AS SELECT * FROM {parquet(files)}")

    roomy(fill, room_to_fill(read_metadata(files[0]).num_columns, weight_of_rows(files)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
