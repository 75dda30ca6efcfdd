"""What generated traffic showed besides breaches: pure functions of exchanges, which never touch the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conformance.evidence import UNDECIDED
from conformance.openapi import differences
from conformance.outcome import Finding, Outcome, Remark
from conformance.wire.exchange import GENERATED, ROBUSTNESS, Exchange

NOT_IMPLEMENTED = 501
"""The right answer to a method that a server does not know (RFC 9110, section 15.6.2)."""

WRONG = {Outcome.FAILED, Outcome.WARNED, Outcome.ERROR}

MOST = 50
"""How many remarks a run holds; a server that fails in more ways has enough to look at."""


def remarks(contract: str, exchanges: Sequence[Exchange], findings: Iterable[Finding]) -> tuple[Remark, ...]:
    """Server errors that break nothing, and differences from the OpenAPI document that no finding is about; each once."""
    judged: dict[Outcome, set[int]] = {}
    for finding in findings:
        judged.setdefault(finding.outcome, set()).update(finding.exchanges)
    told: dict[str, list[int]] = {}
    for exchange in exchanges:
        known = {outcome for outcome, numbers in judged.items() if exchange.number in numbers}
        for message in () if exchange.superseded else _said(contract, exchange, known):
            told.setdefault(message, []).append(exchange.number)
    return tuple(Remark(message, tuple(numbers)) for message, numbers in list(told.items())[:MOST])


def _said(contract: str, exchange: Exchange, known: set[Outcome]) -> Iterator[str]:
    if exchange.part == ROBUSTNESS:
        yield from _robustness(exchange)
    elif exchange.part == GENERATED and exchange.status not in UNDECIDED and not known & WRONG:
        yield from _shape(contract, exchange, noted=Outcome.NOTED in known)


def _robustness(exchange: Exchange) -> Iterator[str]:
    """A request that no client has to send: the server may refuse it, and stays up."""
    what = f"{exchange.request.method} with {exchange.intent.get('what', 'odd data')}"
    if exchange.response is None:
        yield f"{what}: {exchange.failure or 'no answer'}"
    elif exchange.response.status >= 500 and exchange.response.status not in UNDECIDED | {NOT_IMPLEMENTED}:
        yield f"{what} is answered with {exchange.response.status}, a server error"


def _shape(contract: str, exchange: Exchange, *, noted: bool) -> Iterator[str]:
    operation = exchange.intent.get("operation", "")
    if exchange.response is None or not operation:
        return
    if exchange.response.status >= 500:
        yield f"{operation} is answered with {exchange.response.status}, a server error"
        return
    difference = "" if noted else differences(contract, operation, exchange)
    if difference:
        yield f"{operation}: {difference}"
