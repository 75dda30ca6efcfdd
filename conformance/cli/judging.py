"""Runs one plan with progress on the screen, and leaves the reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.contract import Contract
from conformance.session import scope_of

if TYPE_CHECKING:
    from conformance.runner import Plan


def judge(contract: Contract, plan: Plan, output: Path | None) -> int:
    """Judge as `plan` says, write the reports into `output` or a folder named after the run; the exit code."""
    from conformance.report import terminal, writing
    from conformance.runner import run

    scope_of(contract, plan.settings, plan.narrowing)
    folder = output or writing.default_folder(contract.name, plan.target.base_url, plan.clock.time())
    writing.prepare(folder)
    screen = terminal.console()
    with terminal.Progress(screen) as progress:
        done = run(contract, replace(plan, listener=progress))
    writing.write_all(done, folder)
    terminal.summary(done, screen, folder)
    return done.exit_code
