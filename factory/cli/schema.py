"""`factory schema`: the JSON Schema, as editors take it."""

import sys

from factory.cli.exits import Exit
from factory.spec.schemas import schema_text


def print_schema(name: str) -> Exit:
    """Print the schema of that name, `pipeline` or `factory`."""
    sys.stdout.write(schema_text(name).rstrip("\n") + "\n")
    return Exit.FINE
