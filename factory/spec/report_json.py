"""Problems as JSON, for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from factory.spec.masking import Mask
from factory.spec.problems import Problem


def render_json(problems: Sequence[Problem], texts: Mapping[str, str]) -> str:
    """The problems as a JSON list, one object each: file, line, column, code, message and so on.

    Secrets are masked. Ends with a line break.
    """
    shown = Mask(problems, texts).problems(problems)
    return json.dumps([_plain(problem) for problem in shown], indent=2, ensure_ascii=False) + "\n"


def _plain(problem: Problem) -> dict[str, object]:
    return {
        **asdict(problem.mark),
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "label": problem.label,
        "help": problem.help,
        "notes": list(problem.notes),
        "related": [{**asdict(other.mark), "label": other.label} for other in problem.related],
    }
