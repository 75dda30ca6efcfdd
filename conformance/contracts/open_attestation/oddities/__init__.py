"""Legal peculiarities of a status deployment: a run against any of them is conformant."""

from __future__ import annotations

from conformance.contracts.open_attestation.oddities import answers, circumstances, delays, stores
from conformance.defects import Oddity

ODDITIES: tuple[Oddity, ...] = (
    *delays.ODDITIES,
    *stores.ODDITIES,
    *answers.ODDITIES,
    *circumstances.ODDITIES,
)
