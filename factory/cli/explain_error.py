"""`factory explain-error`: what a code means, with an example of it and the way out."""

import sys
from collections.abc import Iterator, Mapping

from factory.cli.exits import Exit, Stop
from factory.cli.suggest import did_you_mean
from factory.cli.terminal import paint, wants_color
from factory.spec.codes import CODES
from factory.spec.examples import Example, examples


def explain_error(code: str | None) -> Exit:
    """Print the meaning of a code with its example; without a code, all codes."""
    color = wants_color(sys.stdout)
    lines = _all(color) if code is None else _one(_known(code), color)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return Exit.FINE


def _known(code: str) -> str:
    """As it stands in a message, `error[bad-cron]`, or alone."""
    bare = code.lower().removeprefix("error").removeprefix("warning").strip("[]: ")
    if bare not in CODES:
        near = did_you_mean(bare, CODES)
        hint = near if near.startswith("did") else "factory explain-error lists all codes"
        raise Stop(f'there is no code "{code}"', hint=hint)
    return bare


def _all(color: bool) -> Iterator[str]:
    width = max(map(len, CODES))
    for code, meaning in CODES.items():
        yield f"{paint(f'{code:<{width}}', 'bold', color=color)}  {meaning}"


def _one(code: str, color: bool) -> Iterator[str]:
    yield f"{paint(code, 'bold', color=color)}: {CODES[code]}"
    example = examples().get(code)
    if example is not None:
        yield from _example(example, color)


def _example(example: Example, color: bool) -> Iterator[str]:
    parts = (
        ("for example", _files(example.bad)),
        ("the checker says", example.said.splitlines()),
        ("right would be", _files(example.mended)),
    )
    for title, lines in parts:
        yield f"\n{paint(title, 'dim', color=color)}\n"
        yield from (f"  {line}".rstrip() for line in lines)


def _files(texts: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for file, text in texts.items():
        lines += [f"# {file}"] if len(texts) > 1 else []
        lines += [*text.rstrip().splitlines(), *([""] if file != [*texts][-1] else [])]
    return lines
