"""Named defects of a grant status, each with the requirements that have to catch it."""

from __future__ import annotations

from conformance.contracts.tydids.faults import (
    bodies,
    codes,
    consensus,
    flapping,
    inputs,
    lookups,
    mixups,
    moments,
    nearly,
    nodes,
    silences,
    times,
    words,
)
from conformance.defects import Fault

FAULTS: tuple[Fault, ...] = (
    *codes.fault.faults,
    *words.fault.faults,
    *bodies.fault.faults,
    *consensus.fault.faults,
    *times.fault.faults,
    *inputs.fault.faults,
    *lookups.fault.faults,
    *mixups.fault.faults,
    *flapping.fault.faults,
    *moments.fault.faults,
    *nodes.fault.faults,
    *nearly.fault.faults,
    *silences.fault.faults,
)
