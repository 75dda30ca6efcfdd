"""What a right deployment may answer: each identity is a register that goes from granted to revoked once.

The consensus never falls by more than the slack, whoever is asked for; what is no identity has no grant, and what nobody
published has revoked nothing. An answer that is not so is strange.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from conformance.contracts.tydids.observations import (
    CODES,
    GRANTED,
    NAMED,
    REVOKED,
    WELL_FORMED,
    Observation,
    View,
    age,
)
from conformance.diagnosis.cause import Anomaly, Hypothesis
from conformance.evidence import Answer, answer, received

WHERE: Final = "the base URL is what stands before /tydids/status, and the identity has to be known there"
SURE: Final = 3
"""How many plain answers a generated history needs before another way to write an identity, twice, is compared with them."""


Counted = tuple[Observation, int]
"""An answer with its consensus."""


@dataclass(frozen=True, slots=True)
class Strange:
    """An answer that no right deployment gives, with the one that it contradicts if it takes two."""

    requirement: str
    seen: Observation
    message: str
    expected: str
    received: str = ""
    beside: tuple[Observation, ...] = ()

    @property
    def key(self) -> Hashable:
        """What identifies it."""
        return self.requirement, self.seen.exchange.number

    def anomaly(self) -> Anomaly:
        """The same in the words of the diagnosis."""
        exchanges = tuple(one.exchange for one in (*self.beside, self.seen))
        told = self.received or received(self.seen.exchange)
        hint = WHERE if self.seen.code == 404 else ""
        return Anomaly(self.requirement, exchanges, self.message, self.expected, told, hint)


class Grants:
    """The model: what is strange in a run, and what of it a hypothesis, which says so itself, leaves strange."""

    def __init__(self, view: View) -> None:
        self.view = view

    def anomalies(self, assumed: Iterable[Hypothesis]) -> Mapping[Hashable, Anomaly]:
        """What is strange even if `assumed` were at work."""
        explained = {key for one in assumed for key in one.about}
        return {one.key: one.anomaly() for one in self.strange if one.key not in explained}

    @cached_property
    def strange(self) -> list[Strange]:
        """Everything that a right deployment would not have answered."""
        found: dict[Hashable, Strange] = {}
        for look in _LOOKS:
            for one in look(self.view):
                found.setdefault(one.key, one)
        return list(found.values())


def _codes(view: View) -> Iterator[Strange]:
    """A named identity has the code of its verdict; what everybody is denied decides nothing."""
    for one in view.of(*NAMED):
        closed = not view.open and (one.denied or answer(one.exchange) is Answer.REDIRECTED)
        if not one.undecided and one.code != CODES[one.kind] and not closed:
            yield Strange("TY-G1" if one.kind == GRANTED else "TY-R1", one, _about(one), EXPECTED[one.kind])


EXPECTED: Final = {GRANTED: "200", REVOKED: "403 and a body that says revoked"}


def _about(one: Observation) -> str:
    if one.denied:
        return f"the call is denied with {one.code}, without a verdict, while others are answered"
    return f"an identity that was named as {one.kind} gets {one.seen}"


def _agreement(view: View) -> Iterator[Strange]:
    for one in view.observations:
        if one.claim and not one.verdict:
            message = f"the code is {one.code} and the body says {one.claim}"
            yield Strange("TY-C1", one, message, "200 with granted, 403 with revoked")


def _permanence(view: View) -> Iterator[Strange]:
    """What has been revoked stays so, with the time that was told first."""
    for own in view.by_identity(REVOKED, "unnamed", "encoded"):
        told = [one for one in own if one.claim == REVOKED]
        for one in own:
            first = next((each for each in told if one.follows(each)), None)
            if first and one.verdict == GRANTED and one.sample != "encoded":
                message = "an identity that was revoked is granted later on"
                yield Strange("TY-R7", one, message, REVOKED, beside=(first,))
        yield from _times([one for one in told if one.number("revoked") is not None])


def _times(told: list[Observation]) -> Iterator[Strange]:
    for one in told:
        first, now = told[0].number("revoked"), one.number("revoked")
        if now != first:
            text = f"revoked: {now} after {first}"
            yield Strange("TY-R7", one, "the time of one revocation changes", "one time", text, (told[0],))


def counted(view: View) -> list[Counted]:
    """Every answer with a verdict on what can have one, whose consensus is an integer, with it."""
    pairs = ((one, one.number("consensus")) for one in view.of(*WELL_FORMED) if one.claim)
    return [(one, number) for one, number in pairs if number is not None]


def slack(view: View) -> int:
    """Blocks by which the consensus may step back, as the operator says."""
    text = view.settings.one("consensus-slack", "0") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _higher(one: Counted, other: Counted) -> Counted:
    return max(one, other, key=lambda pair: pair[1])


def _consensus(view: View) -> Iterator[Strange]:
    """Each answer is compared with the highest that had arrived when it was asked for, or made for a cache."""
    allowed, every = slack(view), counted(view)
    arriving = sorted(every, key=lambda pair: pair[0].exchange.ended)
    ends = [one.exchange.ended for one, _ in arriving]
    highest = list(accumulate(arriving, _higher))
    for one, number in every:
        seconds = age(one.exchange)
        moment = one.exchange.started if seconds is None else one.exchange.started - seconds - 1
        arrived = bisect_right(ends, moment)
        top = highest[arrived - 1] if arrived else None
        if top and number < top[1] - allowed and top[1] >= 0:
            expected = f"{top[1]} or more" + (f", or at most {allowed} less" if allowed else "")
            message = "the consensus falls between successive answers"
            yield Strange("TY-C3", one, message, expected, f"consensus: {number}", (top[0],))


def _spellings(view: View) -> Iterator[Strange]:
    """Percent-encoded, an identity gets what its plain form gets."""
    for own in view.by_identity("encoded"):
        plain = [one for one in view.of(*NAMED) if one.identity == own[0].identity and not one.undecided]
        verdicts = {one.verdict for one in plain if one.verdict}
        few = view.drawn and (
            len(plain) < SURE or len(own) < 2 or any(one.verdict in verdicts for one in own)
        )
        for one in own:
            alike = one.seen in [each.seen for each in plain]
            if len(verdicts) == 1 and not (one.undecided or few or alike or one.verdict in verdicts):
                (verdict,) = verdicts
                message = f"percent-encoded, an identity that is {verdict} gets {one.seen}"
                yield Strange(
                    "TY-I6", one, message, f"{verdict}, as the plain form gets", beside=tuple(plain[:1])
                )


def _nobody(view: View) -> Iterator[Strange]:
    for one in view.of("missing", "empty"):
        what = f"a call with {'no' if one.sample == 'missing' else 'an empty'} identity"
        kind = answer(one.exchange)
        if one.claim:
            yield Strange("TY-I2", one, f"{what} gets the verdict {one.claim}", "a 4xx without a verdict")
        elif works(view, *NAMED) and kind in (Answer.ACCEPTED, Answer.BROKEN):
            yield Strange("TY-I2", one, f"{what} gets {one.code}, without a verdict", "a 4xx")


def works(view: View, *verdicts: str) -> bool:
    """The positive control: whether an identity that can have a verdict got one of these, with its code."""
    return any(one.verdict in verdicts for one in view.of(*WELL_FORMED))


def _malformed(view: View) -> Iterator[Strange]:
    """What is no identity has no grant; trimming white space is no mistake, overlooking it is.

    Only where blanks are refused and a line break is not, nobody meant to trim.
    """
    padded = view.of("padded")
    trims = not any(one.claim != GRANTED and not one.undecided for one in padded if _blanks_only(one))
    for one in view.of("malformed", *(() if trims else ("padded",))):
        if one.claim == GRANTED:
            what = f" ({one.case})" if one.case else ""
            message = f"what is no identity is granted{what}"
            yield Strange("TY-I3", one, message, "a 4xx, or any answer but granted")


def _blanks_only(padded: Observation) -> bool:
    return padded.identity.strip() == padded.identity.strip(" ")


def _unpublished(view: View) -> Iterator[Strange]:
    for one in view.of("unknown"):
        if one.verdict == REVOKED:
            which = f", which {one.case}," if one.case else ""
            message = f"an identity that nobody published{which} gets {one.seen}"
            yield Strange("TY-I4", one, message, "granted or a 4xx: it cannot have revoked anything")


_LOOKS: Final[tuple[Callable[[View], Iterator[Strange]], ...]] = (
    _codes,
    _agreement,
    _permanence,
    _consensus,
    _spellings,
    _nobody,
    _malformed,
    _unpublished,
)
