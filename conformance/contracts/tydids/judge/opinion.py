"""What a single answer says about a requirement, and how opinions add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from conformance import evidence
from conformance.contracts.tydids.judge.reading import Reading, View
from conformance.evidence import Answer, answer
from conformance.outcome import Assessment

WHERE: Final = "the base URL is what stands before /tydids/status"
CREDENTIALS: Final = "if the deployment wants credentials, give them with --header"


class Kind(Enum):
    """What an opinion amounts to."""

    MET = "met"
    BROKEN = "broken"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reading says about a requirement; `received` is made from the answer when it is empty."""

    kind: Kind
    reading: Reading
    message: str = "holds"
    expected: str = ""
    received: str = ""
    hint: str = ""


def met(reading: Reading, message: str = "holds") -> Opinion:
    """The reading shows that the requirement holds."""
    return Opinion(Kind.MET, reading, message)


def broken(reading: Reading, message: str, expected: str = "", received: str = "", hint: str = "") -> Opinion:
    """The reading shows that the requirement is broken."""
    return Opinion(Kind.BROKEN, reading, message, expected, received, hint)


def unclear(reading: Reading, message: str, hint: str = "") -> Opinion:
    """The reading decides nothing."""
    return Opinion(Kind.UNCLEAR, reading, message, hint=hint)


def tell(assessment: Assessment, requirement: str, opinions: Iterable[Opinion]) -> None:
    """Add opinions on one subject to the findings: what is unclear counts only where nothing else is said."""
    said = list(opinions)
    decided = [one for one in said if one.kind is not Kind.UNCLEAR]
    for one in decided or said:
        exchange = one.reading.exchange
        received = one.received or evidence.received(exchange)
        if one.kind is Kind.MET:
            assessment.met(requirement, exchange, message=one.message)
        elif one.kind is Kind.UNCLEAR:
            assessment.unclear(requirement, exchange, message=one.message, received=received, hint=one.hint)
        else:
            assessment.broken(
                requirement,
                exchange,
                message=one.message,
                expected=one.expected,
                received=received,
                hint=one.hint,
            )


def wrong_code(view: View, reading: Reading, expected: str) -> Opinion:
    """What an answer with another code than `expected` says about a named identity."""
    kind = answer(reading.exchange)
    if reading.undecided:
        return undecided(reading)
    if kind is Answer.REDIRECTED and not view.open:
        return unclear(reading, "the answer is a redirect", "run against the address that it points to")
    if reading.plain_denial and not view.open:
        return unclear(reading, "every call is denied, and no answer has a verdict", CREDENTIALS)
    return broken(reading, _about(reading), expected, hint=_advice(reading))


def undecided(reading: Reading) -> Opinion:
    """An answer that says nothing about the deployment: a lost connection, throttling, a gateway's error."""
    return unclear(
        reading, f"no answer to judge: {evidence.code(reading.exchange)}", "try again, or use --rate"
    )


def _about(reading: Reading) -> str:
    if reading.plain_denial:
        return f"the call is denied with {reading.status}, without a verdict, while others are answered"
    said = f" and says {reading.verdict}" if reading.verdict else ""
    return f"an identity that was named as {reading.sample} gets {reading.status}{said}"


def _advice(reading: Reading) -> str:
    if reading.verdict and reading.verdict != reading.sample:
        return f"make sure that the identity is {reading.sample} on this deployment"
    return WHERE if reading.status == 404 else ""
