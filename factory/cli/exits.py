"""Exit codes, and the one exception that ends a command early."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every command means."""

    FINE = 0
    SPECS = 1  # the user's files are wrong, or a run or a check failed
    CANNOT = 2  # it cannot run here: wrong arguments, no project, nothing of that name
    CHANGES = 2  # only with --detailed-exitcode, where CANNOT turns into SPECS
    BUG = 3  # our fault
    INTERRUPTED = 130  # Ctrl-C: 128 and the number of the signal, as shells have it
    READER_GONE = 141  # the other end of the pipe was closed, as by `| head`
    TERMINATED = 143  # SIGTERM


class Stop(Exception):
    """Ends the command with `code`. `message` is one sentence, `hint` says what to type."""

    def __init__(self, message: str, *, hint: str | None = None, code: Exit = Exit.CANNOT) -> None:
        self.message = message
        self.hint = hint
        self.code = code
        super().__init__(message)
