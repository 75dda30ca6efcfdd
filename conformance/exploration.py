"""Searches for histories that break a contract: hypothesis draws them, the contract's judge looks at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis import seed as seeded
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from conformance.contract import Settings
from conformance.efforts import share_of
from conformance.errors import WireProblem
from conformance.machine import HistoryMachine
from conformance.outcome import Finding, Outcome
from conformance.session import Session
from conformance.wire.exchange import GENERATED, Exchange

STEPS = 8
HISTORIES = 9
"""How many histories hypothesis draws at once: with ten or more it would try the simplest ones first, again."""
BROKEN = (Outcome.FAILED, Outcome.WARNED)


class Enough(BaseException):
    """The budget of requests is spent: hypothesis is left at once, since no answer could be trusted any more."""


class Broken(AssertionError):
    """A history breaks a requirement."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests may be spent on looking for a broken history, and on making it shorter."""

    search: int
    shrink: int


def budget_of(chosen: Settings, share: float = 1.0) -> Budget:
    """The budget for histories, or a `share` of it; an exact number has no allowance for shrinking."""
    search = round(share_of(chosen).histories * share)
    return Budget(search, 60 if search and chosen.fuzz is None else 0)


class Explorer:
    """Runs state machines against the deployment of a session, within a budget of requests."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.deployment = session.driver
        self._number = 0
        self._known: set[str] = set()
        self._best: list[Exchange] = []
        self._target: set[str] = set()
        self._left = 0
        self._shrink = 0
        self._mark = 0
        self._simplest = 0

    def run(self, machine: type[HistoryMachine], share: float = 1.0) -> None:
        """Explore with `machine` until the budget is spent; broken histories stay in the session.

        What is broken already, by the checks or an earlier history, is not looked for again.
        """
        budget = budget_of(self.session.settings, share)
        self._left, self._shrink = budget.search, budget.shrink
        self._known = {finding.requirement for finding in self.session.judge() if finding.outcome in BROKEN}
        attempt = 0
        while self._left > 0:
            bound = type(machine.__name__, (machine,), {"guide": self})
            self._simplest = self._number + 1
            try:
                self._explore(seeded(self.session.settings.seed + attempt)(bound))
            except Enough:
                break
            finally:
                del bound.guide  # type: ignore[attr-defined] # hypothesis keeps every machine for ever, and with it would keep this run
                self._keep()
            attempt += 1

    def _explore(self, machine: Any) -> None:
        try:
            with with_reporter(_say_nothing):
                run_state_machine_as_test(
                    machine,
                    settings=settings(
                        max_examples=min(max(self._left, 1), HISTORIES),
                        stateful_step_count=STEPS,
                        database=None,
                        deadline=None,
                        phases=(Phase.generate, Phase.shrink),
                        suppress_health_check=list(HealthCheck),
                        print_blob=False,
                        report_multiple_bugs=False,
                    ),
                )
        except (WireProblem, Enough):
            raise
        except BaseExceptionGroup as group:
            _unwrap(group)
        except Exception as problem:  # noqa: BLE001 - sorted out below: only ours is raised again
            _unwrap(problem)

    # What a machine calls

    def begin(self) -> str:
        """A new history begins; returns its number, from which its fresh ids derive."""
        self._number += 1
        self._mark = len(self.session.client.exchanges)
        purpose = self.session.client.purpose
        self.session.client.purpose = replace(purpose, part=GENERATED, history=str(self._number))
        return str(self._number)

    def spend(self) -> None:
        """Account for one request; raises Enough when the budget is spent.

        Hypothesis begins with the simplest history, one rule over and over: that is not worth more than a request.
        """
        if self._number == self._simplest and len(self.session.client.exchanges) > self._mark:
            reject()
        if self._target and self._shrink:
            self._shrink -= 1
        elif self._left:
            self._left -= 1
        else:
            raise Enough

    def judge(self) -> None:
        """Raise Broken when the history so far breaks a requirement that was not known to be broken."""
        mine = self.session.client.exchanges[self._mark :]
        found = [one for one in self._findings(mine) if one.requirement not in self._known]
        wanted = [one for one in found if not self._target or one.requirement in self._target]
        if wanted:
            self._target |= {one.requirement for one in wanted}
            self._best = min(self._best or mine, mine, key=len)
            raise Broken(wanted[0].message)

    def _findings(self, exchanges: Sequence[Exchange]) -> list[Finding]:
        """What breaks; while shrinking, what was seen to stay wrong is not waited for again."""
        chosen = self.session.settings
        if self._target:
            chosen = replace(chosen, consistency_window=0.0)
        outside = self.session.scope.outside
        judged = self.session.contract.judge(exchanges, chosen)
        return [one for one in judged if one.outcome in BROKEN and one.requirement not in outside]

    def _keep(self) -> None:
        """Remember the shortest broken history, and go on looking for others."""
        if self._best:
            numbers = tuple(exchange.number for exchange in sorted(self._best, key=lambda one: one.number))
            for requirement in sorted(self._target):
                self.session.histories.setdefault(requirement, numbers)
        self._known |= self._target
        self._best, self._target = [], set()


def _say_nothing(_: object) -> None:
    """What hypothesis would print is not for the terminal: the report tells the history."""


def _unwrap(problem: BaseException) -> None:
    """Let pass what a broken history raises, flaky ones included; anything else is our own fault."""
    import hypothesis.errors

    if isinstance(problem, BaseExceptionGroup):
        for inner in problem.exceptions:
            _unwrap(inner)
    elif not isinstance(problem, Broken | hypothesis.errors.Flaky):
        raise problem
