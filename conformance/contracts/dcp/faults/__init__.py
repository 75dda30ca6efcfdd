"""Named defects of a credential request status, each with the requirements that have to catch it."""

from __future__ import annotations

from conformance.contracts.dcp.faults import (
    bodies,
    codes,
    contexts,
    leaks,
    members,
    moments,
    pids,
    refusals,
    states,
    tokens,
    unknown,
)
from conformance.defects import Fault

FAULTS: tuple[Fault, ...] = (
    *codes.fault.faults,
    *bodies.fault.faults,
    *members.fault.faults,
    *contexts.fault.faults,
    *states.fault.faults,
    *pids.fault.faults,
    *tokens.fault.faults,
    *refusals.fault.faults,
    *unknown.fault.faults,
    *leaks.fault.faults,
    *moments.fault.faults,
)
