"""Histories of questions about identities, drawn by hypothesis: whatever came before, each keeps its verdict."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from conformance.contracts.tydids.driver import Driver
from conformance.machine import HistoryMachine, step

KINDS = st.sampled_from(("granted", "revoked"))
NUMBERS = st.integers(0, 2)
LABELS = st.sampled_from(("one", "two"))
CASES = st.integers(0, 12)
PAIRS = st.sampled_from(("gr", "rg", "grr", "rr"))


class GrantMachine(HistoryMachine):
    """Asks for named identities in any order, between identities that nobody published and what is none."""

    deployment: Driver

    @step(kind=KINDS, number=NUMBERS)
    def ask(self, kind: str, number: int) -> None:
        """Ask for an identity that the operator named."""
        identities = [identity for identity, named in self.deployment.named() if named == kind]
        if identities:
            self.spend()
            self.deployment.status(identities[number % len(identities)], kind, kind)

    @step(kind=KINDS)
    def ask_percent_encoded(self, kind: str) -> None:
        """Ask for a named identity in plain form and percent-encoded."""
        for identity, named in self.deployment.named(1):
            if named == kind:
                self.spend()
                self.spend()
                self.deployment.status(identity, kind, kind)
                self.deployment.encoded(identity, kind)

    @step(kinds=PAIRS)
    def ask_at_once(self, kinds: str) -> None:
        """Ask for named identities of both kinds at the same time."""
        first = {kind[0]: (identity, kind) for identity, kind in self.deployment.named(1)}
        calls = [
            partial(self.deployment.status, *first[letter], first[letter][1])
            for letter in kinds
            if letter in first
        ]
        for _ in calls:
            self.spend()
        self.deployment.client.gather(calls)

    @step(label=LABELS)
    def ask_for_an_unknown_one(self, label: str) -> None:
        """Ask for an identity that nobody published, perhaps again."""
        self.spend()
        self.deployment.status(self.fresh(label), "unknown", "anything but revoked")

    @step(number=NUMBERS)
    def ask_for_a_neighbour(self, number: int) -> None:
        """Ask for an identity that resembles a revoked one."""
        cases = list(self.deployment.neighbours().items())
        if cases:
            self.spend()
            self.deployment.neighbour(*cases[number % len(cases)])

    @step(number=CASES)
    def ask_for_what_is_none(self, number: int) -> None:
        """Ask for what is no identity."""
        cases = list(self.deployment.malformations().items())
        self.spend()
        self.deployment.malformed(*cases[number % len(cases)])

    @step(empty=st.booleans())
    def ask_for_nothing(self, empty: bool) -> None:
        """Ask with an empty identity, or with none."""
        self.spend()
        if empty:
            self.deployment.empty()
        else:
            self.deployment.missing()
