"""What the exchanges say about the requirements of the grant status; sends nothing."""

from __future__ import annotations

from conformance.contracts.tydids.observations import NAMED, intent_of, view
from conformance.contracts.tydids.rules import RULES
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import member, speaks
from conformance.wire.exchange import Exchange

__all__ = ["RULES", "TOGETHER", "intent_of", "standing", "view"]

TOGETHER = True
"""Generated histories ask for the same identities as the checks, so that only all of it together tells what is wrong."""


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a named identity, as it is usually written, has a verdict."""
    sample = exchange.intent.get("sample", "")
    verdict = isinstance(member(exchange, "status"), str) and exchange.status == 403
    return Standing(
        sample in (*NAMED, "encoded"), sample in ("malformed", "missing"), verdict or speaks(exchange)
    )
