"""The judge of the Open Attestation Status API: pure functions of what was seen."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.open_attestation.judge import (
    bodies,
    clock,
    events,
    identity,
    protection,
    reading,
    unwritten,
    writing,
)
from conformance.contracts.open_attestation.judge.reading import KEYLESS
from conformance.contracts.open_attestation.model import view as view
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

SEES_REPEATED = True
RULES: tuple[Rule, ...] = (
    *writing.RULES,
    *clock.RULES,
    *bodies.RULES,
    *reading.RULES,
    *events.RULES,
    *unwritten.RULES,
    *protection.RULES,
    *identity.RULES,
)


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a plain write with the key, and a read that is not tried without it."""
    intent = exchange.intent
    op, credential = intent.get("op", ""), intent.get("credential", "key")
    if exchange.request.method == "POST":
        return Standing(
            op == "write" and credential == "key", op != "write" or credential != "key", speaks(exchange)
        )
    return Standing(op == "read" and intent.get("form") not in KEYLESS, False, speaks(exchange))
