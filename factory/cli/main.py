"""From words to an exit code. The only place where exceptions end."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from factory.cli.arguments import parse
from factory.cli.exits import Exit, Stop
from factory.cli.terminal import hint_line, problem_line, wants_color, write_lines
from factory.errors import FactoryError


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line (without the program's name) and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    _never_fail_to_print()
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except Stop as stop:
        _complain(stop.message, stop.hint)
        code = _plain_error(stop.code, words)
    except FactoryError as error:
        _complain(error.message, error.hint)
        code = _plain_error(Exit.CANNOT, words)
    except KeyboardInterrupt:
        _complain("interrupted", None)
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains when it flushes
        code = Exit.READER_GONE
    except SystemExit as leave:  # argparse, after --help and --version
        code = Exit.FINE if leave.code in (None, 0) else Exit.CANNOT
    except Exception as error:
        code = _crash(error, words)
    return int(code)


def _dispatch(words: Sequence[str]) -> int:
    arguments = parse(words)
    match arguments.command:
        case "new" | "accept":
            return _write(arguments)
        case "check" | "list" | "doctor":
            return _look(arguments)
        case "plan":
            from factory.cli.planning import PlanOptions, show_plan

            options = PlanOptions(
                arguments.target,
                arguments.format,
                arguments.since,
                arguments.offline,
                arguments.detailed_exitcode,
            )
            return show_plan(arguments.names, options)
        case "dev":
            from factory.cli.dev import dev

            return dev(arguments.target, arguments.port)
        case "test":
            from factory.cli.testing import test

            return test(arguments.names, arguments.jobs, arguments.junit, arguments.rows)
        case "run":
            from factory.cli.running import run

            return run(arguments.name, arguments.target, arguments.sample)
        case "explain" | "explain-error":
            return _explain(arguments)
        case _:
            from factory.cli.schema import install, print_schema

            if arguments.install:
                return install(arguments.editor)
            return print_schema(arguments.name)


def _look(arguments: Namespace) -> Exit:
    if arguments.command == "check":
        from factory.cli.check import check

        return check(arguments.paths, arguments.format)
    if arguments.command == "list":
        from factory.cli.listing import list_pipelines

        return list_pipelines()
    from factory.cli.doctor import doctor

    asked = arguments.names, arguments.target, arguments.format
    return doctor(*asked, offline=arguments.offline, fix=arguments.fix)


def _write(arguments: Namespace) -> Exit:
    if arguments.command == "accept":
        from factory.cli.accept import accept

        asked = arguments.name, arguments.version, arguments.target
        return accept(*asked, dry_run=arguments.dry_run)
    from factory.authoring.new import Wish
    from factory.cli.new import new

    chosen = arguments.name, arguments.table, arguments.bucket, arguments.max_bytes
    return new(Wish(arguments.source, *chosen, only_look=arguments.stdout))


def _explain(arguments: Namespace) -> Exit:
    if arguments.command == "explain-error":
        from factory.cli.explain_error import explain_error

        return explain_error(arguments.code)
    from factory.cli.explain import explain

    return explain(arguments.name, arguments.field, arguments.format)


def _plain_error(code: Exit, words: Sequence[str]) -> Exit:
    """Where 2 says that there are changes, every error is a 1."""
    return Exit.SPECS if code is Exit.CANNOT and "--detailed-exitcode" in words else code


def _never_fail_to_print() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _complain(message: str, hint: str | None) -> None:
    color = wants_color(sys.stderr)
    lines = [problem_line(message, color=color)]
    write_lines(sys.stderr, [*lines, hint_line(hint, color=color)] if hint else lines)


def _crash(error: Exception, words: Sequence[str]) -> Exit:
    from factory.cli.crash import report_crash

    write_lines(sys.stderr, [report_crash(error, " ".join(["factory", *words]))])
    return Exit.BUG
