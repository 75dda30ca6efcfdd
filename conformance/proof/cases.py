"""One case of the proof: the reference deployment with one peculiarity, judged in process or over a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from starlette.types import ASGIApp

from conformance.clock import Clock, SystemClock, VirtualClock
from conformance.contract import Contract, Effort, Inputs, Settings
from conformance.defects import Fault, Oddity
from conformance.efforts import most_requests
from conformance.outcome import Outcome, Run, Verdict
from conformance.proof.hopeless import HOPELESS, hopeless
from conformance.reference.storage import Database
from conformance.registry import find
from conformance.runner import Plan, run
from conformance.session import Narrowing
from conformance.showcase import faults_of, oddities_of
from conformance.target import parse
from conformance.wire.limits import Limits
from conformance.wire.route import Route

HOST = "http://reference.test"
NONCE = "proof"
START = 1_767_225_600.0
"""The beginning of 2026: in process it is always that moment, so that a case comes out the same every time."""


@dataclass(frozen=True, slots=True)
class Case:
    """Which contract, and what is peculiar: `kind` is healthy, fault, oddity or hopeless."""

    contract: str
    kind: str
    id: str = ""

    @property
    def name(self) -> str:
        """What it is called among all cases."""
        return self.id if self.kind in ("fault", "oddity") else f"{self.contract}.{self.id or self.kind}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a run against a case came to: the requirements with each outcome that matters, the circumstances found.

    `unstable` come out otherwise when the report of the run is judged again.
    """

    case: Case
    verdict: Verdict
    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    requests: int = 0
    effort: Effort = Effort.STANDARD
    unstable: tuple[str, ...] = ()

    @property
    def caught(self) -> tuple[str, ...]:
        """The requirements that report something wrong."""
        return self.failed + self.warned


@dataclass(frozen=True, slots=True)
class Setting:
    """How a case is run: mixins over the reference, inputs, settings, another place for the API, a wire."""

    behaviours: Sequence[type] = ()
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    base_path: str | None = None
    wire: str | None = None


@cache
def faults(contract: str) -> dict[str, Fault]:
    """The faults of a contract by id."""
    return {one.id: one for one in faults_of(find(contract))}


@cache
def oddities(contract: str) -> dict[str, Oddity]:
    """The oddities of a contract by id."""
    return {one.id: one for one in oddities_of(find(contract))}


def cases(contract: str) -> list[Case]:
    """Every case of a contract."""
    return [
        Case(contract, "healthy"),
        *(Case(contract, "fault", name) for name in faults(contract)),
        *(Case(contract, "oddity", name) for name in oddities(contract)),
        *(Case(contract, "hopeless", name) for name in HOPELESS),
    ]


def setting(case: Case) -> Setting:
    """How `case` is run."""
    if case.kind == "fault":
        return Setting((faults(case.contract)[case.id].behaviour,))
    if case.kind == "oddity":
        one = oddities(case.contract)[case.id]
        mixins = () if one.behaviour is object else (one.behaviour,)
        return Setting(mixins, one.inputs, one.settings, one.base_path, one.wire)
    return Setting()


def judge(case: Case, *, sockets: bool = False, rejudged: bool = True) -> Row:
    """Run the suite against `case`; against a fault with little effort first, and with more if that misses it.

    With `rejudged` what the report holds is judged again.
    """
    if case.kind == "fault":
        quick = run_case(case, sockets=sockets, effort=Effort.QUICK, again=False)
        first = row(case, quick, Effort.QUICK, rejudged=rejudged)
        if not missed(faults(case.contract)[case.id], first):
            return first
    return row(case, run_case(case, sockets=sockets, again=False), rejudged=rejudged)


def run_case(
    case: Case,
    *,
    sockets: bool = False,
    effort: Effort = Effort.STANDARD,
    only: tuple[str, ...] = (),
    again: bool = True,
    **changed: Any,
) -> Run:
    """The whole run against `case`: in process, without waiting, unless the case or `sockets` asks for a socket.

    A wire is judged in real time, so there it does not watch; all else on a virtual clock, which both sides share.
    `only` narrows the run to some requirements, with `again` findings are sent again, `changed` are settings that are
    not as usual.
    """
    contract, chosen = find(case.contract), setting(case)
    reference = contract.module("reference")
    base_path = chosen.base_path or reference.BASE_PATH
    inputs = {**reference.EXAMPLES, **chosen.inputs}
    usual = Settings(inputs=inputs, nonce=NONCE, effort=effort, watch=0.0 if chosen.wire else None)
    settings = replace(usual, **{**chosen.settings, **changed})
    plan = Plan(
        parse(HOST + base_path, contract),
        settings,
        Narrowing(only),
        limits=Limits(timeout=5.0, max_requests=most_requests(settings)),
        clock=_clock(chosen, sockets),
        again=again,
    )
    with Database(None) as database:
        app = application(case, base_path, inputs, database, plan.clock)
        return (
            _over_socket(contract, plan, app, chosen)
            if sockets or chosen.wire
            else _inside(contract, plan, app)
        )


