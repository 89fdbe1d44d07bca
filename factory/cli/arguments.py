"""The words that the command line takes. argparse: Typer alone would cost more than `check`."""

import argparse
import sys
from collections.abc import Sequence

from factory import __version__
from factory.cli.exits import Stop
from factory.cli.parser import (
    Commands,
    Help,
    Parser,
    add_command,
    add_format,
    add_name,
    add_target,
    port,
    rows,
    size,
)
from factory.cli.suggest import did_you_mean

_EXIT_CODES = """\
exit codes: 0 fine; 1 the YAML is wrong, or a run or a check failed; 2 cannot run here;
3 a fault of the factory; 130 Ctrl-C"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments with `command` among them. Raises Stop if they make no sense."""
    parser = build_parser()
    words = list(arguments)
    if not words:
        parser.print_help(sys.stderr)
        raise Stop("which command?", hint=f"for example {parser.prog} check")
    first, known = words[0], parser.commands()
    if not first.startswith("-") and first not in known:
        raise Stop(f'there is no command "{first}"', hint=did_you_mean(first, known))
    return parser.parse_args(words)


def build_parser() -> Parser:
    """All commands and options, with the help that the documents repeat."""
    parser = Parser(
        prog="factory",
        description="Public datasets in a warehouse, checked, on schedule, from YAML files.",
        epilog=_EXIT_CODES,
        formatter_class=Help,
        allow_abbrev=False,  # a script that shortens an option breaks when another one is added
    )
    parser.add_argument("--version", action="version", version=f"factory {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands"
    )
    _add_new(commands)
    _add_accept(commands)
    _add_check(commands)
    _add_list(commands)
    _add_plan(commands)
    _add_explain(commands)
    _add_test(commands)
    _add_run(commands)
    _add_history(commands)
    _add_replay(commands)
    _add_rollback(commands)
    _add_dev(commands)
    _add_doctor(commands)
    _add_explain_error(commands)
    _add_schema(commands)
    return parser


def _add_new(commands: Commands) -> None:
    parser = add_command(
        commands,
        "new",
        "write a pipeline file for a source, with the columns that are found in it",
        "Asks the source for its files, reads them, and writes a pipeline file that passes "
        "check: tables, columns with their types, a likely key, the licence, a schedule. "
        "Never overwrites a file.",
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="owner/dataset or a dataset's page of Kaggle, a file, folder or glob, "
        "gs://bucket/folder/, or the address of a data file",
    )
    parser.add_argument(
        "--name",
        metavar="N",
        help="the pipeline, group/name puts it into a folder (default: from the source)",
    )
    parser.add_argument(
        "--table",
        metavar="D.T",
        help="dataset.table; of several tables, what their names begin with "
        "(default: from the source)",
    )
    parser.add_argument(
        "--bucket", metavar="B", help="the bucket (default: the one that most pipelines use)"
    )
    parser.add_argument(
        "--max-bytes",
        metavar="SIZE",
        type=size,
        default="1GB",
        help="read at most so much of the source; the smallest files come first (default: 1GB)",
    )
    parser.add_argument(
        "--stdout", action="store_true", help="print the file in place of writing it"
    )


def _add_accept(commands: Commands) -> None:
    parser = add_command(
        commands,
        "accept",
        "take columns that drifted at the source into the pipeline file",
        "Compares the columns of the newest version with those of the file: new ones are added, "
        "others get the type that they have now, and those that are gone are commented out. "
        "Shows the change, and leaves every other character as it is.",
    )
    add_name(parser)
    parser.add_argument(
        "--version",
        metavar="V",
        help="the version of the source to compare with (default: the newest)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the change and write nothing")
    add_target(parser)


def _add_check(commands: Commands) -> None:
    parser = add_command(
        commands,
        "check",
        "say whether the YAML files are right, and what would be wrong at which line",
        "Reads every pipeline and reports all problems together. Needs no network and no account.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="files or folders to report on; rules across files still see all (default: all)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="for people, for programs, or as annotations of a pull request (default: text)",
    )


def _add_list(commands: Commands) -> None:
    add_command(
        commands,
        "list",
        "show the pipelines: source, tables, schedule, next run, file",
        "Shows every pipeline of the project, the broken ones too.",
    )


def _add_plan(commands: Commands) -> None:
    parser = add_command(
        commands,
        "plan",
        "show what will exist on a target, and what that changes, without touching it",
        "Shows the assets, tables, checks, job and schedule that a pipeline makes, and where,\n"
        "and what the next run would do to each table. With --since: what differs, and what that\n"
        "means for the rows.",
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="pipelines to show (default: all)")
    parser.add_argument(
        "--since",
        metavar="REV",
        help="compare with the files at a git revision, for example origin/main",
    )
    add_target(parser)
    parser.add_argument(
        "--offline",
        action="store_true",
        help="ask neither source nor bucket nor warehouse; the files alone are read",
    )
    parser.add_argument(
        "--format",
        choices=("text", "md", "json"),
        default="text",
        help="for people, for a comment on a pull request, or for programs (default: text)",
    )
    parser.add_argument(
        "--detailed-exitcode",
        action="store_true",
        help="exit with 0 if nothing changes, 2 if something does, 1 on every error and "
        "where it cannot be told",
    )


