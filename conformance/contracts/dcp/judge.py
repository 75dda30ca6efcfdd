"""Judges exchanges of the credential request status: pure functions, nothing is sent."""

from __future__ import annotations

from conformance.contracts.dcp.model import view
from conformance.contracts.dcp.observations import intent_of
from conformance.contracts.dcp.rules import RULES
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

__all__ = ["RULES", "SEES_REPEATED", "intent_of", "standing", "view"]
SEES_REPEATED = True
"""What a circumstance befell tells when it was."""


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a known request with the token is let in."""
    intent = exchange.intent
    token = intent.get("credential") == "token"
    entitled = token and bool(intent.get("known"))
    guess = bool(intent.get("odd") or intent.get("unknown")) or not token
    return Standing(entitled, guess, speaks(exchange))