def _clock(chosen: Setting, sockets: bool) -> Clock:
    """A server's Date header is real, so over a socket a virtual clock starts now."""
    if chosen.wire:
        return SystemClock()
    return VirtualClock() if sockets else VirtualClock(START)


def application(case: Case, base_path: str, inputs: Inputs, database: Database, clock: Clock) -> ASGIApp:
    """The deployment of a case."""
    from conformance.reference.application import Room, deployment

    if case.kind == "hopeless":
        return hopeless(case.contract, case.id)
    build = find(case.contract).module("reference").build
    inner = build(inputs, database=database, clock=clock, behaviours=setting(case).behaviours)
    return deployment([Room(case.contract, base_path, inner)])


def _inside(contract: Contract, plan: Plan, app: ASGIApp) -> Run:
    from conformance.reference.inprocess import InProcessTransport

    return run(contract, replace(plan, transport=InProcessTransport(app)))


def _over_socket(contract: Contract, plan: Plan, app: ASGIApp, chosen: Setting) -> Run:
    from conformance.reference.wires import serving_over

    base_path = plan.target.base_url.removeprefix(HOST)
    with serving_over(chosen.wire, app) as place:
        target = parse(place.base_url + base_path, contract)
        return run(contract, replace(plan, target=target, route=Route(ca_file=place.certificate)))


def row(case: Case, done: Run, effort: Effort = Effort.STANDARD, *, rejudged: bool = True) -> Row:
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
        circumstances=tuple(dict.fromkeys(one.cause for one in done.diagnosis if not one.requirements)),
        requests=len(done.exchanges),
        effort=effort,
        unstable=_unstable(case, done) if rejudged else (),
    )


def _unstable(case: Case, done: Run) -> tuple[str, ...]:
    """The requirements that come out otherwise when what the report holds is judged again."""
    from conformance.rejudging import rejudge
    from conformance.report import results

    contexts = setting(case).settings.get("jsonld_contexts", {})
    return tuple(one.requirement for one in rejudge(results.read(results.render(done)), contexts))


def complaints(contract: Contract, row: Row) -> list[str]:
    """What is wrong with a row: a fault missed, somebody accused wrongly, a hopeless server passed."""
    wrong = (
        [f"{row.case.id or 'healthy'}: the suite itself failed in {', '.join(row.errors)}"]
        if row.errors
        else []
    )
    wrong += [f"{row.case.name}: {one} comes out otherwise when it is judged again" for one in row.unstable]
    if row.case.kind == "fault":
        return wrong + _about_fault(faults(contract.name)[row.case.id], row)
    if row.case.kind == "hopeless":
        return wrong + _about_hopeless(contract, row)
    odd = oddities(contract.name)[row.case.id] if row.case.kind == "oddity" else Oddity("healthy", "")
    return wrong + _about_the_innocent(odd, row)


def missed(fault: Fault, row: Row) -> list[str]:
    """The requirements that ought to have reported a fault and did not."""
    return [one for one in fault.must if one not in row.caught]


def _about_the_innocent(odd: Oddity, row: Row) -> list[str]:
    """Whether nobody is accused, and what befell the run, if anything had to, is found and leaves it open."""
    wrong = []
    if row.verdict is not expected(odd):
        wrong.append(f"{odd.id}: the verdict is {row.verdict}, failed: {', '.join(row.failed) or 'none'}")
    befell = (odd.circumstance,) if odd.circumstance else ()
    if row.circumstances != befell:
        wrong.append(f"{odd.id}: befallen by {', '.join(row.circumstances) or 'nothing'}")
    return wrong + [f"{odd.id}: {one} warns" for one in row.warned if one not in odd.warns]


def expected(odd: Oddity) -> Verdict:
    """The verdict on an odd but right deployment: a circumstance leaves it open."""
    return Verdict.INCOMPLETE if odd.circumstance else Verdict.CONFORMANT


def _about_fault(fault: Fault, row: Row) -> list[str]:
    known = fault.must + fault.may
    wrong = [one for one in row.caught if one not in known]
    return [
        *(f"{fault.id}: not caught by {one}" for one in missed(fault, row)),
        *(f"{fault.id}: wrongly reported by {one}" for one in wrong),
    ]


def _about_hopeless(contract: Contract, row: Row) -> list[str]:
    wrong = [f"{row.case.id}: called conformant"] if row.verdict is Verdict.CONFORMANT else []
    negative = contract.negatives
    return wrong + [f"{row.case.id}: {one} is passed vacuously" for one in row.passed if one in negative]
