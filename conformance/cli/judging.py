"""Runs one plan with progress on the screen, and leaves the reports."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from conformance.contract import Contract
from conformance.errors import UsageProblem

if TYPE_CHECKING:
    from conformance.outcome import Run
    from conformance.runner import Plan


def judge(contract: Contract, plan: Plan, output: Path | None) -> int:
    """Judge as `plan` says, write the reports into `output` or a folder named after the run; the exit code.

    After Ctrl-C or a termination signal the reports tell what there is; then click.Abort is raised.
    """
    from conformance.clock import BusyClock
    from conformance.report import html, terminal, writing
    from conformance.report.progress import Progress
    from conformance.report.screen import console
    from conformance.session import scope_of

    scope_of(contract, plan.settings, plan.narrowing)
    folder = output or writing.default_folder(contract.name, plan.target.base_url, plan.clock.time())
    screen = console()
    with interruptible() as interrupted:
        with _prepared(folder), Progress(screen) as progress:
            done = _run(contract, replace(plan, listener=progress, clock=BusyClock(html.template)))
        writing.write_all(done, folder)
    terminal.summary(done, screen, folder)
    if interrupted():
        raise click.Abort
    return done.exit_code


def _run(contract: Contract, plan: Plan) -> Run:
    from conformance.runner import run

    return run(contract, plan)


@contextmanager
def _prepared(folder: Path) -> Iterator[None]:
    """The folder for the reports, gone again when the run did not begin."""
    from conformance.report import writing

    fresh = not folder.exists()
    writing.prepare(folder)
    try:
        yield
    except UsageProblem:
        if fresh:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Treat a termination signal like Ctrl-C, and tell whether one came; signals need the main thread."""
    seen: list[int] = []

    def interrupt(number: int, _: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
