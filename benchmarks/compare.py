"""Costs, detection and latency of this suite and of schemathesis, side by side on the same deployments."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import Any

from contenders import CONTENDERS, DEEP, DEFAULT, EVERYTHING, QUICK, STANDARD, inputs
from measuring import Measured, deployment, measure

from conformance.proof.cases import Case, cases
from conformance.registry import names

LATENCIES = (0.0, 0.01, 0.05, 0.2)
PATIENT = 0.2
OURS = (QUICK, STANDARD, DEEP)
SLOW = (DEEP, EVERYTHING)


@dataclass(frozen=True)
class Cost:
    """One run of a contender: what it cost, and how much the deployment was asked."""

    contender: str
    contract: str
    measured: Measured
    requests: int
    writes: int
    example_writes: int


def one_cost(
    contender: str,
    contract: str,
    kind: str = "healthy",
    name: str = "",
    latency: float = 0.0,
    output: list[str] | None = None,
) -> Cost:
    """Run one contender against one deployment; what it prints goes to `output`."""
    with deployment(contract, kind, name, latency) as server:
        measured = measure(CONTENDERS[contender](contract, server.base_url), output)
    counts = server.counts
    return Cost(contender, contract, measured, counts["requests"], counts["writes"], counts["example_writes"])


def costs(rounds: int, contenders: Sequence[str] = tuple(CONTENDERS)) -> list[Cost]:
    """Every contender against every healthy reference, in turns, so that a drift of the machine hits all alike.

    The slow ones only once.
    """
    found = []
    for number in range(rounds):
        for contract in names():
            for contender in contenders:
                if number and contender in SLOW:
                    continue
                found.append(one_cost(contender, contract))
                _say(f"cost {number + 1}/{rounds} {contract}: {contender}")
    return found


def latencies(contenders: Sequence[str] = (QUICK, STANDARD, DEFAULT)) -> list[tuple[float, Cost]]:
    """Contenders against healthy references that answer late.

    The contracts are measured at the same time where nearly all of it is waiting.
    """
    found = []
    for wait in LATENCIES:
        with ThreadPoolExecutor(len(names()) if wait >= PATIENT else 1) as pool:
            wanted = [(contender, contract, wait) for contender in contenders for contract in names()]
            found += [(wait, cost) for cost in pool.map(lambda one: _late(*one), wanted)]
    return found


def _late(contender: str, contract: str, wait: float) -> Cost:
    found = one_cost(contender, contract, latency=wait)
    _say(f"latency {wait * 1000:.0f} ms {contract}: {contender}")
    return found


@dataclass(frozen=True)
class Detection:
    """What a contender said about one case: whether anything was wrong; `wire` tells that it met it over a socket."""

    contender: str
    case: Case
    alarmed: bool
    wire: bool


def sample(size: int | None) -> list[Case]:
    """Faults and oddities, `size` of each kind and contract at random; those of the wire itself are left out."""
    found = []
    for contract in names():
        for kind in ("fault", "oddity"):
            of_kind = [case for case in cases(contract) if case.kind == kind and ".wire-" not in case.id]
            fewer = random.Random(1).sample(of_kind, min(size or len(of_kind), len(of_kind)))
            found += sorted(fewer, key=lambda case: case.id)
    return found


def detections(contenders: Sequence[str], chosen: Sequence[Case], jobs: int) -> list[Detection]:
    """Contenders, over sockets, against deployments with a fault or an oddity."""
    return _judged([(contender, case, True) for case in chosen for contender in contenders], jobs)


def in_process(contender: str, chosen: Sequence[Case], jobs: int) -> list[Detection]:
    """This suite, without sockets and on a virtual clock, against `chosen` cases."""
    return _judged([(contender, case, False) for case in chosen], jobs)


def _judged(wanted: Sequence[tuple[str, Case, bool]], jobs: int) -> list[Detection]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_detect, wanted))


def _detect(asked: tuple[str, Case, bool]) -> Detection:
    contender, case, wire = asked
    alarmed = told_by_us(contender, case, wire) if contender in OURS else told_by_others(contender, case)
    _say(f"{case.id}: {contender}: {'alarm' if alarmed else 'quiet'}")
    return Detection(contender, case, alarmed, wire)


def told_by_us(contender: str, case: Case, wire: bool) -> bool:
    """Whether a run reports a fault, or accuses an oddity of more than its entry in the catalogue says."""
    from suite import said

    return any(said(case, contender.rpartition(" ")[2], sockets=wire))


def told_by_others(contender: str, case: Case) -> bool:
    """Whether kinds of failures are reported that are not reported for the healthy reference."""
    return bool(failures(contender, case.contract, case.kind, case.id) - healthy(contender, case.contract))


@cache
def healthy(contender: str, contract: str) -> frozenset[str]:
    """The kinds of failures that a contender reports for the healthy reference."""
    return failures(contender, contract, "healthy", "")


def failures(contender: str, contract: str, kind: str, name: str) -> frozenset[str]:
    """The kinds of failures in the summary of one run."""
    output: list[str] = []
    one_cost(contender, contract, kind, name, output=output)
    summary = output[0].rpartition("SUMMARY")[2]
    return frozenset(re.findall(r"❌ (.+?): \d+", summary))


def floors(count: int = 120) -> dict[str, Measured]:
    """Bare clients, as many requests as a standard run sends."""
    from measuring import BIN, HERE

    found = {}
    with deployment("tydids", "healthy") as server:
        url = f"{server.base_url}/tydids/status?identity={inputs('tydids')['granted'][0]}"
        for client in ("http.client", "httpx"):
            command = [str(BIN / "python"), str(HERE / "floor.py"), client, url, str(count)]
            found[client] = measure(command)
    return found


def as_data(value: Any) -> Any:
    """Dataclasses as JSON."""
    import dataclasses

    return dataclasses.asdict(value)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
