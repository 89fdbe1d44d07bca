import os
import subprocess
from collections.abc import Callable

import pytest

from factory import __version__
from factory.cli.arguments import build_parser
from tests.cli.conftest import PYTHON, ROOT, Folder, Result, in_a_process

Factory = Callable[..., Result]


def test_version(factory: Factory) -> None:
    assert factory("--version") == Result(0, f"factory {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], 'there is no command "chek"\n  = help: did you mean "check"?'),
        (["zzz"], "known: accept, check, "),
        (["list", "x"], "unrecognized arguments: x\n  = help: factory --help"),
        (["run"], "required: NAME\n  = help: factory run --help"),
        (["run", "a", "--sample", "0"], 'must be a whole number from 1, got "0"'),
        (["run", "a", "--sample", "-5"], "argument --sample"),
        (["plan", "--form", "json"], "unrecognized arguments: --form"),
        (["check", "--format", "xml"], "invalid choice: 'xml'"),
        (["schema", "x"], "invalid choice: 'x'"),
        ([], "which command?"),
    ],
)
def test_wrong_words_are_one_sentence_and_code_2(
    factory: Factory, words: list[str], said: str
) -> None:
    result = factory(*words)
    assert result.code == 2
    assert result.out == ""
    assert said in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("name", sorted(build_parser().commands()))
def test_every_command_has_help(factory: Factory, name: str) -> None:
    result = factory(name, "--help")
    assert result.code == 0
    assert result.out.startswith(f"usage: factory {name}")


def test_numbers_may_have_separators() -> None:
    parse = build_parser().parse_args
    assert parse(["run", "a", "--sample", "1,048,575"]).sample == 1_048_575
    assert parse(["run", "a", "--sample", "1_000"]).sample == 1000


@pytest.mark.parametrize("name", ["pipeline", "factory"])
def test_schema_prints_the_file(factory: Factory, name: str) -> None:
    text = (ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8")
    assert factory("schema", name).out == text.rstrip("\n") + "\n"
    assert factory("schema").out == factory("schema", "pipeline").out


def test_our_own_fault_is_an_apology(
    project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise KeyError("inner")

    monkeypatch.setattr("factory.cli.listing.list_pipelines", fail)
    result = factory("list")
    assert result.code == 3
    assert result.err.startswith("sorry: this is a fault of the factory")
    assert "Traceback" not in result.err


def test_ctrl_c_is_130(project: Folder, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("factory.cli.listing.list_pipelines", interrupted)
    assert factory("list") == Result(130, "", "error: interrupted\n")


def test_a_closed_pipe_is_no_error(project: Folder) -> None:
    for number in range(400):
        text = f"source: {{file: a.csv}}\nbucket: some-bucket\ntable: d.t{number}\n"
        project.write(f"pipelines/p{number}.yaml", text)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [PYTHON, "-m", "factory", "list"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_old_locale_does_not_break_the_output(project: Folder) -> None:
    project.write(
        "pipelines/covid.yaml",
        "description: żółw 漢字\nsource: {file: a.csv}\nbucket: some-bucket\ntable: d.t\n",
    )
    result = in_a_process(
        "plan", "--offline", "covid", cwd=project.root, env={"PYTHONIOENCODING": "ascii"}
    )
    assert result.code == 0
    assert "\\u017c" in result.out


def test_colour_only_where_it_is_wanted(project: Folder) -> None:
    project.write("pipelines/bad.yaml", "source: {kaggel: a/b}\nbucket: b\ntable: d.t\n")
    for words in (["check"], ["list"], ["plan", "--offline", "covid"], ["plan", "nope"]):
        assert "\x1b" not in "".join(
            map(str, vars(in_a_process(*words, cwd=project.root)).values())
        )
        forced = in_a_process(*words, cwd=project.root, env={"FORCE_COLOR": "1"})
        assert "\x1b[" in forced.out + forced.err
        both = in_a_process(*words, cwd=project.root, env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
        assert "\x1b" not in both.out + both.err
