"""junit.xml: one test case a requirement, in the form that CI systems read."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from conformance import __version__
from conformance.outcome import Finding, Outcome, Result, Run, Verdict
from conformance.report import curl
from conformance.report.states import cited, numbered, pressing, quoted, unusual, value
from conformance.report.text import clip, timestamp, visible
from conformance.wire.exchange import Exchange

_COMMANDS = 3
_MESSAGE = 1000
_UNDECIDED = (Verdict.INCOMPLETE, Verdict.UNREACHABLE)


def render(run: Run) -> bytes:
    """The file junit.xml."""
    root = to_xml(run)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def to_xml(run: Run) -> Xml.Element:
    """`run` as a `testsuites` element with one suite; only attributes that Jenkins knows.

    Consumers count elements, and a suite of skipped cases is green to most: a run without a decision
    therefore has one more case, "verdict", with an error.
    """
    cases = [_case(run, result) for result in run.results]
    if run.verdict in _UNDECIDED:
        cases.append(_undecided(run))
    totals = _totals(run, cases)
    root = _element("testsuites", **{name: text for name, text in totals.items() if name != "skipped"})
    suite = _element("testsuite", **totals, timestamp=timestamp(run.started)[:19])
    suite.append(_properties(run))
    suite.extend(cases)
    suite.append(_element("system-out", "\n".join([run.headline, *_unusual(run), ""])))
    root.append(suite)
    return root


def _element(tag: str, text: str = "", **attributes: str) -> Xml.Element:
    element = Xml.Element(tag, {name: visible(value) for name, value in attributes.items()})
    element.text = visible(text) or None
    return element


def _totals(run: Run, cases: list[Xml.Element]) -> dict[str, str]:
    def having(tag: str) -> str:
        return str(len([case for case in cases if case.find(tag) is not None]))

    return {
        "name": _suite(run),
        "tests": str(len(cases)),
        "failures": having("failure"),
        "errors": having("error"),
        "skipped": having("skipped"),
        "time": _seconds(run.ended - run.started),
    }


def _suite(run: Run) -> str:
    return f"status-conformance.{run.contract}"


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"


def _properties(run: Run) -> Xml.Element:
    properties = Xml.Element("properties")
    for name, text in (
        ("headline", run.headline),
        ("not default", ", ".join(unusual(run)) or "nothing"),
        ("suite.version", run.suite.version or __version__),
        ("base_url", run.base_url),
        ("scope", run.scope.description),
        ("verdict", run.verdict.value),
        ("reason", run.reason),
        *((f"must.{name}", str(number)) for name, number in run.must.items()),
        *((f"setting.{one.name}", value(one.value)) for one in run.settings),
    ):
        properties.append(_element("property", name=name, value=text))
    return properties


def _unusual(run: Run) -> list[str]:
    return [f"not the default: {one}" for one in unusual(run)]


def _undecided(run: Run) -> Xml.Element:
    case = _element("testcase", classname=_suite(run), name="verdict", time="0.000")
    text = "\n".join([run.headline, *_unusual(run), *run.hints])
    case.append(_element("error", text, message=_short(run.headline), type=run.verdict.value))
    return case


def _case(run: Run, result: Result) -> Xml.Element:
    one, exchanges = result.requirement, numbered(run.exchanges)
    seconds = sum(exchanges[number].elapsed for number in cited(result) if number in exchanges)
    case = _element("testcase", classname=_suite(run), name=f"{one.id} {one.title}", time=_seconds(seconds))
    outcome, message = result.outcome, _short(_message(result))
    text = _text(run, result, exchanges)
    if outcome is Outcome.FAILED:
        case.append(_element("failure", text, message=message, type=one.level.value))
    elif outcome is Outcome.ERROR:
        case.append(_element("error", text, message=message, type="error"))
    elif outcome in (Outcome.SKIPPED, Outcome.INCONCLUSIVE):
        case.append(_element("skipped", text, message=f"{outcome}: {message}"))
    elif outcome in (Outcome.WARNED, Outcome.NOTED):
        case.append(_element("system-out", f"{outcome}: {text}"))
    return case


def _short(message: str) -> str:
    return clip(message, _MESSAGE)


def _message(result: Result) -> str:
    return result.findings[0].message if result.findings else result.outcome.value


def _text(run: Run, result: Result, exchanges: dict[int, Exchange]) -> str:
    """Everything one needs to know when this is all one sees."""
    one = result.requirement
    lines = [f"{one.level} {one.statement}"]
    for finding in pressing(result):
        lines += ["", *_finding(run, finding, exchanges)]
    return "\n".join([*lines, "", f"source: {quoted(one.source)}", ""])


def _finding(run: Run, finding: Finding, exchanges: dict[int, Exchange]) -> list[str]:
    labelled = (("expected", finding.expected), ("received", finding.received), ("hint", finding.hint))
    lines = [
        f"{finding.outcome}: {finding.message}",
        *(f"{label}: {text}" for label, text in labelled if text),
    ]
    found = [exchanges[number] for number in finding.exchanges if number in exchanges]
    commands = dict.fromkeys(curl.command(one.request, run.expressions) for one in found)
    return lines + list(commands)[:_COMMANDS]
