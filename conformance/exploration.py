"""Searches for histories that break a contract: hypothesis draws them, the contract's judge looks at each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis import seed as seeded
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from conformance.contract import Settings
from conformance.efforts import share_of
from conformance.machine import HistoryMachine, Leave
from conformance.outcome import Outcome
from conformance.session import Session
from conformance.wire.exchange import GENERATED

STEPS = 8
HISTORIES = 9
"""How many histories hypothesis draws at once: with ten or more it would try the simplest ones first, again."""
BROKEN = (Outcome.FAILED, Outcome.WARNED)


def budget_of(chosen: Settings, share: float = 1.0) -> int:
    """How many requests may be spent on looking for a broken history, or a `share` of them."""
    return round(share_of(chosen).histories * share)


class Explorer:
    """Runs state machines against the deployment of a session, within a budget of requests."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.deployment = session.driver
        self._number = 0
        self._known: set[str] = set()
        self._left = 0
        self._mark = 0
        self._simplest = 0

    def run(self, machine: type[HistoryMachine], share: float = 1.0) -> None:
        """Explore with `machine` until the budget is spent.

        What is broken already, by the checks or an earlier history, does not end a history that breaks it again.
        """
        self._left = budget_of(self.session.settings, share)
        self._known = {one.requirement for one in self.session.diagnose().findings if one.outcome in BROKEN}
        attempt = 0
        while self._left > 0:
            with self._guiding(machine) as guided:
                self._explore(seeded(self.session.settings.seed + attempt)(guided))
            attempt += 1

    @contextmanager
    def _guiding(self, machine: type[HistoryMachine]) -> Iterator[type[HistoryMachine]]:
        """A class of `machine` with this guide: hypothesis keeps every machine for ever, and with it would keep this run."""
        guided: Any = type(machine.__name__, (machine,), {"guide": self})
        try:
            yield guided
        finally:
            del guided.guide

    def _explore(self, machine: Any) -> None:
        self._simplest = self._number + 1
        try:
            with with_reporter(_say_nothing), no_constants_of_others():
                run_state_machine_as_test(
                    machine,
                    settings=settings(
                        max_examples=min(max(self._left, 1), HISTORIES),
                        stateful_step_count=STEPS,
                        database=None,
                        deadline=None,
                        phases=(Phase.generate,),
                        suppress_health_check=list(HealthCheck),
                        print_blob=False,
                    ),
                )
        except Leave as left:
            if left.problem:
                raise left.problem from None

    # What a machine calls

    def begin(self) -> str:
        """A new history begins; returns its number, from which its fresh ids derive."""
        self._number += 1
        self._mark = len(self.session.client.exchanges)
        purpose = self.session.client.purpose
        self.session.client.purpose = replace(purpose, part=GENERATED, history=str(self._number))
        return str(self._number)

    def spend(self) -> None:
        """Account for one request; raises Leave when there is none left.

        Hypothesis begins with the simplest history, one rule over and over: that is not worth more than a request.
        """
        if self._number == self._simplest and len(self.session.client.exchanges) > self._mark:
            reject()
        if not self._left:
            raise Leave
        self._left -= 1

    def judge(self) -> None:
        """Raise Leave when the history so far breaks a requirement that was not known to be broken."""
        judged = self.session.contract.judge(
            self.session.client.exchanges[self._mark :], self.session.settings
        )
        new = {one.requirement for one in judged if one.outcome in BROKEN} - self._known
        self._known |= new
        if new:
            raise Leave


@contextmanager
def no_constants_of_others() -> Iterator[None]:
    """Keep hypothesis from reading the source of every module for numbers to try.

    It takes a tenth of a second, and what is drawn would depend on what else happens to be imported. There is no
    setting for it; a test notices when this stops working.
    """
    before, empty = providers._get_local_constants, Constants()
    providers._get_local_constants = lambda: empty
    try:
        yield
    finally:
        providers._get_local_constants = before


def _say_nothing(_: object) -> None:
    """What hypothesis would print is not for the terminal: the report tells the history."""
