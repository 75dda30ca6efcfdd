"""Named defects of a status deployment, each with the requirements that have to catch it."""

from __future__ import annotations

from conformance.contracts.open_attestation.faults import (
    bodies,
    clocks,
    doors,
    events,
    keys,
    leaks,
    moments,
    receipts,
    records,
    repeats,
    statuses,
    unwritten,
    values,
)
from conformance.defects import Fault

FAULTS: tuple[Fault, ...] = (
    *unwritten.fault.faults,
    *receipts.fault.faults,
    *statuses.fault.faults,
    *events.fault.faults,
    *records.fault.faults,
    *clocks.fault.faults,
    *values.fault.faults,
    *keys.fault.faults,
    *leaks.fault.faults,
    *bodies.fault.faults,
    *moments.fault.faults,
    *repeats.fault.faults,
    *doors.fault.faults,
)
