"""junit.xml, and that all formats agree on every outcome."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from conformance.outcome import Kind, Outcome, Run, Scope, Setting, Verdict
from conformance.report import junit, results
from conformance.report.text import visible

from .sample_runs import HOSTILE_TEXT, every_outcome, exchange, hostile_run, make_run, one_result, sample_run
from .test_report_html import page

RUNS = {
    "sample": sample_run(),
    "every outcome": every_outcome(),
    "hostile": hostile_run(),
    "conformant": make_run(one_result(Outcome.PASSED)),
    "conformant in scope": make_run(
        one_result(Outcome.PASSED), scope=Scope(only=("OA-W1",), outside=("OA-W9",))
    ),
    "incomplete": make_run(one_result(Outcome.PASSED), one_result(Outcome.SKIPPED, "OA-W2")),
    "interrupted": make_run(
        one_result(Outcome.FAILED), verdict=Verdict.INCOMPLETE, exit_code=3, reason="interrupted"
    ),
    "unreachable": make_run(
        one_result(Outcome.INCONCLUSIVE),
        verdict=Verdict.UNREACHABLE,
        exit_code=4,
        reason="the host refused the connection",
        hints=("check the base URL",),
        exchanges=(exchange(1, None, failure="refused"),),
    ),
}


ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        "name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id",
        "package", "file", "log", "url",
    },
    "testcase": {"name", "time", "classname", "group"},
    "properties": set(),
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}  # fmt: skip
"""What may stand on each element, by the schema of Jenkins' xunit plugin (junit-10.xsd), which refuses anything else."""
DEMANDED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
    "property": {"name", "value"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
}
SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def offences(root: Xml.Element) -> list[str]:
    """What the schema of Jenkins' xunit plugin refuses."""
    found = []
    for one in root.iter():
        found += [f"{one.tag}/@{name}" for name in set(one.attrib) - ATTRIBUTES[one.tag]]
        found += [f"{one.tag} without {name}" for name in DEMANDED.get(one.tag, set()) - set(one.attrib)]
        found += [f"{one.tag}/{child.tag}" for child in one if child.tag not in CHILDREN.get(one.tag, set())]
        if one.tag in ("testsuites", "testsuite") and not SECONDS.fullmatch(one.get("time", "")):
            found.append(f"{one.tag}/@time {one.get('time')}")
        if one.tag in CHILDREN and (one.text or "").strip():
            found.append(f"text in {one.tag}")
    return found


def suite(run: Run) -> Xml.Element:
    root = Xml.fromstring(junit.render(run))
    assert root.tag == "testsuites"
    (only,) = root
    return only


def outcome(case: Xml.Element) -> str:
    """What a case says became of its requirement."""
    for tag, word in (("failure", "failed"), ("error", "error")):
        if case.find(tag) is not None:
            return word
    skipped, out = case.find("skipped"), case.find("system-out")
    if skipped is not None:
        return skipped.attrib["message"].split(":")[0]
    return "passed" if out is None else str(out.text).split(":")[0]


def junit_outcomes(run: Run) -> dict[str, str]:
    return {
        case.attrib["name"].split()[0]: outcome(case)
        for case in suite(run).iter("testcase")
        if " " in case.attrib["name"]
    }


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_all_formats_agree_on_every_outcome(run: Run) -> None:
    data = json.loads(results.render(run))
    wanted = {one.requirement.id: one.outcome.value for one in run.results}
    assert {one["id"]: one["outcome"] for one in data["requirements"]} == wanted
    assert junit_outcomes(run) == wanted
    assert page(run).outcomes() == wanted
    verdicts = [one.attrib["value"] for one in suite(run).iter("property") if one.attrib["name"] == "verdict"]
    assert [data["verdict"]] == verdicts == [run.verdict.value]
    assert run.verdict.value in page(run).all("strong", **{"class": "word"})[0][1]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_totals_are_the_numbers_of_elements(run: Run) -> None:
    root = Xml.fromstring(junit.render(run))
    for one in (root, root[0]):
        cases = list(one.iter("testcase"))
        assert int(one.attrib["tests"]) == len(cases)
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if one is not root or attribute != "skipped":
                assert int(one.attrib[attribute]) == len(list(one.iter(tag)))
        assert float(one.attrib["time"]) == 2.345
    assert root[0].attrib["timestamp"] == "2024-08-03T22:06:29"


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_green_is_what_exits_with_0(run: Run) -> None:
    counted = suite(run).attrib
    green = int(counted["failures"]) + int(counted["errors"]) == 0
    assert green is (run.exit_code == 0)


