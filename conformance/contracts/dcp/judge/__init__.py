"""Judges exchanges of the credential request status: pure functions, nothing is sent."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.dcp.judge import history, leaks, meaning, message, offer, refusal, status, unknown
from conformance.contracts.dcp.judge.reads import intent_of
from conformance.contracts.dcp.judge.view import View, view

DENIED = frozenset({401, 403, 407})

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

__all__ = ["DENIED", "RULES", "View", "intent_of", "view"]
