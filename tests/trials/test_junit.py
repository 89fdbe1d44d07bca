"""The report that CI servers read."""

from xml.etree import ElementTree

from factory.redact import remember
from factory.trials.junit import junit_xml
from factory.trials.outcomes import Failure, Outcome

FAILURES = (
    Failure("pipelines/a.yaml:40", 'it has "\x00\x1b[31m" & <more>', ("-  1", "+  2")),
    Failure("pipelines/a.yaml:41", "3 rows came, 2 expected"),
)
OUTCOMES = [
    Outcome("a", "synthetic rows", "pipelines/a.yaml:3", "passed", "9 rows", (), 0.5, True, 9),
    Outcome("a", "survivors", "pipelines/a.yaml:39", "failed", "3 rows", FAILURES, 0.25, rows=3),
    Outcome("b", "synthetic rows", "pipelines/b.yaml:3", "not tried", "no column contract"),
]


def test_a_case_for_each_trial_in_a_suite_for_each_pipeline() -> None:
    root = ElementTree.fromstring(junit_xml(OUTCOMES))
    assert root.attrib == {
        "name": "factory test", "tests": "3", "failures": "1", "errors": "0", "skipped": "1",
        "time": "0.750",
    }  # fmt: skip
    cases = [
        (suite.get("name"), case.get("name")) for suite in root for case in suite.iter("testcase")
    ]
    assert cases == [("a", "synthetic rows"), ("a", "survivors"), ("b", "synthetic rows")]
    survivors = root.findall(".//testcase")[1]
    assert survivors.get("classname") == "a"
    assert (survivors.get("file"), survivors.get("line")) == ("pipelines/a.yaml", "39")
    properties = {p.get("name"): p.get("value") for p in survivors.findall("properties/property")}
    assert properties == {"place": "pipelines/a.yaml:39", "synthetic": "false", "rows": "3"}


def test_a_failure_says_all_with_places() -> None:
    root = ElementTree.fromstring(junit_xml(OUTCOMES))
    [failure] = root.iter("failure")
    assert (failure.get("message") or "").startswith("pipelines/a.yaml:40: it has")
    assert "\n  -  1\n  +  2\n" in (failure.text or "")
    assert "pipelines/a.yaml:41: 3 rows came" in (failure.text or "")
    [skipped] = root.iter("skipped")
    assert skipped.get("message") == "no column contract"


def test_secrets_stay_out() -> None:
    remember("s3cr3t-of-a-test")
    failure = Failure("p.yaml:1", "it says s3cr3t-of-a-test", ("s3cr3t-of-a-test",))
    outcome = Outcome("a", "s3cr3t-of-a-test", "p.yaml:1", "failed", "", (failure,))
    assert "s3cr3t" not in junit_xml([outcome])
