"""The judge of the Open Attestation Status API: pure functions of what was seen."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.open_attestation.history import KEYLESS
from conformance.contracts.open_attestation.history import view as view
from conformance.contracts.open_attestation.judge import clock, reading, relations, writing
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

SEES_REPEATED = True
RULES: tuple[Rule, ...] = (*relations.RULES, *writing.RULES, *clock.RULES, *reading.RULES)


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a plain write with the key, and a read that is not tried without it."""
    intent = exchange.intent
    op, credential = intent.get("op", ""), intent.get("credential", "key")
    if exchange.request.method == "POST":
        return Standing(
            op == "write" and credential == "key", op != "write" or credential != "key", speaks(exchange)
        )
    return Standing(op == "read" and intent.get("form") not in KEYLESS, False, speaks(exchange))
