"""A parser of words, and the options that several commands share."""

import argparse
import shutil
from typing import NoReturn, TypeAlias

from factory.cli.exits import Stop
from factory.spec.units import size_bytes

_WIDEST = 96


class Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, up to what reads well."""

    def __init__(self, prog: str) -> None:
        wide = min(shutil.get_terminal_size().columns - 2, _WIDEST)
        super().__init__(prog, max_help_position=26, width=wide)


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one sentence."""

    def error(self, message: str) -> NoReturn:
        raise Stop(message, hint=f"{self.prog} --help")

    def commands(self) -> dict[str, "Parser"]:
        """The parsers of the commands, by name."""
        found = [a for a in self._actions if isinstance(a, argparse._SubParsersAction)]
        return dict(found[0].choices) if found else {}

    def options(self) -> list[argparse.Action]:
        """What may be given, in order, without --help."""
        return [a for a in self._actions if not isinstance(a, argparse._HelpAction)]


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(commands: Commands, name: str, summary: str, description: str) -> Parser:
    """One more command."""
    return commands.add_parser(
        name, help=summary, description=description, formatter_class=Help, allow_abbrev=False
    )


def add_format(parser: Parser) -> None:
    """`--format text|json`"""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="for people or for programs (default: text)",
    )


def add_name(parser: Parser) -> None:
    """`NAME`"""
    parser.add_argument("name", metavar="NAME", help="the pipeline")


def add_target(parser: Parser) -> None:
    """`--target T`"""
    parser.add_argument(
        "--target",
        metavar="T",
        help="where: a name under targets in factory.yaml "
        "(default: the variable FACTORY_TARGET, else default_target)",
    )


def rows(text: str) -> int:
    """A whole number from 1."""
    digits = text.replace(",", "").replace("_", "")
    if not digits.isdecimal() or not digits.isascii() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f'must be a whole number from 1, got "{text}"')
    return int(digits)


def port(text: str) -> int:
    """A port number."""
    if not text.isdecimal() or not text.isascii() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f'must be a number from 1 to 65535, got "{text}"')
    return int(text)


def size(text: str) -> int:
    """A size in bytes, as `500MB`."""
    size = size_bytes(text)
    if not size:
        raise argparse.ArgumentTypeError(f'must be a size such as 500MB or 5GB, got "{text}"')
    return size
