"""The command line. Answers in the time of a blink: every command imports only what it needs."""

from factory.cli.main import main

__all__ = ["main"]
