"""One case of the proof: the reference deployment with one peculiarity, judged in process on a virtual clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp

from conformance.clock import VirtualClock
from conformance.contract import Contract, Settings
from conformance.defects import Fault, Oddity
from conformance.outcome import Outcome, Run, Verdict
from conformance.proof.hopeless import HOPELESS, hopeless
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.target import parse
from conformance.wire.limits import Limits

HOST = "http://reference.test"
NONCE = "proof"


@dataclass(frozen=True, slots=True)
class Case:
    """Which contract, and what is peculiar: `kind` is healthy, fault, oddity or hopeless."""

    contract: str
    kind: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What a run against a case came to: the requirements with each outcome that matters."""

    case: Case
    verdict: Verdict
    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    requests: int = 0

    @property
    def caught(self) -> tuple[str, ...]:
        """The requirements that report something wrong."""
        return self.failed + self.warned


@dataclass(frozen=True, slots=True)
class Setting:
    """How a case is run: mixins over the reference, inputs, settings, another place for the API."""

    behaviours: Sequence[type] = ()
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    base_path: str | None = None


@lru_cache(maxsize=None)
def faults(contract: str) -> dict[str, Fault]:
    """The faults of a contract by id."""
    return {one.id: one for one in find(contract).module("faults").FAULTS}


@lru_cache(maxsize=None)
def oddities(contract: str) -> dict[str, Oddity]:
    """The oddities of a contract by id."""
    return {one.id: one for one in find(contract).module("oddities").ODDITIES}


def cases(contract: str) -> list[Case]:
    """Every case of a contract that can be judged in process."""
    return [
        Case(contract, "healthy"),
        *(Case(contract, "fault", name) for name in faults(contract)),
        *(Case(contract, "oddity", name) for name, one in oddities(contract).items() if one.wire is None),
        *(Case(contract, "hopeless", name) for name in HOPELESS),
    ]


def setting(case: Case) -> Setting:
    """How `case` is run."""
    if case.kind == "fault":
        return Setting((faults(case.contract)[case.id].behaviour,))
    if case.kind == "oddity":
        one = oddities(case.contract)[case.id]
        mixins = () if one.behaviour is object else (one.behaviour,)
        return Setting(mixins, one.inputs, one.settings, one.base_path)
    return Setting()


def judge(case: Case) -> Row:
    """Run the suite against `case`, in process."""
    return row(case, run_case(case))


def run_case(case: Case) -> Run:
    """The whole run against `case`, in process, without waiting."""
    from conformance.reference.application import Room, deployment
    from conformance.reference.inprocess import InProcessTransport
    from conformance.reference.storage import Database

    contract, chosen = find(case.contract), setting(case)
    reference, clock = contract.module("reference"), VirtualClock()
    base_path = chosen.base_path or reference.BASE_PATH
    inputs = {**reference.EXAMPLES, **chosen.inputs}
    with Database(None) as database:
        if case.kind == "hopeless":
            app: ASGIApp = hopeless(contract.name, case.id)
        else:
            inner = reference.build(inputs, database=database, clock=clock, behaviours=chosen.behaviours)
            app = deployment([Room(contract.name, base_path, inner)])
        plan = Plan(
            parse(HOST + base_path, contract),
            replace(Settings(inputs=inputs, nonce=NONCE), **dict(chosen.settings)),
            limits=Limits(timeout=5.0),
            transport=InProcessTransport(app),
            clock=clock,
        )
        return run(contract, plan)


def row(case: Case, done: Run) -> Row:
    """A run as a row of the proof."""

    def ids(*outcomes: Outcome) -> tuple[str, ...]:
        return tuple(result.requirement.id for result in done.with_outcome(*outcomes))

    return Row(
        case=case,
        verdict=done.verdict,
        failed=ids(Outcome.FAILED),
        warned=ids(Outcome.WARNED),
        undecided=ids(Outcome.INCONCLUSIVE, Outcome.SKIPPED),
        passed=ids(Outcome.PASSED),
        errors=ids(Outcome.ERROR),
        requests=len(done.exchanges),
    )


def complaints(contract: Contract, row: Row) -> list[str]:
    """What is wrong with a row: a fault missed, somebody accused wrongly, a hopeless server passed."""
    wrong = [f"{row.case.id or 'healthy'}: the suite itself failed in {', '.join(row.errors)}"] if row.errors else []
    if row.case.kind == "fault":
        return wrong + _about_fault(faults(contract.name)[row.case.id], row)
    if row.case.kind == "hopeless":
        return wrong + _about_hopeless(contract, row)
    allowed = oddities(contract.name)[row.case.id].warns if row.case.kind == "oddity" else ()
    name = row.case.id or "healthy"
    if row.verdict is not Verdict.CONFORMANT:
        wrong.append(f"{name}: the verdict is {row.verdict}, failed: {', '.join(row.failed) or 'none'}")
    extra = [one for one in row.warned if one not in allowed]
    return wrong + [f"{name}: {one} warns" for one in extra]


def _about_fault(fault: Fault, row: Row) -> list[str]:
    missed = [f"{fault.id}: not caught by {one}" for one in fault.must if one not in row.caught]
    known = fault.must + fault.may
    return missed + [f"{fault.id}: wrongly reported by {one}" for one in row.caught if one not in known]


def _about_hopeless(contract: Contract, row: Row) -> list[str]:
    wrong = [f"{row.case.id}: called conformant"] if row.verdict is Verdict.CONFORMANT else []
    negative = contract.negatives
    return wrong + [f"{row.case.id}: {one} is passed vacuously" for one in row.passed if one in negative]
