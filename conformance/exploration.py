"""Searches for histories that break a contract: hypothesis draws them, the contract's judge looks at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis import seed as seeded
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from conformance.contract import Settings
from conformance.efforts import share_of
from conformance.machine import HistoryMachine, Leave, Step
from conformance.outcome import History, Outcome
from conformance.session import Session
from conformance.shortening import FEW, Record, Spent, shortest
from conformance.wire.exchange import CHECKS, GENERATED, Exchange

STEPS = 8
HISTORIES = 9
"""How many histories hypothesis draws at once: with ten or more it would try the simplest ones first, again."""
SHRINKING = 60
"""How many requests a run may spend on making broken histories shorter."""
EACH = 24
"""How many of them may go to one history."""
BROKEN = (Outcome.FAILED, Outcome.WARNED)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests may be spent on looking for a broken history, and on making it shorter."""

    search: int
    shrink: int


def budget_of(chosen: Settings, share: float = 1.0) -> Budget:
    """The budget for histories, or a `share` of it; an exact number has no allowance for shrinking."""
    search = round(share_of(chosen).histories * share)
    return Budget(search, SHRINKING if search and chosen.fuzz is None else 0)


class Explorer:
    """Runs state machines against the deployment of a session, within a budget of requests.

    `patient` tells a machine to wait for a write to show; a history that is sent again does without, where
    nothing in the run had to be waited for.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.deployment = session.driver
        self.patient = True
        self._number = 0
        self._known: set[str] = set()
        self._new: set[str] = set()
        self._seen: dict[str, Record] = {}
        self._steps: list[tuple[Step, int]] = []
        self._left = 0
        self._shrink = 0
        self._allowed = 0
        self._mark = 0
        self._simplest = 0
        self._drawing = False

    def run(self, machine: type[HistoryMachine], share: float = 1.0) -> None:
        """Explore with `machine` until the budget is spent; broken histories stay in the session.

        What is broken already, by the checks or an earlier history, does not end a history that breaks it again.
        """
        budget = budget_of(self.session.settings, share)
        self._left, self._shrink = budget.search, budget.shrink
        self._known = {
            finding.requirement for finding in self.session.diagnose().findings if finding.outcome in BROKEN
        }
        attempt = 0
        while self._left > 0:
            with self._guiding(machine) as guided:
                self._explore(seeded(self.session.settings.seed + attempt)(guided))
                self._tell(guided, self._new)
            attempt += 1
        with self._guiding(machine) as guided:
            several = {name for name, record in self._seen.items() if self._takes_several(name, record)}
            self._tell(guided, several | (self.session.histories.keys() & self._seen.keys()))

    @contextmanager
    def _guiding(self, machine: type[HistoryMachine]) -> Iterator[type[HistoryMachine]]:
        """A class of `machine` with this guide: hypothesis keeps every machine for ever, and with it would keep this run."""
        guided: Any = type(machine.__name__, (machine,), {"guide": self})
        try:
            yield guided
        finally:
            del guided.guide

    def _explore(self, machine: Any) -> None:
        self._simplest, self._drawing, self._new = self._number + 1, True, set()
        try:
            with with_reporter(_say_nothing), _no_constants_of_others():
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
        finally:
            self._drawing = False

    # What a machine calls

    def begin(self) -> str:
        """A new history begins; returns its number, from which its fresh ids derive."""
        self._number += 1
        self._mark = len(self.session.client.exchanges)
        self._steps = []
        purpose = self.session.client.purpose
        self.session.client.purpose = replace(purpose, part=GENERATED, history=str(self._number))
        return str(self._number)

    def note(self, step: Step) -> None:
        """A step begins with the next exchange."""
        self._steps.append((step, len(self.session.client.exchanges)))

    def spend(self) -> None:
        """Account for one request; raises Leave or Spent when there is none left.

        Hypothesis begins with the simplest history, one rule over and over: that is not worth more than a request.
        """
        if not self._drawing:
            if not self._allowed:
                raise Spent
            self._allowed -= 1
            self._shrink -= 1
            return
        if self._number == self._simplest and len(self.session.client.exchanges) > self._mark:
            reject()
        if not self._left:
            raise Leave
        self._left -= 1

    def judge(self) -> None:
        """Raise Leave when the history so far breaks a requirement that was not known to be broken."""
        if not self._drawing:
            return
        broken = self._broken(self._sent())
        for requirement in filter(self._wants, broken):
            self._seen[requirement] = self._record()
        self._new = broken - self._known
        if self._new:
            raise Leave

    # What is broken

    def _sent(self) -> list[Exchange]:
        return self.session.client.exchanges[self._mark :]

    def _record(self) -> Record:
        every = self.session.client.exchanges
        ends = [start for _, start in self._steps[1:]] + [len(every)]
        pairs = zip(self._steps, ends, strict=True)
        parts = tuple(
            tuple(sorted(every[start:end], key=lambda one: one.number)) for (_, start), end in pairs
        )
        return Record(tuple(step for step, _ in self._steps), parts)

    def _broken(self, exchanges: Sequence[Exchange], window: float | None = None) -> set[str]:
        """The requirements that `exchanges` break by themselves, whatever the scope: it must not change what is sent."""
        chosen = self.session.settings
        if window is not None:
            chosen = replace(chosen, consistency_window=window)
        judged = self.session.contract.judge(exchanges, chosen)
        return {one.requirement for one in judged if one.outcome in BROKEN}

    @cached_property
    def _lags(self) -> bool:
        """Whether anything had to be waited for in this run."""
        checks = [one for one in self.session.client.exchanges if one.part == CHECKS]
        return self._broken(checks, window=0.0) != self._broken(checks)

    # What is told

    def _takes_several(self, requirement: str, record: Record) -> bool:
        """Whether it takes more than one request to show what is broken, so that a history tells more."""
        return not any(requirement in self._broken([one]) for one in record.exchanges)

    def _tell(self, machine: type[HistoryMachine], requirements: set[str]) -> None:
        """Keep the shortest history for each of `requirements`; one may serve several."""
        self._known |= requirements
        for requirement in sorted(requirements):
            if self._wants(requirement):
                self._shorten(machine, requirement)

    def _wants(self, requirement: str) -> bool:
        """Whether there is no history yet that was seen to break `requirement` again."""
        known = self.session.histories.get(requirement)
        return known is None or not known.reproduced

    def _shorten(self, machine: type[HistoryMachine], requirement: str) -> None:
        record, window = self._seen[requirement], None if self._lags else 0.0
        record = record if self._lags else record.spread()
        self._allowed = min(self._shrink, EACH)

        def breaks(exchanges: Sequence[Exchange]) -> bool:
            return requirement in self._broken(exchanges)

        def again(exchanges: Sequence[Exchange]) -> bool:
            return requirement in self._broken(exchanges, window)

        def send(steps: Sequence[Step]) -> list[Exchange]:
            return self._send(machine, steps)

        found, reproduced = shortest(record, breaks, again, send, machine.simplest)
        history = History(tuple(one.number for one in found), reproduced=reproduced)
        self.session.histories[requirement] = history
        if reproduced and 1 < len(found) <= FEW:
            others = filter(self._wants, self._broken(found, window) & self._seen.keys())
            self.session.histories |= dict.fromkeys(others, history)

    def _send(self, machine: type[HistoryMachine], steps: Sequence[Step]) -> list[Exchange]:
        """Send `steps` as a new history."""
        self.patient = self._lags
        try:
            fresh = machine()
            for step in steps:
                getattr(fresh, step.name)(**step.drawn)
        except Leave as left:
            raise left.problem or left from None
        finally:
            self.patient = True
        return sorted(self._sent(), key=lambda one: one.number)


@contextmanager
def _no_constants_of_others() -> Iterator[None]:
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
