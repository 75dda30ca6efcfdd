"""Histories of writes and reads, drawn by hypothesis; the judge's model of the hashes stands beside them."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.machine import HistoryMachine, step

HASHES = st.sampled_from(("one", "two", "last digit", "first digit"))
STATUSES = st.one_of(st.sampled_from((1, 2, 0)), st.integers(3, 2**40))
WRONG = st.sampled_from(("none", "random", "empty", "last character changed", "cut short"))
ODD = st.sampled_from(('"1"', "1.5", "-1", "null", "true", "[]"))


class StatusMachine(HistoryMachine):
    """Writes with and without the key, odd values, reads: on hashes that look alike."""

    odd = 0

    def target(self, name: str) -> str:
        """The hash called `name` in this history; two of them differ from the first in one digit."""
        first = self.fresh("one")
        if name == "last digit":
            return first[:-1] + ("0" if first[-1] != "0" else "1")
        if name == "first digit":
            return ("0" if first[0] != "0" else "1") + first[1:]
        return first if name == "one" else self.fresh(name)

    @step(name=HASHES, status=STATUSES)
    def write(self, name: str, status: int) -> None:
        """Write with the key."""
        self.spend()
        self.deployment.write(self.target(name), self.deployment.values.fitting(status))

    @step(name=HASHES)
    def read(self, name: str) -> None:
        """Read until the last write shows."""
        self.spend()
        self.deployment.settle(self.target(name))

    @step(name=HASHES, status=STATUSES, credential=WRONG)
    def write_without_the_key(self, name: str, status: int, credential: str) -> None:
        """Write with something else than the key."""
        if credential == "none" or credential in self.deployment.wrong_keys:
            self.spend()
            self.deployment.write(self.target(name), status, credential)

    @step(value=ODD)
    def write_an_odd_value(self, value: str) -> None:
        """Write what is no non-negative integer, on a hash of its own, and read it."""
        self.spend()
        self.spend()
        self.odd += 1
        target = self.fresh(f"odd {self.odd}")
        op = "odd" if value in ('"1"', "1.5", "-1") else "invalid"
        self.deployment.write_raw(target, f'{{"status": {value}}}'.encode(), value, op)
        self.deployment.read(target)
