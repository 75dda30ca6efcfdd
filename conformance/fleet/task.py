"""One deployment's run as something that can be sent to another process, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract import Contract
from conformance.errors import ConformanceError, UsageProblem
from conformance.outcome import Run, Verdict
from conformance.registry import find
from conformance.report import failure, results, writing
from conformance.report.states import deviation
from conformance.runner import Plan, run
from conformance.target import redactor_for
from conformance.wire.limits import Limits

ERROR = "error"
INTERRUPTED = "the fleet was interrupted before this run had ended"


@dataclass(frozen=True, slots=True)
class Task:
    """What one deployment's run needs; `folder` is where its reports go, `limit` the seconds it may take.

    Its plan holds secrets: it goes only to the process that runs it, and its representation, which an executor may
    log, leaves the plan out.
    """

    name: str
    contract: str
    plan: Plan = field(repr=False)
    folder: Path
    limit: float = 300.0


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one deployment: small enough to keep thousands. Holds no secret.

    `verdict` is a Verdict or "error"; `outcomes` are by requirement; `requests` is None when nobody knows, `folder`
    when there are no reports.
    """

    name: str
    contract: str
    base_url: str
    verdict: str
    exit_code: int
    reason: str
    hint: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    requests: int | None = None
    seconds: float = 0.0
    folder: Path | None = None


def perform(task: Task) -> Row:
    """Run `task`, write its reports, and tell what came of it; never raises."""
    began = time.monotonic()
    try:
        contract = find(task.contract)
        return _written(task, run(contract, _bounded(task)))
    except Exception as problem:  # noqa: BLE001 - whatever goes wrong is this row's alone
        reason, hint = _explained(task, problem)
        return error_row(task, reason, hint, seconds=time.monotonic() - began)


def _written(task: Task, done: Run) -> Row:
    """The row of a run whose reports are written; where they cannot be, it says so, and what the run came to."""
    try:
        writing.write_all(done, task.folder)
    except UsageProblem as problem:
        return error_row(task, problem.message, f"the run came to {done.verdict}: {done.reason}")
    return _row(task, done)


def _bounded(task: Task) -> Plan:
    """The plan with a deadline that leaves time to report before the limit."""
    plan, limits = task.plan, task.plan.limits
    soft = max(task.limit / 2, task.limit - 3 * limits.timeout)
    bounded: Limits = replace(limits, deadline=min(limits.deadline or soft, soft))
    return replace(plan, limits=bounded)


def _row(task: Task, done: Run) -> Row:
    return Row(
        name=task.name,
        contract=task.contract,
        base_url=done.base_url,
        verdict=done.verdict.value,
        exit_code=done.exit_code,
        reason="; ".join([done.explanation, *_unusual(task, done)]),
        counts=results.counts(done),
        outcomes={one.requirement.id: one.outcome.value for one in done.results},
        requests=len(done.exchanges),
        seconds=done.ended - done.started,
        folder=task.folder,
    )


def _unusual(task: Task, done: Run) -> list[str]:
    """What bends the verdict away from the default; the deadline that every task gets does not count."""
    own = task.plan.limits.deadline is not None
    told = [one for one in done.deviations if own or one.name != "deadline"]
    return [f"not the default: {deviation(one)}" for one in told]


def error_row(task: Task, reason: str, hint: str = "", seconds: float = 0.0) -> Row:
    """The row of a run that came to nothing through no decision of the deployment."""
    return Row(task.name, task.contract, _public_url(task), ERROR, 5, reason, hint, seconds=seconds)


def interrupted_row(task: Task) -> Row:
    """The row of a run that was cut short by the operator."""
    return Row(task.name, task.contract, _public_url(task), Verdict.INCOMPLETE.value, 3, INTERRUPTED)


def _public_url(task: Task) -> str:
    try:
        return _hidden(task, find(task.contract), task.plan.target.base_url)
    except ConformanceError:
        return ""


def _hidden(task: Task, contract: Contract, text: str) -> str:
    return redactor_for(contract, task.plan.settings, task.plan.target, task.plan.route).text(text)


def _explained(task: Task, problem: Exception) -> tuple[str, str]:
    """An exception in words that hold no secret: its text only when the suite wrote it."""
    if isinstance(problem, ConformanceError):
        try:
            contract = find(task.contract)
        except ConformanceError:
            return problem.message, problem.hint
        return _hidden(task, contract, problem.message), _hidden(task, contract, problem.hint)
    path = failure.write(failure.of_exception(problem), ("run", "--all"), task.folder)
    return f"the suite itself failed: {type(problem).__name__}", f"please send {path}"
