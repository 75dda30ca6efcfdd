"""Every fault's reproduction, run by `sh` against a fresh deployment that has the fault, and judged from what came."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context
from urllib.parse import unquote, urlsplit

from conformance.contract import Settings
from conformance.outcome import Diagnosis, Finding, Outcome, Run
from conformance.proof.cases import NONCE, Case, faults, run_case, setting
from conformance.proof.sockets import recorded_case
from conformance.registry import find
from conformance.report.script import history_of, render
from conformance.reproduction.history import shows, steps
from conformance.wire.exchange import Exchange

SECONDS = 120
MOST_MARKED = 0.03
"""The share of faults that may be marked as not reproducible."""


class Seen(StrEnum):
    """What came of a fault's script."""

    SHOWN = "shown"
    MARKED = "marked as not reproducible"
    MISSED = "not shown, though the run says that it can be reproduced"
    NOTHING = "nothing to run: the run did not find the fault"


@dataclass(frozen=True, slots=True)
class Tried:
    """A fault with what came of its script."""

    fault: str
    seen: Seen
    cause: str = ""


def tries(names: Sequence[str], jobs: int | None = None) -> list[Tried]:
    """Try the script of every fault of the contracts called so."""
    wanted = [Case(name, "fault", fault) for name in names for fault in faults(name)]
    with ProcessPoolExecutor(jobs or (os.cpu_count() or 1) + 1, mp_context=get_context("spawn")) as pool:
        return list(pool.map(attempt, wanted))


def attempt(case: Case) -> Tried:
    """Run the script of the gravest cause that the fault has to show."""
    run = run_case(case)
    must = faults(case.contract)[case.id].must
    mine = [one for one in run.diagnosis if set(one.requirements) & set(must)]
    found = next((one for one in mine if one.reproduced), next(iter(mine), None))
    if found is None:
        return Tried(case.id, Seen.NOTHING)
    if not found.reproduced:
        return Tried(case.id, Seen.MARKED, found.cause)
    return Tried(case.id, Seen.SHOWN if _shown(case, run, found) else Seen.MISSED, found.cause)


def _shown(case: Case, run: Run, cause: Diagnosis) -> bool:
    contract = find(case.contract)
    reference = contract.module("reference")
    inputs = {**reference.EXAMPLES, **setting(case).inputs}
    secrets = {
        one.variable: inputs[one.name][0] for one in contract.inputs if one.secret and one.name in inputs
    }
    history = history_of(run, cause)
    with recorded_case(case) as (base, recorder):
        subprocess.run(
            ["sh"],
            input=render(run, cause, history).encode(),
            env={**os.environ, **secrets, "BASE_URL": base},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        sent = list(recorder.exchanges)
    made = [_meant(one, step.exchange) for one, step in zip(sent, steps(history), strict=False)]
    settings = Settings(inputs=inputs, nonce=NONCE)
    return any(shows(contract, settings, one)(made) for one in _findings(run, cause))


def _findings(run: Run, cause: Diagnosis) -> Iterable[Finding]:
    """What the cause was found by."""
    wrong = (Outcome.FAILED, Outcome.WARNED)
    for result in run.results:
        if result.requirement.id in cause.requirements:
            yield from (one for one in result.findings if one.outcome in wrong)


def _meant(sent: Exchange, recorded: Exchange) -> Exchange:
    """What a shell sent, with what was meant by it; the fresh hash stands in its URL."""
    intent = dict(recorded.intent)
    if "hash" in intent:
        intent["hash"] = unquote(urlsplit(sent.request.url).path.rpartition("/")[2])
    return replace(sent, intent=intent, part=recorded.part, check=recorded.check, writes=recorded.writes)


def report(done: Sequence[Tried]) -> tuple[list[str], bool]:
    """Lines about what was tried, and whether it is good enough."""
    marked = [one for one in done if one.seen is Seen.MARKED]
    wrong = [one for one in done if one.seen in (Seen.MISSED, Seen.NOTHING)]
    lines = [f"{one.fault}: {one.seen} ({one.cause})" for one in (*wrong, *marked)]
    lines.append(
        f"reproductions shown by sh: {len(done) - len(marked) - len(wrong)} / {len(done)}, {len(marked)} marked"
    )
    return lines, not wrong and len(marked) <= MOST_MARKED * len(done)
