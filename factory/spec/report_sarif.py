"""Problems as SARIF 2.1.0, which code scanning services take."""

import json
from collections.abc import Mapping, Sequence

from factory import __version__
from factory.spec.codes import CODES
from factory.spec.marks import Mark
from factory.spec.masking import Mask
from factory.spec.problems import Problem

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_Object = dict[str, object]


def render_sarif(problems: Sequence[Problem], texts: Mapping[str, str]) -> str:
    """One run with a rule for each code that occurs. Secrets are masked. Ends with a line break.

    Places are relative to the project's root (`uriBaseId` PROJECT); columns count characters.
    """
    shown = Mask(problems, texts).problems(problems)
    rules = sorted({problem.code for problem in shown})
    driver = {
        "name": "pipeline-factory",
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"PROJECT": {"description": {"text": "the folder of factory.yaml"}}},
        "results": [_result(problem, rules.index(problem.code)) for problem in shown],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False) + "\n"


def _rule(code: str) -> _Object:
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": CODES[code]},
        "help": {"text": f"factory explain-error {code}"},
    }


def _result(problem: Problem, rule: int) -> _Object:
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": _message(problem)},
        "locations": [{"physicalLocation": _location(problem.mark)}],
        "relatedLocations": [
            {
                "id": number,
                "physicalLocation": _location(other.mark),
                "message": {"text": other.label},
            }
            for number, other in enumerate(problem.related)
        ],
    }


def _message(problem: Problem) -> str:
    said = [problem.message, problem.label, f"help: {problem.help}" if problem.help else ""]
    return "\n".join(filter(None, [*said, *problem.notes]))


def _location(mark: Mark) -> _Object:
    from urllib.parse import quote

    region: _Object = {
        "startLine": mark.line,
        "startColumn": mark.column,
        "endLine": mark.end_line,
        "endColumn": mark.end_column,
    }
    artifact = {"uri": quote(mark.file, errors="replace"), "uriBaseId": "PROJECT"}
    return {"artifactLocation": artifact, "region": region}
