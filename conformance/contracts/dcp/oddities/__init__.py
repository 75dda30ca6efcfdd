"""Legal behaviours that unfair suites punish, each with the requirements that may warn."""

from __future__ import annotations

from conformance.contracts.dcp.oddities import circumstances, documents, ids, refusals, service, writing
from conformance.defects import Oddity

ODDITIES: tuple[Oddity, ...] = (
    *documents.oddity.oddities,
    *writing.oddity.oddities,
    *refusals.oddity.oddities,
    *ids.oddity.oddities,
    *service.oddity.oddities,
    *circumstances.oddity.oddities,
)
