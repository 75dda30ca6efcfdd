"""Which faults of the catalogue are found, which oddities are accused, and what that costs."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from compare import Cost, one_cost, say
from contenders import DEEP, QUICK, STANDARD
from measuring import Output

from conformance.contract import Effort
from conformance.outcome import Outcome, Verdict
from conformance.proof.cases import Case, cases, oddities, row, run_case
from conformance.registry import names

OURS = {QUICK: Effort.QUICK, STANDARD: Effort.STANDARD, DEEP: Effort.DEEP}


@dataclass(frozen=True)
class Detection:
    """What a contender said about one case: whether anything was wrong; `cost` where it was a command of its own."""

    contender: str
    case: Case
    alarmed: bool
    cost: Cost | None = None


def sample(size: int | None) -> list[Case]:
    """Faults and oddities, `size` of each kind and contract at random; those of the wire itself are left out."""
    found = []
    for contract in names():
        for kind in ("fault", "oddity"):
            of_kind = [case for case in cases(contract) if case.kind == kind and ".wire-" not in case.id]
            fewer = random.Random(1).sample(of_kind, min(size or len(of_kind), len(of_kind)))
            found += sorted(fewer, key=lambda case: case.id)
    return found


def side_by_side(contenders: Sequence[str], chosen: Sequence[Case]) -> list[Detection]:
    """Contenders as commands, one after the other, against deployments with a fault or an oddity."""
    return [_as_command(contender, case) for case in chosen for contender in contenders]


def _as_command(contender: str, case: Case) -> Detection:
    output = Output()
    cost = one_cost(contender, case, output=output)
    alarmed = told_by_us(case, output) if contender in OURS else told_by_others(contender, case, output)
    say(f"{case.id}: {contender}: {'alarm' if alarmed else 'quiet'} after {cost.measured.wall:.1f} s")
    return Detection(contender, case, alarmed, cost)


def told_by_us(case: Case, output: Output) -> bool:
    """Whether a run's results report a fault, or accuse an oddity of more than its entry in the catalogue says."""
    results = output.results or {"verdict": "none", "requirements": []}
    failed, warned = (
        tuple(one["id"] for one in results["requirements"] if one["outcome"] == outcome.value)
        for outcome in (Outcome.FAILED, Outcome.WARNED)
    )
    return _alarmed(case, results["verdict"], failed, warned)


def _alarmed(case: Case, verdict: str, failed: tuple[str, ...], warned: tuple[str, ...]) -> bool:
    """An oddity may warn where its catalogue entry says so."""
    if case.kind == "fault":
        return bool(failed or warned)
    allowed = oddities(case.contract)[case.id].warns
    return verdict != Verdict.CONFORMANT.value or bool(failed or set(warned) - set(allowed))


def told_by_others(contender: str, case: Case, output: Output) -> bool:
    """Whether kinds of failures are reported that are not reported for the healthy reference."""
    return bool(failures(output) - healthy(contender, case.contract))


@cache
def healthy(contender: str, contract: str) -> frozenset[str]:
    """The kinds of failures that a contender reports for the healthy reference."""
    output = Output()
    one_cost(contender, Case(contract, "healthy"), output=output)
    return failures(output)


def failures(output: Output) -> frozenset[str]:
    """The kinds of failures in the summary that one run printed."""
    return frozenset(re.findall(r"❌ (.+?): \d+", output.printed.rpartition("SUMMARY")[2]))


def in_process(contender: str, chosen: Sequence[Case], jobs: int) -> list[Detection]:
    """This suite, without sockets and on a virtual clock, against `chosen` cases."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_inside, [(contender, case) for case in chosen]))


def _inside(asked: tuple[str, Case]) -> Detection:
    contender, case = asked
    found = row(case, run_case(case, effort=OURS[contender]), OURS[contender])
    alarmed = _alarmed(case, found.verdict.value, found.failed, found.warned)
    say(f"{case.id}: {contender}: {'alarm' if alarmed else 'quiet'}")
    return Detection(contender, case, alarmed)
