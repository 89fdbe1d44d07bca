"""Whether there is room for a workbook's sheets, tried in a process of its own.

The reader makes room for every cell between the first one of a sheet and the last, and where there
is none it ends the whole process: one cell in XFD1048576, by malice or by a flipped bit, asks for
half a terabyte.
"""

import subprocess
import sys
from pathlib import Path

from factory.errors import Refused

_MOST_MEMORY = 2 << 30  # bytes, of the process that tries
# What goes wrong in other ways goes wrong again where it can be told: only a signal counts here.
_TRIAL = """
import sys
try:
    import resource, python_calamine
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    book = python_calamine.load_workbook(sys.argv[1])
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
except BaseException:
    pass
"""


def refuse_if_too_large(name: str, book: Path) -> None:
    """Raise Refused if a sheet of the workbook at `book` needs more memory than a run may take."""
    words = [sys.executable, "-P", "-c", _TRIAL, str(book), str(_MOST_MEMORY)]
    tried = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - our own words
    if tried.returncode < 0:
        raise Refused(
            f"{name} has a sheet that takes more than {_MOST_MEMORY >> 30} GiB of memory",
            hint="look for a cell far away from the others and delete it, or publish it as CSV",
        )
