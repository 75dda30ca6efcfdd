"""Whether a run of this suite at some effort raises an alarm about a case."""

from __future__ import annotations

from conformance.contract import Effort
from conformance.proof.cases import Case, judge, oddities


def alarmed(case: Case, effort: str) -> bool:
    """For a fault: whether anything is failed or warned. For an oddity: whether it is accused.

    An oddity may warn where its catalogue entry says so.
    """
    row = judge(case, Effort(effort))
    if case.kind == "fault":
        return bool(row.caught)
    allowed = oddities(case.contract)[case.id].warns
    return row.verdict != "conformant" or any(name not in allowed for name in row.warned)
