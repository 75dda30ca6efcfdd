"""Proof that a narrowed run finds about a requirement what the full run finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

from conformance.contract import Effort
from conformance.outcome import Outcome, Run
from conformance.proof.cases import Case, Row, faults, run_case

Pair = tuple[Case, str, Effort]
"""A fault, a requirement that has to report it, and the effort that it takes."""


def pairs(done: Iterable[Row]) -> list[Pair]:
    """Every fault with each requirement that has to report it."""
    return [
        (row.case, name, row.effort)
        for row in done
        if row.case.kind == "fault"
        for name in faults(row.case.contract)[row.case.id].must
    ]


def difference(pair: Pair) -> str:
    """What a run with --only finds otherwise about the requirement than the full run; empty when it agrees."""
    case, name, effort = pair
    full = _outcome(_full(case, effort), name)
    narrowed = _outcome(run_case(case, effort=effort, only=(name,)), name)
    return "" if full is narrowed else f"{case.id}: {name} is {full}, and {narrowed} with --only"


@lru_cache(maxsize=4)
def _full(case: Case, effort: Effort) -> Run:
    return run_case(case, effort=effort)


def _outcome(done: Run, name: str) -> Outcome:
    return next(one.outcome for one in done.results if one.requirement.id == name)


def differences(chosen: Sequence[Pair], jobs: int) -> list[str]:
    """The differences of all pairs, several at once."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return [one for one in pool.map(difference, chosen, chunksize=4) if one]
