"""Histories of reads, drawn by hypothesis: known and unknown requests, with the token and without."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.contracts.dcp import ids
from conformance.machine import HistoryMachine, step

PLACES = st.sampled_from((0, 0, 0, 0, 1, 2, 3, 4, 5))
"""Mostly the same request: a read tells more between others of its kind."""
LABELS = st.sampled_from(("one", "two"))
WRONG = ("none", "garbage", "empty", "altered", "basic")
CREDENTIALS = st.sampled_from((*["token"] * 7, *WRONG))


class RequestMachine(HistoryMachine):
    """Reads of one request after the other; what each is known to be does not depend on what was read before."""

    def known(self, place: int) -> str:
        """The id of a known request."""
        known = self.deployment.known
        found: str = known[place % len(known)].id
        return found

    @step(place=PLACES, credential=CREDENTIALS)
    def read(self, place: int, credential: str) -> None:
        """Read a known request, with the token most of the time."""
        if credential in ("token", "none", *self.deployment.wrong_tokens):
            self.spend()
            self.deployment.read(self.known(place), credential)

    @step(place=PLACES, label=LABELS)
    def read_an_unknown_request(self, place: int, label: str) -> None:
        """Read a request that nobody has, of the form of a known one; the same label means the same id."""
        self.spend()
        label = f"history {self.number} {label}"
        self.deployment.read_unknown(ids.unlike(self.known(place), self.deployment.settings.nonce, label))
