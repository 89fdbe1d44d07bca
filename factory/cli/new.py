"""`factory new`: a pipeline file for a source, with what is found in it."""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from factory.cli import words
from factory.cli.exits import Exit
from factory.cli.looking import program
from factory.cli.progress import show_progress
from factory.cli.project import choose_target, factory_of, open_project
from factory.cli.terminal import paint, plain, wants_color, write_lines

if TYPE_CHECKING:
    from factory.authoring.new import Proposal, Wish


def new(wish: "Wish") -> Exit:
    """Write the file (print it, if the wish is only to look), and say what was found."""
    from factory.authoring.new import keep, propose

    root, project = open_project()
    target = choose_target(factory_of(project), None)
    write_lines(sys.stderr, [f"looking at {_shown(wish.source)}"])
    with show_progress(sys.stderr) as progress:
        proposal = propose(wish, root, project, target, os.environ, progress)
    if wish.only_look:
        sys.stdout.write(proposal.text)
        write_lines(sys.stderr, _found(proposal, color=wants_color(sys.stderr)))
        return Exit.FINE
    keep(proposal, root)
    color = wants_color(sys.stdout)
    write_lines(sys.stdout, _found(proposal, color=color))
    write_lines(sys.stdout, _next(proposal, color=color))
    return Exit.FINE


def _shown(typed: str) -> str:
    """An address without what may be a secret in it."""
    from factory.sources.http_address import shown_address

    return plain(shown_address(typed).partition("?")[0])


def _found(proposal: "Proposal", *, color: bool) -> Iterator[str]:
    """What was read, which tables it makes, and what was left out."""
    from factory.spec.units import size_text

    found = proposal.survey
    read = f"{size_text(found.bytes)} fetched"
    yield f"{paint(proposal.file, 'bold', color=color)}: {plain(found.version.label)}, {read}"
    for table in proposal.tables:
        if not table.found.profiles:
            yield f"  {table.id}: not read; its columns are found out at each load"
            continue
        columns = words.count(len(table.found.profiles), "column")
        yield f"  {table.id}: {words.count(table.found.rows or 0, 'row')}, {columns}"
    for reason in found.left_out:
        yield paint(f"  left out: {plain(reason)}", "yellow", color=color)


def _next(proposal: "Proposal", *, color: bool) -> Iterator[str]:
    yield paint("next", "bold", color=color)
    if proposal.variables:
        yield "  the address holds a secret: the file has a variable in its place"
    for variable in proposal.variables:
        yield f"  export {variable}=…"
    command = program("factory")
    yield f"  {command} check {proposal.file}"
    if any(table.found.profiles for table in proposal.tables):
        yield f"  {command} run {proposal.name} --sample 1000"
    yield f"  {command} run {proposal.name}"
