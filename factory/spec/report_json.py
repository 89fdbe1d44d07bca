"""Problems as JSON, for programs."""

import json
from collections.abc import Mapping, Sequence

from factory.spec.marks import Mark
from factory.spec.masking import Mask
from factory.spec.problems import Problem


def render_json(problems: Sequence[Problem], texts: Mapping[str, str]) -> str:
    """The problems as a JSON list, one object each: file, line, column, code, message and so on.

    One problem a line. Secrets are masked. Ends with a line break.
    """
    shown = Mask(problems, texts).problems(problems)
    rows = ",\n".join(json.dumps(_plain(problem), ensure_ascii=False) for problem in shown)
    return f"[\n{rows}\n]\n" if rows else "[]\n"


def _plain(problem: Problem) -> dict[str, object]:
    return {
        **_place(problem.mark),
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "label": problem.label,
        "help": problem.help,
        "notes": list(problem.notes),
        "related": [{**_place(other.mark), "label": other.label} for other in problem.related],
    }


def _place(mark: Mark) -> dict[str, object]:
    return {
        "file": mark.file,
        "line": mark.line,
        "column": mark.column,
        "end_line": mark.end_line,
        "end_column": mark.end_column,
    }
