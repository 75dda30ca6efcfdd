"""What a run of this suite at some effort says about a case."""

from __future__ import annotations

from conformance.contract import Effort
from conformance.outcome import Verdict
from conformance.proof.cases import Case, oddities, row, run_case


def said(case: Case, effort: str, *, sockets: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The requirements that failed and that warned; an oddity may warn where its catalogue entry says so."""
    chosen = Effort(effort)
    found = row(case, run_case(case, sockets=sockets, effort=chosen), chosen)
    if case.kind == "fault":
        return found.failed, found.warned
    allowed = oddities(case.contract)[case.id].warns
    failed = found.failed or (() if found.verdict is Verdict.CONFORMANT else (found.verdict.value,))
    return failed, tuple(name for name in found.warned if name not in allowed)
