"""From fetched files to one typed Parquet file a table.

    members = open_members(files, folder)         archives opened, every data file a member
    chosen = match_members(members, patterns)     the files of one table
    result = read_table(chosen, request)          types decided from the whole column, lossless

The same bytes and the same spec give the same rows and the same types, whatever the number of
threads and wherever in a file a strange value stands.
"""

from factory.ingest.reading.archives.opening import open_members
from factory.ingest.reading.matching import match_members
from factory.ingest.reading.table import ROWS_FILE, read_table
from factory.ingest.reading.values import Member, ReadRequest, ReadResult

__all__ = [
    "ROWS_FILE",
    "Member",
    "ReadRequest",
    "ReadResult",
    "match_members",
    "open_members",
    "read_table",
]
