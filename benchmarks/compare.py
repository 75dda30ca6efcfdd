"""Costs, detection and latency of this suite and of schemathesis, side by side on the same deployments."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from contenders import CONTENDERS, DEEP, DEFAULT, EVERYTHING, QUICK, STANDARD, inputs
from measuring import Measured, deployment, measure

from conformance.proof.cases import Case, cases
from conformance.registry import names

LATENCIES = (0.0, 0.01, 0.05, 0.2)
OURS = (QUICK, STANDARD, DEEP)


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
    contender: str, contract: str, kind: str = "healthy", name: str = "", latency: float = 0.0
) -> Cost:
    """Run one contender against one deployment."""
    with deployment(contract, kind, name, latency) as server:
        measured = measure(CONTENDERS[contender](contract, server.base_url))
    counts = server.counts
    return Cost(contender, contract, measured, counts["requests"], counts["writes"], counts["example_writes"])


def costs(rounds: int, contenders: Sequence[str] = tuple(CONTENDERS)) -> list[Cost]:
    """Every contender against every healthy reference, in turns, so that a drift of the machine hits all alike."""
    found = []
    for number in range(rounds):
        for contract in names():
            for contender in contenders:
                found.append(one_cost(contender, contract))
                _say(f"cost {number + 1}/{rounds} {contract}: {contender}")
    return found


def latencies(
    rounds: int, contenders: Iterable[str] = (QUICK, STANDARD, DEFAULT)
) -> list[tuple[float, Cost]]:
    """Contenders against healthy references that answer late."""
    found = []
    for latency in LATENCIES:
        for contract in names():
            for contender in contenders:
                found += [(latency, one_cost(contender, contract, latency=latency)) for _ in range(rounds)]
                _say(f"latency {latency * 1000:.0f} ms {contract}: {contender}")
    return found


@dataclass(frozen=True)
class Detection:
    """What a contender said about one case: whether anything was wrong."""

    contender: str
    case: Case
    alarmed: bool


def detections(contenders: Sequence[str], sample: int | None, jobs: int) -> list[Detection]:
    """Contenders against the faults and oddities, all of them or a random `sample` of each contract's."""
    wanted = [
        (contender, case)
        for contract in names()
        for case in _chosen(contract, sample)
        for contender in contenders
    ]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda pair: _detect(*pair, total=len(wanted)), wanted))


def _chosen(contract: str, sample: int | None) -> list[Case]:
    found = []
    for kind in ("fault", "oddity"):
        of_kind = [case for case in cases(contract) if case.kind == kind and ".wire-" not in case.id]
        found += of_kind if sample is None else random.Random(1).sample(of_kind, min(sample, len(of_kind)))
    return found


def _detect(contender: str, case: Case, total: int) -> Detection:
    """A conformant run with warnings counts as an alarm for a fault that breaks only a SHOULD."""
    if contender in OURS:
        from suite import alarmed

        found = alarmed(case, contender.rpartition(" ")[2])
    else:
        cost = one_cost(contender, case.contract, case.kind, case.id)
        found = cost.measured.code != 0
    _say(f"detection ({total}) {case.id}: {contender}: {'alarm' if found else 'quiet'}")
    return Detection(contender, case, found)


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


__all__ = ["DEEP", "DEFAULT", "EVERYTHING", "QUICK", "STANDARD", "costs", "detections", "floors", "latencies"]
