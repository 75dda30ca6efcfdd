"""Histories of reads, drawn by hypothesis: known and unknown requests, with the token and without."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conformance.contracts.dcp import ids
from conformance.machine import HistoryMachine

PLACES = st.integers(0, 5)
LABELS = st.sampled_from(("one", "two"))
CREDENTIALS = st.sampled_from(("token", "token", "token", "none", "garbage", "empty", "altered", "basic"))


class RequestMachine(HistoryMachine):
    """Reads of one request after the other; what each is known to be does not depend on what was read before."""

    def known(self, place: int) -> str:
        """The id of a known request."""
        known = self.deployment.known
        found: str = known[place % len(known)].id
        return found

    @rule(place=PLACES, credential=CREDENTIALS)
    def read(self, place: int, credential: str) -> None:
        """Read a known request, with the token most of the time."""
        if credential in ("token", "none", *self.deployment.wrong_tokens):
            self.spend()
            self.deployment.read(self.known(place), credential)

    @rule(place=PLACES, label=LABELS)
    def read_an_unknown_request(self, place: int, label: str) -> None:
        """Read a request that nobody has, of the form of a known one; the same label means the same id."""
        self.spend()
        label = f"history {self.number} {label}"
        self.deployment.read_unknown(ids.unlike(self.known(place), self.deployment.settings.nonce, label))
