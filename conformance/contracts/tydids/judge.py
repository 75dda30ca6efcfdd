"""What the exchanges say about the requirements of the grant status; sends nothing."""

from __future__ import annotations

from conformance.contracts.tydids.observations import NAMED, intent_of, view
from conformance.contracts.tydids.rules import RULES
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

__all__ = ["RULES", "TOGETHER", "intent_of", "standing", "view"]

TOGETHER = True
"""Generated histories ask for the same identities as the checks, so that only all of it together tells what is wrong."""


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a named identity, as it is usually written, has a verdict."""
    sample = exchange.intent.get("sample", "")
    ours = speaks(exchange) or (exchange.status == 403 and _means_a_verdict(exchange))
    return Standing(sample in (*NAMED, "encoded"), sample in ("malformed", "missing"), ours)


def _means_a_verdict(exchange: Exchange) -> bool:
    """Whether a denial is meant to be a verdict, however badly it is written."""
    assert exchange.response is not None
    return any(word in exchange.response.body.lower() for word in (b"consensus", b"revoked", b"granted"))
