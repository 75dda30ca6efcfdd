"""What runs of this suite and of schemathesis cost, side by side on the same healthy deployments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, DEEP, DEFAULT, EVERYTHING, QUICK, STANDARD, SUITE, inputs, table
from measuring import BIN, HERE, Measured, Output, deployment, measure

from conformance.proof.cases import Case
from conformance.registry import names

LATENCIES = (0.0, 0.01, 0.05, 0.2)
PATIENT = 0.2
SLOW = (DEEP, EVERYTHING)
HEALTHY = tuple(Case(name, "healthy") for name in names())


@dataclass(frozen=True)
class Cost:
    """One run of a contender: what it cost, and how much the deployment was asked."""

    contender: str
    contract: str
    measured: Measured
    requests: int
    writes: int
    example_writes: int


def one_cost(contender: str, case: Case, latency: float = 0.0, output: Output | None = None) -> Cost:
    """Run one contender against one deployment; what it leaves goes to `output`."""
    with deployment(case, latency) as server:
        measured = measure(CONTENDERS[contender](case, server.base_url), output)
    counts = server.counts
    return Cost(
        contender, case.contract, measured, counts["requests"], counts["writes"], counts["example_writes"]
    )


def costs(rounds: int, contenders: Sequence[str] = tuple(CONTENDERS)) -> list[Cost]:
    """Every contender against every healthy reference, in turns, so that a drift of the machine hits all alike.

    The slow ones only once.
    """
    found = []
    for number in range(rounds):
        for case in HEALTHY:
            for contender in contenders:
                if number and contender in SLOW:
                    continue
                found.append(one_cost(contender, case))
                say(f"cost {number + 1}/{rounds} {case.contract}: {contender}")
    return found


@dataclass(frozen=True)
class Together:
    """Seconds until all three contracts are judged: in one command, one command after the other, three at once."""

    contender: str
    one_command: float | None
    in_turn: float
    at_once: float


def together(rounds: int) -> list[Together]:
    """All three contracts, by this suite and by schemathesis in turns; schemathesis has no command for several."""
    found = []
    with ExitStack() as stack:
        places = [(case, stack.enter_context(deployment(case)).base_url) for case in HEALTHY]
        for number in range(rounds):
            for contender in (STANDARD, DEFAULT):
                commands = [CONTENDERS[contender](case, base_url) for case, base_url in places]
                one = _fleet(places) if contender == STANDARD else None
                in_turn = sum(measure(command).wall for command in commands)
                found.append(Together(contender, one, in_turn, _at_once(commands)))
                say(f"together {number + 1}/{rounds}: {contender}")
    return found


def _fleet(places: Sequence[tuple[Case, str]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "deployments.toml"
        config.write_text(
            "\n".join(table(case.contract, case, url) for case, url in places), encoding="utf-8"
        )
        return measure([SUITE, "run", "--all", "--config", str(config)]).wall


def _at_once(commands: Sequence[Sequence[str]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        processes = [
            subprocess.Popen(one, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for one in commands
        ]
        for process in processes:
            process.wait()
        return time.perf_counter() - began


def latencies(contenders: Sequence[str] = (QUICK, STANDARD, DEFAULT)) -> list[tuple[float, Cost]]:
    """Contenders against healthy references that answer late.

    The contracts are measured at the same time where nearly all of it is waiting.
    """
    found = []
    for wait in LATENCIES:
        with ThreadPoolExecutor(len(HEALTHY) if wait >= PATIENT else 1) as pool:
            wanted = [(contender, case, wait) for contender in contenders for case in HEALTHY]
            found += [(wait, cost) for cost in pool.map(lambda one: _late(*one), wanted)]
    return found


def _late(contender: str, case: Case, wait: float) -> Cost:
    found = one_cost(contender, case, wait)
    say(f"latency {wait * 1000:.0f} ms {case.contract}: {contender}")
    return found


def floors(count: int = 120) -> dict[str, Measured]:
    """Bare clients, as many requests as a standard run sends."""
    found = {}
    case = Case("tydids", "healthy")
    with deployment(case) as server:
        url = f"{server.base_url}/tydids/status?identity={inputs(case)['granted'][0]}"
        for client in ("http.client", "httpx"):
            command = [str(BIN / "python"), str(HERE / "floor.py"), client, url, str(count)]
            found[client] = measure(command)
    return found


def as_data(value: Any) -> Any:
    """Dataclasses as JSON."""
    return asdict(value)


def say(text: str) -> None:
    """Tell how far the benchmark is."""
    print(text, file=sys.stderr, flush=True)