def test_every_failed_requirement_is_a_failure() -> None:
    failures = {case.attrib["name"]: case.find("failure") for case in suite(sample_run()).iter("testcase")}
    failure = failures["OA-W1 receipt of a write"]
    assert failure is not None and failure.text is not None
    assert failure.attrib == {
        "message": "the receipt does not repeat the status that was written",
        "type": "MUST",
    }
    for wanted in (
        "expected: status 7, as written",
        "received: 200 application/json",
        "source: Open",
        "\ncurl -i 'https:",
    ):
        assert wanted in failure.text


def test_a_case_is_named_after_contract_and_requirement() -> None:
    cases = list(suite(sample_run()).iter("testcase"))
    assert {case.attrib["classname"] for case in cases} == {"status-conformance.open-attestation"}
    assert all(set(case.attrib) == {"classname", "name", "time"} for case in cases)
    assert {child.tag for case in cases for child in case} <= {"failure", "error", "skipped", "system-out"}
    assert cases[0].attrib["name"] == "OA-W1 receipt of a write"


def test_an_undecided_must_says_that_it_is_inconclusive() -> None:
    skipped = suite(make_run(one_result(Outcome.INCONCLUSIVE))).find("testcase/skipped")
    assert skipped is not None and skipped.attrib["message"] == "inconclusive: this is inconclusive"


@pytest.mark.parametrize("name", ["incomplete", "unreachable", "interrupted"])
def test_a_run_without_a_decision_has_an_error(name: str) -> None:
    case = suite(RUNS[name]).findall("testcase")[-1]
    error = case.find("error")
    assert error is not None
    assert case.attrib["name"] == "verdict"
    assert error.attrib["message"] == RUNS[name].headline


def test_what_xml_cannot_hold_is_written_out() -> None:
    data = junit.render(hostile_run()).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]", data)
    failure = suite(hostile_run()).find("testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == visible(HOSTILE_TEXT)
    assert visible(HOSTILE_TEXT) in str(failure.text)


def test_a_message_is_short_and_the_text_whole() -> None:
    failure = suite(make_run(one_result(Outcome.FAILED, message="m" * 5000))).find("testcase/failure")
    assert failure is not None
    assert len(failure.attrib["message"]) == 1000
    assert "m" * 5000 in str(failure.text)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_jenkins_takes_it(run: Run) -> None:
    root = Xml.fromstring(junit.render(run))
    assert root.tag == "testsuites"
    assert offences(root) == []
    tags = [child.tag for child in root[0]]
    assert tags == ["properties", *["testcase"] * tags.count("testcase"), "system-out"]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_junitparser_reads_the_same(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_bytes(junit.render(run))
    (read,) = JUnitXml.fromfile(str(file))
    cases = list(read)
    broken = [case for case in cases if any(isinstance(one, Failure) for one in case.result)]
    wrong = [case for case in cases if any(isinstance(one, Error) for one in case.result)]
    skipped = [case for case in cases if any(isinstance(one, Skipped) for one in case.result)]
    assert (read.tests, read.failures, read.errors, read.skipped) == (
        len(cases), len(broken), len(wrong), len(skipped)
    )  # fmt: skip
    read.update_statistics()
    assert (read.tests, read.failures, read.errors, read.skipped) == (
        len(cases), len(broken), len(wrong), len(skipped)
    )  # fmt: skip
    assert (len(broken) + len(wrong) == 0) is (run.exit_code == 0)
    told = {one.name: one.value for one in read.properties()}
    assert told["headline"] == visible(run.headline)


def test_what_is_not_the_default_stands_in_the_suite() -> None:
    odd = Setting("clock-tolerance", Kind.OPTION, 1e9, 300.0)
    run = make_run(one_result(Outcome.PASSED), settings=(odd, Setting("insecure", Kind.OPTION, True, False)))
    told = {one.attrib["name"]: one.attrib["value"] for one in suite(run).iter("property")}
    assert told["headline"] == "conformant, TLS not verified: 1 of 1 MUST hold"
    assert told["not default"] == "--clock-tolerance 1000000000 (default 300), --insecure"
    assert told["setting.clock-tolerance"] == "1000000000"
    assert told["must.total"] == told["must.hold"] == "1"
    out = suite(run).find("system-out")
    assert out is not None
    assert str(out.text).splitlines() == [
        "conformant, TLS not verified: 1 of 1 MUST hold",
        "not the default: --clock-tolerance 1000000000 (default 300)",
        "not the default: --insecure",
    ]
