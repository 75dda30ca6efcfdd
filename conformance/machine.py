"""The state machine that every contract's machine extends: each rule sends, then the judge looks."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from hypothesis.stateful import RuleBasedStateMachine, invariant


class Guide(Protocol):
    """Whoever runs a machine: numbers its histories, counts its requests, judges what they show."""

    deployment: Any

    def begin(self) -> str:
        """A new history begins; returns its number."""

    def spend(self) -> None:
        """Account for one request; raises when the budget is spent."""

    def judge(self) -> None:
        """Raise AssertionError when the history so far breaks the contract."""


class HistoryMachine(RuleBasedStateMachine):
    """A machine whose rules send requests; after each of them the judge looks at the history."""

    guide: ClassVar[Guide]

    def __init__(self) -> None:
        super().__init__()
        self.number = self.guide.begin()
        self.deployment = self.guide.deployment

    def spend(self) -> None:
        """Account for the request that a rule is about to send."""
        self.guide.spend()

    @invariant()
    def holds(self) -> None:
        """Nothing in the history so far breaks the contract."""
        self.guide.judge()

    def fresh(self, label: str) -> str:
        """An id of this history alone, derived from the run's nonce, the history's number and `label`."""
        made: str = self.deployment.fresh(f"history {self.number} {label}")
        return made
