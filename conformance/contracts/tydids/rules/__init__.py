"""What the answers to the grant status are held to, requirement by requirement."""

from __future__ import annotations

from typing import Final

from conformance.contract import Rule
from conformance.contracts.tydids.rules import answers, notes, verdicts

RULES: Final[tuple[Rule, ...]] = (*answers.RULES, *verdicts.RULES, *notes.RULES)
