"""What the exchanges say about the requirements of the grant status; sends nothing."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.tydids.judge import consistency, identity, samples, whose
from conformance.contracts.tydids.judge.reading import Reading, View, intent_of, view
from conformance.evidence import DENIED

RULES: tuple[Rule, ...] = (*samples.RULES, *consistency.RULES, *whose.RULES, *identity.RULES)

__all__ = ["DENIED", "RULES", "Reading", "View", "intent_of", "view"]
