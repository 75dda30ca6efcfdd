"""Rules that hold where the OPTIONAL endpoint is offered at all."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract import Rule, rule
from conformance.contracts.dcp.model import View
from conformance.outcome import Assessment


def offered(*requirements: str) -> Callable[[Callable[[View, Assessment], None]], Rule]:
    """Make a function the rule that decides `requirements`, where the endpoint is offered at all."""

    def wrap(decide: Callable[[View, Assessment], None]) -> Rule:
        def guarded(seen: View, assessment: Assessment) -> None:
            if not seen.absence:
                return decide(seen, assessment)
            exchanges = [read.exchange for read in seen.reads]
            for requirement in requirements:
                assessment.unclear(requirement, *exchanges, message=seen.absence)
            return None

        return rule(*requirements)(guarded)

    return wrap
