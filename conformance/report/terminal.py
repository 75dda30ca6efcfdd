"""What people see when a run has ended; nothing a server sent gets there raw."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.outcome import Finding, Outcome, Result, Run, Verdict
from conformance.report import curl, script
from conformance.report.screen import fit
from conformance.report.states import (
    ORDER,
    SIGNS,
    VERDICT_SIGNS,
    numbered,
    pressing,
    quoted,
    reproduction_of,
    undecoded,
    unusual,
)
from conformance.report.text import clip, count, duration

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_FINDINGS = 4
_COMMANDS = 3
_REMARKS = 5
_STEPS = 5
_CAUSES, _ALTERNATIVES = 8, 3
_RAW = 300
_STYLES = {
    Outcome.FAILED: "bold red",
    Outcome.ERROR: "bold red",
    Outcome.WARNED: "bold yellow",
    Outcome.INCONCLUSIVE: "bold magenta",
    Outcome.SKIPPED: "bold",
    Outcome.NOTED: "bold cyan",
    Outcome.PASSED: "bold green",
}
_VERDICT_STYLES = {
    Verdict.CONFORMANT: "bold green",
    Verdict.NON_CONFORMANT: "bold red",
    Verdict.INCOMPLETE: "bold magenta",
    Verdict.UNREACHABLE: "bold magenta",
}


def summary(run: Run, console: Console, folder: Path | None = None) -> None:
    """Print the verdict, the counts, all that needs attention with a way to reproduce it, and the hints."""
    page = _Page(run, console)
    page.head()
    if run.verdict is not Verdict.UNREACHABLE:
        page.causes()
        for outcome in ORDER:
            page.results(run.with_outcome(outcome))
    page.remarks()
    page.foot(folder)


def _alike(results: Iterable[Result]) -> list[tuple[Result, ...]]:
    """Results in their order; those that are open for the same reason, with nothing seen, are together."""
    groups: dict[object, list[Result]] = {}
    for result in results:
        bare = len(result.findings) == 1 and not result.findings[0].exchanges
        open_alike = bare and result.outcome is Outcome.INCONCLUSIVE
        reason = (
            (result.findings[0].message, result.findings[0].hint) if open_alike else result.requirement.id
        )
        groups.setdefault(reason, []).append(result)
    return [tuple(group) for group in groups.values()]


class _Page:
    """Prints one run."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._console = console
        self._exchanges = numbered(run.exchanges)
        self._skipped = False

    def head(self) -> None:
        run, style = self._run, _VERDICT_STYLES[self._run.verdict]
        word = f"{VERDICT_SIGNS[run.verdict]} {run.verdict}".upper()
        self._flow([(word, style), (run.headline.removeprefix(run.verdict), "bold")])
        self._flow([(f"{run.title} at {run.base_url}", "")])
        for one in unusual(run):
            self._flow([("not the default: ", "bold yellow"), (one, "")], hang=2)
        counts = [(outcome, run.counts[outcome]) for outcome in ORDER if run.counts[outcome]]
        parts = [
            part
            for outcome, number in counts
            for part in ((f"{number} {outcome}", _STYLES[outcome]), (" · ", ""))
        ]
        self._flow(parts[:-1])
        self._flow(
            [
                (f"{count(len(run.exchanges), 'request')} in {duration(run.ended - run.started)}, ", "dim"),
                (f"watched for {duration(run.watched)}", "dim"),
            ]
        )

    def results(self, results: Iterable[Result]) -> None:
        for first, *others in _alike(results):
            if others:
                self._together((first, *others))
            else:
                self._one(first)

    def _together(self, results: tuple[Result, ...]) -> None:
        outcome, ids = results[0].outcome, ", ".join(one.requirement.id for one in results)
        self._console.print()
        self._flow([(f"{SIGNS[outcome]} {outcome}", _STYLES[outcome]), (f"  {ids}", "")])
        self._finding(results[0].findings[0])

    def _one(self, result: Result) -> None:
        if result.outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.WARNED, Outcome.INCONCLUSIVE):
            self._in_full(result)
        elif result.outcome is Outcome.SKIPPED:
            self._in_one_line(result)

    def _in_full(self, result: Result) -> None:
        one, outcome = result.requirement, result.outcome
        self._console.print()
        self._flow(
            [
                (f"{SIGNS[outcome]} {outcome}", _STYLES[outcome]),
                (f"  {one.id}  {one.level}  ", ""),
                (one.title, "bold"),
            ]
        )
        self._flow([(one.statement, "")], indent=2)
        found = pressing(result)
        for finding in found[:_FINDINGS]:
            self._finding(finding)
        if len(found) > _FINDINGS:
            self._flow(
                [(f"and {count(len(found) - _FINDINGS, 'finding')} more in the report", "dim")], indent=2
            )
        self._reproduction(result)
        self._pair("source", quoted(one.source))

    def _reproduction(self, result: Result) -> None:
        """How to see it again: one history, as commands in their order; else what was sent."""
        cause = reproduction_of(self._run, result)
        history = script.history_of(self._run, cause) if cause else []
        if cause is None or not history:
            return self._sent(result)
        self._pair("again", script.standing(cause, len(history)))
        for line in script.commands(self._run, history, self._run.base_url) if len(history) <= _STEPS else ():
            comment = line.startswith("#")
            shown = clip(line, max(self._console.width, 34) - 4) if comment else line
            self._console.print(self._text([("    " + shown, "dim" if comment else "cyan")]), soft_wrap=True)
        return None

    def _sent(self, result: Result) -> None:
        """Commands that repeat single requests of the evidence."""
        numbers = [number for finding in pressing(result) for number in finding.exchanges]
        found = [self._exchanges[number] for number in numbers if number in self._exchanges]
        lines = dict.fromkeys(curl.command(one.request, self._run.expressions) for one in found)
        for command in list(lines)[:_COMMANDS]:
            self._console.print(self._text([("    " + command, "cyan")]), soft_wrap=True)

    def _finding(self, finding: Finding) -> None:
        self._flow([("- ", _STYLES[finding.outcome]), (finding.message, "")], indent=2, hang=2)
        for label, text in (
            ("expected", finding.expected),
            ("received", finding.received),
            ("hint", finding.hint),
        ):
            if text:
                self._pair(label, text)
        for text in self._undecoded(finding):
            self._pair("came", clip(text, _RAW))

    def causes(self) -> None:
        """What to mend first: the causes, the gravest first, each with what it breaks and what else was considered."""
        found = [one for one in self._run.diagnosis if one.cause not in one.requirements]
        if found:
            self._console.print()
            self._flow([("What is wrong, the gravest first", "bold")])
        for number, one in enumerate(found[:_CAUSES], 1):
            ids = ", ".join(one.requirements) or "nobody's defect"
            self._flow([(f"{number}. ", "bold"), (one.sentence, ""), (f"  {ids}", "bold")], hang=3)
            for other in one.alternatives[:_ALTERNATIVES]:
                self._flow(
                    [("not: ", "dim"), (f"{other.sentence}: {other.against}", "dim")], indent=3, hang=5
                )

    def _undecoded(self, finding: Finding) -> list[str]:
        """What came of bodies that do not decode, each once."""
        found = [self._exchanges[number] for number in finding.exchanges if number in self._exchanges]
        told = dict.fromkeys(undecoded(one.response) for one in found if one.response)
        return list(filter(None, told))[:_COMMANDS]

    def _in_one_line(self, result: Result) -> None:
        if not self._skipped:
            self._console.print()
            self._skipped = True
        one = result.requirement
        why = result.findings[0].message if result.findings else ""
        sign = f"{SIGNS[Outcome.SKIPPED]} skipped"
        self._flow(
            [(sign, _STYLES[Outcome.SKIPPED]), (f"  {one.id}  {one.level}  {one.title}: {why}", "")], hang=2
        )

    def remarks(self) -> None:
        """What was seen besides, which the verdict does not depend on."""
        found = self._run.remarks
        if found:
            self._console.print()
        for remark in found[:_REMARKS]:
            self._flow([("remark: ", "bold"), (remark.message, "")], hang=2)
        if len(found) > _REMARKS:
            self._flow([(f"and {count(len(found) - _REMARKS, 'remark')} more in the report", "dim")])

    def foot(self, folder: Path | None) -> None:
        if self._run.hints:
            self._console.print()
        for hint in self._run.hints:
            self._flow([("hint: ", "bold"), (hint, "")], hang=2)
        if folder is not None:
            self._console.print()
            self._console.print(
                self._text([("report: ", "bold"), (str(folder / "report.html"), "")]), soft_wrap=True
            )

    def _flow(self, parts: Iterable[tuple[str, str]], indent: int = 0, hang: int = 0) -> None:
        """Print text that wraps between words, `indent` spaces in, `hang` more from the second line on."""
        text = self._text(parts)
        lines = text.wrap(self._console, max(self._console.width - indent - hang, 16), overflow="fold")
        for number, line in enumerate(lines):
            line.rstrip()
            line.pad_left(indent + (hang if number else 0))
            self._console.print(line, soft_wrap=True)

    def _pair(self, label: str, text: str) -> None:
        """Print a labelled text; its further lines stand under the first."""
        lines = self._text([(text, "")]).wrap(
            self._console, max(self._console.width - 14, 16), overflow="fold"
        )
        for number, line in enumerate(lines):
            head = self._text([(f"    {label if not number else '':<10}", "dim")])
            line.rstrip()
            self._console.print(head.append_text(line), soft_wrap=True)

    def _text(self, parts: Iterable[tuple[str, str]]) -> Text:
        from rich.text import Text

        return Text.assemble(*((fit(text, self._console), style) for text, style in parts))
