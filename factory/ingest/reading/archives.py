"""Fetched files as data files."""

from collections.abc import Sequence

from factory.ingest.reading.values import Member
from factory.ports import FetchedFile


def open_members(files: Sequence[FetchedFile]) -> list[Member]:
    """Every data file."""
    return [Member(file.name, file.size, lambda file=file: file.path.open("rb")) for file in files]
