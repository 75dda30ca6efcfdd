"""Judges exchanges of the credential request status: pure functions, nothing is sent."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.dcp.judge import history, leaks, meaning, message, offer, refusal, status, unknown
from conformance.contracts.dcp.judge.reads import intent_of
from conformance.contracts.dcp.judge.view import View, view
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

RULES: tuple[Rule, ...] = (
    *status.RULES,
    *message.RULES,
    *meaning.RULES,
    *history.RULES,
    *refusal.RULES,
    *unknown.RULES,
    *leaks.RULES,
    *offer.RULES,
)

__all__ = ["RULES", "View", "intent_of", "standing", "view"]


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a known request with the token is let in."""
    intent = exchange.intent
    token = intent.get("credential") == "token"
    entitled = token and bool(intent.get("known"))
    guess = bool(intent.get("odd") or intent.get("unknown")) or not token
    return Standing(entitled, guess, speaks(exchange))
