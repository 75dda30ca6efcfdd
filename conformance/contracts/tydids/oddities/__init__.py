"""Legal peculiarities of a grant status: a run against any of them is conformant."""

from __future__ import annotations

from conformance.contracts.tydids.oddities import answers, circumstances, gateways, pace, values
from conformance.defects import Oddity

ODDITIES: tuple[Oddity, ...] = (
    *answers.ODDITIES,
    *values.ODDITIES,
    *pace.ODDITIES,
    *circumstances.ODDITIES,
    *gateways.ODDITIES,
)
