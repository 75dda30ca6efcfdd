"""The junit.xml of a fleet: one suite a deployment, put together from their files, one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import quoteattr

from conformance.fleet.summary import Fleet
from conformance.fleet.task import ERROR, Row
from conformance.outcome import Verdict
from conformance.report import writing
from conformance.report.text import clip, visible

_COUNTED = ("tests", "failures", "errors", "skipped")
_MESSAGE = 1000


def write(fleet: Fleet, path: Path) -> Path:
    """Write the file; at no time more than one suite is in memory. Raises UsageProblem when it cannot be written."""
    totals = Counter[str]()
    for suite in _suites(fleet):
        totals.update({name: int(suite.get(name, "0")) for name in _COUNTED})
    with writing.replacing(path) as file:
        file.write(_head(fleet, totals))
        for suite in _suites(fleet):
            file.write(bytes(Xml.tostring(suite, encoding="utf-8")) + b"\n")
        file.write(b"</testsuites>\n")
    return path


def _head(fleet: Fleet, totals: Counter[str]) -> bytes:
    known = [name for name in _COUNTED if name != "skipped"]  # Jenkins refuses it here
    numbers = "".join(f" {name}={quoteattr(str(totals[name]))}" for name in known)
    seconds = f"{fleet.ended - fleet.started:.3f}"
    start = f'<testsuites name="status-conformance.fleet"{numbers} time="{seconds}">'
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + start.encode() + b"\n"


def _suites(fleet: Fleet) -> Iterator[Xml.Element]:
    for row in fleet.rows:
        yield _told(row) or _counted(row)


def _told(row: Row) -> Xml.Element | None:
    """The suite in the report of a deployment, under its name; None when the report is not here."""
    if row.folder is None:
        return None
    try:
        suite = Xml.parse(row.folder / "junit.xml").getroot().find("testsuite")
    except (OSError, Xml.ParseError):
        return None
    if suite is None:
        return None
    suite.set("name", visible(row.name))
    for case in suite.iter("testcase"):
        case.set("classname", f"{case.get('classname')}.{row.folder.name}")
    return suite


def _counted(row: Row) -> Xml.Element:
    """A suite with one case, for a deployment without a report."""
    suite = Xml.Element("testsuite", dict.fromkeys(_COUNTED, "0"))
    name, seconds = visible(row.name), f"{row.seconds:.3f}"
    suite.attrib |= {"name": name, "tests": "1", "time": seconds}
    classname = f"status-conformance.{row.contract}"
    case = Xml.SubElement(
        suite, "testcase", {"classname": classname, "name": f"verdict of {name}", "time": seconds}
    )
    if row.verdict != Verdict.CONFORMANT:
        tag = "failure" if row.verdict == Verdict.NON_CONFORMANT else "error"
        suite.set(f"{tag}s", "1")
        problem = Xml.SubElement(case, tag, {"type": str(row.verdict or ERROR)})
        problem.set("message", clip(visible(row.reason), _MESSAGE))
        problem.text = visible(f"{row.reason}\n{row.hint}".strip())
    return suite