def _add_explain(commands: Commands) -> None:
    parser = add_command(
        commands,
        "explain",
        "show where every value of a pipeline comes from, and what it overrides",
        "Shows each value as it holds: typed in the pipeline's file, in the defaults of a folder "
        "or of factory.yaml, or the schema's own default; and the variables in it.",
    )
    add_name(parser)
    parser.add_argument(
        "field",
        metavar="FIELD",
        nargs="?",
        help="only this value and those below, for example schedule.cron, tables[0].name or "
        "columns.AGE.type",
    )
    add_format(parser)


def _add_test(commands: Commands) -> None:
    parser = add_command(
        commands,
        "test",
        "try every pipeline on made-up rows and on its own tests, offline",
        "Runs pipelines from files to table in a temporary folder: on rows made up from their "
        "columns, and on the files of their tests. Needs no network and no account, and touches "
        "no bucket, table or run of yours.",
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="pipelines to try (default: all)")
    parser.add_argument(
        "--jobs", metavar="N", type=rows, help="how many at a time (default: one a processor)"
    )
    parser.add_argument(
        "--junit", metavar="FILE", help="write the outcomes as JUnit XML, which CI servers read"
    )
    parser.add_argument(
        "--rows",
        metavar="N",
        type=rows,
        default=1_000,
        help="how many rows to make up a table (default: 1000)",
    )


def _add_run(commands: Commands) -> None:
    parser = add_command(
        commands,
        "run",
        "run one pipeline now: fetch, land, stage, check, publish",
        "Runs one pipeline here and shows its progress, its checks and some rows.",
    )
    parser.add_argument("name", metavar="NAME", help="the pipeline to run")
    add_target(parser)
    parser.add_argument(
        "--sample",
        metavar="N",
        type=rows,
        help="load N made-up rows that fit the columns of the spec, in place of the source; "
        "no account or network is needed, and every output says synthetic",
    )


def _add_history(commands: Commands) -> None:
    parser = add_command(
        commands,
        "history",
        "show what was loaded, and which versions are landed",
        "Shows every load of the pipeline's tables, newest first, with its version, rows and run; "
        "and the landed versions in the bucket, with the one that is loaded and those that a "
        "rollback holds.",
    )
    add_name(parser)
    add_target(parser)
    add_format(parser)


def _add_replay(commands: Commands) -> None:
    parser = add_command(
        commands,
        "replay",
        "load a landed version again, from the bucket",
        "Loads a version that is in the bucket, without the source: staged, checked and published "
        "as by any run. A version that was rolled back is free again.",
    )
    add_name(parser)
    parser.add_argument(
        "--version", metavar="V", required=True, help="the version, as factory history shows it"
    )
    add_target(parser)


def _add_rollback(commands: Commands) -> None:
    parser = add_command(
        commands,
        "rollback",
        "go back to the version before, and stay there until a newer one is published",
        "Loads the version before the newest one, from the bucket. The newest is held: runs leave "
        "it out until the source has another, or until factory replay asks for it by its number. "
        "A second rollback changes nothing.",
    )
    add_name(parser)
    add_target(parser)


def _add_dev(commands: Commands) -> None:
    parser = add_command(
        commands,
        "dev",
        "start Dagster's UI and scheduler; the page follows what is saved",
        "Starts `dagster dev` and loads each saved file. A broken one is explained here, and its\n"
        "last good version goes on.",
    )
    add_target(parser)
    parser.add_argument(
        "--port",
        metavar="P",
        type=port,
        help="of the UI, on this machine only (default: 3000, or another if that is in use)",
    )


def _add_doctor(commands: Commands) -> None:
    parser = add_command(
        commands,
        "doctor",
        "say whether all is there that runs need, and what to type where it is not",
        "Looks at Python and its packages, the project, disks, Dagster's folder and daemon, "
        "credentials, and at the services, sources, buckets and datasets of a target: who "
        "answers, how fast, what we may do there. Changes nothing without --fix.",
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="pipelines to look at (default: all)"
    )
    add_target(parser)
    parser.add_argument(
        "--fix", action="store_true", help="make the buckets and datasets that are missing"
    )
    parser.add_argument(
        "--offline", action="store_true", help="look at this machine only; ask no service"
    )
    add_format(parser)


def _add_explain_error(commands: Commands) -> None:
    parser = add_command(
        commands,
        "explain-error",
        "say what a code such as bad-cron means, with an example and how to mend it",
        "Explains the code in the brackets of a message. Without one, lists all codes.",
    )
    parser.add_argument("code", metavar="CODE", nargs="?", help="for example bad-cron")


def _add_schema(commands: Commands) -> None:
    parser = add_command(
        commands,
        "schema",
        "print the JSON Schema that editors use, or install it in a project",
        "Prints the JSON Schema of a pipeline file, of factory.yaml, or of _defaults.yaml.",
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=("pipeline", "factory", "defaults"),
        default="pipeline",
        help="which of the files (default: pipeline)",
    )
    parser.add_argument(
        "--install",
        action="store_true",
        help="put all of them into the project's folder schemas, and tell the editor so; "
        "what its settings hold already stays",
    )
    parser.add_argument(
        "--editor",
        choices=("vscode", "other"),
        default="vscode",
        help="with --install: write .vscode/settings.json, or say what to set (default: vscode)",
    )
