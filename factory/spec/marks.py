"""Where a value was typed."""

from typing import NamedTuple


class Mark(NamedTuple):
    """A stretch of a file. Lines and columns count from 1; the end is exclusive."""

    file: str  # relative to the project root where it lies inside, with forward slashes
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def place(self) -> str:
        """`file:line`, as it travels with assets and errors."""
        return f"{self.file}:{self.line}"
