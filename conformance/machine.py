"""The state machine that every contract's machine extends: each step sends, then the judge looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Protocol

from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule


class Leave(BaseException):
    """Hypothesis is left at once, and repeats nothing: there is no more to find, or `problem` came up."""

    def __init__(self, problem: Exception | None = None) -> None:
        super().__init__(problem)
        self.problem = problem


class Guide(Protocol):
    """Whoever runs a machine: numbers its histories, counts requests, judges what they show."""

    deployment: Any

    def begin(self) -> str:
        """A new history begins; returns its number."""

    def spend(self) -> None:
        """Account for one request; raises when there is none left."""

    def judge(self) -> None:
        """Look at the history so far; raises to leave hypothesis when it breaks the contract."""


def step(**strategies: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a method a rule of hypothesis that draws its arguments from `strategies`; what it raises leaves hypothesis."""

    def wrap(send: Callable[..., None]) -> Any:
        @wraps(send)
        def guarded(machine: HistoryMachine, **drawn: Any) -> None:
            try:
                send(machine, **drawn)
            except HypothesisException:
                raise
            except Exception as problem:
                raise Leave(problem) from problem

        decorate: Any = rule(**strategies)
        return decorate(guarded)

    return wrap


class HistoryMachine(RuleBasedStateMachine):
    """A machine whose steps send requests; after each of them the judge looks at the history."""

    guide: ClassVar[Guide]

    def __init__(self) -> None:
        super().__init__()
        self.number = self.guide.begin()
        self.deployment = self.guide.deployment

    def spend(self) -> None:
        """Account for the request that a step is about to send."""
        self.guide.spend()

    @invariant()
    def holds(self) -> None:
        """Nothing in the history so far breaks the contract."""
        self.guide.judge()

    def fresh(self, label: str) -> str:
        """An id of this history alone, derived from the run's nonce, the history's number and `label`."""
        made: str = self.deployment.fresh(f"history {self.number} {label}")
        return made
