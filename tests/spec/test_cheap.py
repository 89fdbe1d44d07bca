"""A checker answers in the blink of an eye, so it imports nothing heavy."""

import subprocess
import sys

HEAVY = ["dagster", "google", "duckdb", "rich", "typer", "croniter", "pyarrow", "requests"]


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_loading_imports_nothing_heavy() -> None:
    code = """
import sys
from factory.spec.project import parse_project
from factory.spec.report import render_text
text = 'source: {kaggle: a/b}\\nbucket: my-bucket\\ntable: a.b\\nschedule: "0 2 * * *"\\ntabel: 1'
project = parse_project("/p", {"pipelines/a.yaml": text}, {})
render_text(project.problems, project.texts, color=True)
print(" ".join(sorted({name.split(".")[0] for name in sys.modules})))
"""
    loaded = _run(code).split()
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_does_not_import_jsonschema() -> None:
    code = "import sys, factory.spec.project; print('jsonschema' in sys.modules)"
    assert _run(code).strip() == "False"


def test_a_thousand_pipelines_take_seconds_not_minutes() -> None:
    from time import process_time

    from factory.spec.project import parse_project

    text = 'source: {{kaggle: a/b}}\nbucket: my-bucket\ntable: a.t{}\nschedule: "0 2 * * *"\n'
    texts = {f"pipelines/p{i}.yaml": text.format(i) for i in range(200)}
    start = process_time()
    assert len(parse_project("/p", texts, {}).specs) == 200
    assert process_time() - start < 4  # measured: 0.4 s
