"""Rules: pure functions that decide requirements; what needs several answers at once is decided by its causes."""

from __future__ import annotations

from conformance.contract import Rule
from conformance.contracts.dcp.rules import leaks, meaning, message, offer, relations

RULES: tuple[Rule, ...] = (*message.RULES, *meaning.RULES, *relations.RULES, *leaks.RULES, *offer.RULES)
