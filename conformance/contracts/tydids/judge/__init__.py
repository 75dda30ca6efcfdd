"""What the exchanges say about the requirements of the grant status; sends nothing."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.tydids.judge import consistency, identity, samples, whose
from conformance.contracts.tydids.judge.reading import Reading, View, intent_of, view
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import member, speaks
from conformance.wire.exchange import Exchange

RULES: tuple[Rule, ...] = (*samples.RULES, *consistency.RULES, *whose.RULES, *identity.RULES)

__all__ = ["RULES", "Reading", "View", "intent_of", "standing", "view"]


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a named identity, as it is usually written, has a verdict."""
    sample = exchange.intent.get("sample", "")
    verdict = isinstance(member(exchange, "status"), str) and exchange.status == 403
    return Standing(
        sample in ("granted", "revoked"), sample in ("malformed", "missing"), verdict or speaks(exchange)
    )
