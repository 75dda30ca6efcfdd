"""Runs one plan with progress on the screen, and leaves the reports."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from conformance.contract import Contract

if TYPE_CHECKING:
    from conformance.expectations import Expected
    from conformance.outcome import Run
    from conformance.runner import Plan

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
SUITE_FAILED = 5
GRACE = 5.0
"""Seconds for what is left to do after a signal: within them further signals are heard, and do not stop it."""


def judge(
    contract: Contract,
    plan: Plan,
    output: Path | None,
    *,
    overwrite: bool = False,
    expected: Sequence[Expected] | None = None,
) -> int:
    """Judge as `plan` says, write the reports into `output` or a folder named after the run; the exit code.

    With `expected` failures it is that of what is new among them, or not there any more.

    After Ctrl-C or another signal to end, the reports tell what there is; then click.Abort is raised.
    """
    from conformance.clock import BusyClock
    from conformance.report import html, writing
    from conformance.report.progress import Progress
    from conformance.report.screen import console
    from conformance.session import scope_of

    scope_of(contract, plan.settings, plan.narrowing)
    screen = console()
    place = (output, contract.name, plan.target.base_url, plan.clock.time())
    with interruptible() as interrupted:
        with writing.claimed(*place, overwrite=overwrite) as folder, Progress(screen) as progress:
            done = _run(contract, replace(plan, listener=progress, clock=BusyClock(html.template)))
            interrupted.finish()
        tell(done, folder)
    if interrupted():
        raise click.Abort
    return done.exit_code if expected is None else _compared(done, expected)


def _compared(done: Run, expected: Sequence[Expected]) -> int:
    """Print what is known, new, stale and expired; the exit code."""
    from datetime import UTC, datetime

    from conformance.expectations import compare
    from conformance.report.text import visible

    found = compare(done, tuple(expected), datetime.now(UTC).date())
    for line in found.lines:
        click.echo(visible(line))
    return found.exit_code


def tell(done: Run, folder: Path) -> None:
    """Print what a run came to, then write its reports: what goes wrong with one leaves the other."""
    from conformance.report import terminal, writing
    from conformance.report.screen import console

    try:
        terminal.summary(done, console(), folder)
    finally:
        writing.write_all(done, folder)
        if done.exit_code == SUITE_FAILED:
            _leave_failure(done, folder)


def _leave_failure(done: Run, folder: Path) -> None:
    """Write what failed in the suite itself, ready to be sent."""
    from conformance.report import failure

    path = failure.write(failure.of_run(done), sys.argv[1:], folder)
    if path:
        click.echo(f"the suite itself failed in part: please send {path}", err=True)


def _run(contract: Contract, plan: Plan) -> Run:
    from conformance.runner import run

    return run(contract, plan)


class Interruption:
    """What is made of signals to end: the first ends the run, later ones do not end the telling of it, for a while."""

    def __init__(self) -> None:
        self._heard = False
        self._patient_until: float | None = None

    def __call__(self) -> bool:
        """Whether a signal has come."""
        return self._heard

    def finish(self) -> None:
        """The run is over: from now on results are told, which a signal does not stop either."""
        self._patient_until = time.monotonic() + GRACE

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self._heard = True
        if self._patient_until is not None and time.monotonic() < self._patient_until:
            return
        self.finish()
        raise KeyboardInterrupt


def _heeded() -> list[int]:
    """The signals to end that this system has; whoever was told to outlive its terminal (nohup) does so."""
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    hangup = getattr(signal, "SIGHUP", None)
    return [one for one in numbers if one != hangup or signal.getsignal(one) is not signal.SIG_IGN]


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Treat the signals to end like Ctrl-C, and tell whether one came; signals need the main thread."""
    seen = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = {number: signal.signal(number, seen.hear) for number in _heeded()}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
