"""Outcomes as JUnit XML, as GitHub, GitLab, Jenkins and others read it."""

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from factory import __version__
from factory.redact import redact
from factory.trials.outcomes import Failure, Outcome

# What XML 1.0 cannot hold, escaped or not.
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(outcomes: Sequence[Outcome]) -> str:
    """One suite a pipeline, one case a trial. What was not tried is skipped, with the reason."""
    root = Element("testsuites", {"name": "factory test", **_totals(outcomes)})
    for pipeline, group in groupby(outcomes, key=lambda outcome: outcome.pipeline):
        own = list(group)
        suite = SubElement(root, "testsuite", {"name": pipeline, **_totals(own)})
        _properties(suite, {"factory": __version__, "file": _file(own[0])})
        for outcome in own:
            _case(suite, outcome)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, outcome: Outcome) -> None:
    file, _, line = outcome.place.rpartition(":")
    attributes = {
        "classname": outcome.pipeline,
        "name": outcome.name,
        "file": file,
        "line": line,
        "time": f"{outcome.seconds:.3f}",
    }
    case = SubElement(suite, "testcase", {k: _clean(v) for k, v in attributes.items()})
    about = {"place": outcome.place, "synthetic": "true" if outcome.synthetic else "false"}
    _properties(case, about if outcome.rows is None else about | {"rows": str(outcome.rows)})
    if outcome.state == "not tried":
        SubElement(case, "skipped", {"message": _clean(outcome.remark)})
    if outcome.state == "failed":
        first = outcome.failures[0]
        message = _clean(f"{first.place}: {first.message}")
        failure = SubElement(case, "failure", {"type": "expectation", "message": message})
        failure.text = _clean("\n\n".join(map(_told, outcome.failures)))


def _told(failure: Failure) -> str:
    return "\n".join([f"{failure.place}: {failure.message}", *(f"  {x}" for x in failure.lines)])


def _totals(outcomes: Sequence[Outcome]) -> dict[str, str]:
    states = [outcome.state for outcome in outcomes]
    return {
        "tests": str(len(states)),
        "failures": str(states.count("failed")),
        "errors": "0",
        "skipped": str(states.count("not tried")),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }


def _properties(parent: Element, values: dict[str, str]) -> None:
    properties = SubElement(parent, "properties")
    for name, value in values.items():
        SubElement(properties, "property", {"name": name, "value": _clean(value)})


def _file(outcome: Outcome) -> str:
    return outcome.place.rpartition(":")[0]


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", redact(text))
