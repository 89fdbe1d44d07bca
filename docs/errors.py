"""docs/errors.md and the examples of `factory explain-error`, from the tests' golden pairs."""

import json
from collections.abc import Iterator, Mapping

from factory.spec.codes import CODES
from factory.spec.examples import Example
from tests.spec.cases import Case, bad_cases, mended_cases

_HEAD = """\
# What the checker says

Every problem has a code. `factory explain-error CODE` prints what stands here.

| code | meaning |
|---|---|
"""


def examples() -> dict[str, Example]:
    """For each code a broken project, what the checker says to it, and the mended project.

    The code's own pair is the one whose name has a mended twin; `unreadable-file` has none,
    since bytes that are no text cannot be shown as one.
    """
    bad = {case.name: case for case in bad_cases()}
    pairs = [(bad[case.name], case) for case in mended_cases()]
    return {_code(case.name): _example(case, mended) for case, mended in pairs}


def examples_text() -> str:
    """The examples as the package carries them."""
    plain = {code: example._asdict() for code, example in sorted(examples().items())}
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def errors() -> str:
    """The whole page."""
    found = examples()
    index = "".join(f"| [{code}](#{code}) | {_cell(text)} |\n" for code, text in CODES.items())
    sections = (section for code in CODES for section in _section(code, found.get(code)))
    return _HEAD + index + "\n" + "\n".join(sections)


def _example(bad: Case, mended: Case) -> Example:
    said = bad.out.read_text(encoding="utf-8")
    return Example(dict(bad.texts), said, dict(mended.texts))


def _section(code: str, example: Example | None) -> Iterator[str]:
    yield f"## {code}\n\n{CODES[code][0].upper()}{CODES[code][1:]}.\n"
    if example is None:
        return
    yield from _files(example.bad)
    yield f"```text\n{example.said.rstrip()}\n```\n"
    yield "Right would be:\n"
    yield from _files(example.mended)
    others = [case for case in bad_cases() if case.texts != example.bad and _is_of(case, code)]
    if others:
        yield "Other forms of it:\n"
    for case in others:
        yield f"```text\n{case.out.read_text(encoding='utf-8').rstrip()}\n```\n"


def _files(texts: Mapping[str, str]) -> Iterator[str]:
    for file, text in texts.items():
        head = f"# {file}\n" if len(texts) > 1 else ""
        yield f"```yaml\n{head}{text.rstrip()}\n```\n"


def _code(name: str) -> str:
    """The code that a golden pair is named after: the longest, since some begin with another."""
    return max((code for code in CODES if name.startswith(code)), key=len)


def _is_of(case: Case, code: str) -> bool:
    return case.name.startswith(code) and _code(case.name) == code


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
