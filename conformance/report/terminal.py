"""What people see while a run goes on and when it has ended; nothing a server sent gets there raw."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from conformance.outcome import Finding, History, Outcome, Result, Run, Verdict
from conformance.report import curl
from conformance.report.states import (
    ORDER,
    SIGNS,
    VERDICT_SIGNS,
    history_title,
    numbered,
    pressing,
    quoted,
    sentence,
    variables,
)
from conformance.report.text import count, duration, visible
from conformance.wire.exchange import Exchange

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

_EVERY = 5.0
_PLAIN = str.maketrans({"✗": "x", "✓": "+", "⚑": "!", "–": "-", "·": "|", "…": "...", "“": '"', "”": '"'})
_FINDINGS = 4
_COMMANDS = 3
_REMARKS = 5
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


def console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is; heeds NO_COLOR, TERM=dumb and COLUMNS.

    It falls silent when nobody reads on, so that a run does its work to the end.
    """
    from rich.console import Console

    class Patient(Console):
        """A console whose reader may leave."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    return Patient(stderr=stderr, highlight=False, markup=False, emoji=False)


class Progress:
    """Shows how far a run is: one live line on a terminal, a line every few seconds elsewhere.

    A Listener of the session; use it as a context manager around the run. It shows counts only, since
    exchanges still hold secrets at this point.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._printed: float | None = None
        self._number = self._total = self._sent = self._told = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._began = self._clock()
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = self._line_that_changes()
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
            self._live = None
        elif self._sent != self._told:
            self._print()

    def checking(self, number: int, total: int, name: str) -> None:
        """Check `number` of `total` begins."""
        with self._lock:
            self._number, self._total = number, total
        self._tell()

    def exchanged(self, exchange: Exchange) -> None:
        """An attempt has come back."""
        with self._lock:
            self._sent += 1
        self._tell()

    @property
    def line(self) -> str:
        """How far it is: "check 3 of 40 · 12 requests · 0.8 s"."""
        where = f"check {self._number} of {self._total}" if self._total else "starting"
        return f"{where} · {count(self._sent, 'request')} · {duration(self._clock() - self._began)}"

    def _line_that_changes(self) -> Live:
        from rich.live import Live
        from rich.text import Text

        def show() -> Text:
            return Text(_fit(self.line, self._console), no_wrap=True, overflow="ellipsis", style="dim")

        return Live(
            console=self._console,
            get_renderable=show,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _tell(self) -> None:
        if self._live is not None:
            return
        with self._lock:
            now = self._clock()
            if self._printed is not None and now - self._printed < _EVERY:
                return
            self._printed = now
        self._print()

    def _print(self) -> None:
        self._told = self._sent
        self._console.print(_fit(self.line, self._console), soft_wrap=True)


def summary(run: Run, console: Console, folder: Path | None = None) -> None:
    """Print the verdict, the counts, all that needs attention with a way to reproduce it, and the hints."""
    page = _Page(run, console)
    page.head()
    for outcome in ORDER:
        for result in run.with_outcome(outcome):
            page.result(result)
    page.remarks()
    page.foot(folder)


class _Page:
    """Prints one run."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._console = console
        self._exchanges = numbered(run.exchanges)
        self._variables = variables(run)
        self._skipped = False

    def head(self) -> None:
        run, style = self._run, _VERDICT_STYLES[self._run.verdict]
        self._flow(
            [(f"{VERDICT_SIGNS[run.verdict]} {run.verdict}".upper(), style), ("  " + run.title, "bold")]
        )
        self._flow([(sentence(run), "")])
        self._flow([(f"{run.reason[:1].upper()}{run.reason[1:]}", "")])
        counts = [(outcome, run.counts[outcome]) for outcome in ORDER if run.counts[outcome]]
        parts = [
            part
            for outcome, number in counts
            for part in ((f"{number} {outcome}", _STYLES[outcome]), (" · ", ""))
        ]
        self._flow(parts[:-1])
        self._flow(
            [(f"{count(len(run.exchanges), 'request')} in {duration(run.ended - run.started)}", "dim")]
        )

    def result(self, result: Result) -> None:
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
        history = dict(self._run.histories).get(one.id)
        if history and len(history.exchanges) > 1:
            self._history(history)
        self._pair("source", quoted(one.source))

    def _history(self, history: History) -> None:
        """The shortest history that shows a breach, as commands in their order."""
        found = [self._exchanges[number] for number in history.exchanges if number in self._exchanges]
        if found:
            self._flow([(history_title(history) + ":", "")], indent=2)
        for place, exchange in enumerate(found, 1):
            command = curl.command(exchange.request, self._variables)
            self._console.print(self._text([(f"    {place}. ", ""), (command, "cyan")]), soft_wrap=True)

    def _finding(self, finding: Finding) -> None:
        self._flow([("- ", _STYLES[finding.outcome]), (finding.message, "")], indent=2, hang=2)
        for label, text in (
            ("expected", finding.expected),
            ("received", finding.received),
            ("hint", finding.hint),
        ):
            if text:
                self._pair(label, text)
        for command in self._commands(finding):
            self._console.print(self._text([("    " + command, "cyan")]), soft_wrap=True)

    def _commands(self, finding: Finding) -> Iterable[str]:
        """The commands that repeat what was seen, equal ones once."""
        found = [self._exchanges[number] for number in finding.exchanges if number in self._exchanges]
        commands = dict.fromkeys(curl.command(exchange.request, self._variables) for exchange in found)
        return list(commands)[:_COMMANDS]

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

        return Text.assemble(*((_fit(text, self._console), style) for text, style in parts))


def _fit(text: str, console: Console) -> str:
    """`text` without what steers a terminal, in characters that the console's encoding has."""
    text = visible(text)
    if not console.encoding.lower().startswith("utf"):
        text = text.translate(_PLAIN)
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)
