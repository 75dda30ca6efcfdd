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
from conformance.contracts.open_attestation.model import view as view
from conformance.evidence import DENIED as _DENIED

DENIED = _DENIED | {403}
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
