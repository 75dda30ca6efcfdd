"""Puts the examination together: few requests, each of which answers several questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec

from conformance.contract import Contract, Effort, Settings
from conformance.doctor import answers, credentials, network, samples
from conformance.doctor.line import Line, Report, State, ok, problem, unknown
from conformance.doctor.samples import Seen, state_of
from conformance.doctor.witness import Witness
from conformance.errors import BudgetSpent, Postponed, Unreachable
from conformance.preflight import Preflight, Sample
from conformance.runner import Plan
from conformance.session import scope_of
from conformance.target import redactor_for
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange
from conformance.wire.failure import is_tls
from conformance.wire.redaction import Redactor

MOST = 10
"""How many requests an examination sends at most."""
MOST_SAMPLES = 8
LONGEST = 60.0
"""Seconds after which no further request is begun, unless --deadline says otherwise."""
PLANNED = {Effort.QUICK: 40, Effort.STANDARD: 120, Effort.DEEP: 1000}


def beforehand(contract: Contract, plan: Plan) -> list[Line]:
    """What can be told without sending anything: what is missing, and credentials that have ended."""
    scope = scope_of(contract, plan.settings, plan.narrowing)
    redactor = redactor_for(contract, plan.settings, plan.target, plan.route)
    found = credentials.lines(contract, plan.settings, plan.clock.time())
    return _clean([*found, *samples.wanting(contract, plan.settings, scope.outside)], redactor)


def examine(contract: Contract, plan: Plan) -> Report:
    """Look at the deployment that `plan` is about; raises UsageProblem for what cannot be asked."""
    offline = beforehand(contract, plan)
    redactor = redactor_for(contract, plan.settings, plan.target, plan.route)
    base_url = plan.target.base_url
    witness = Witness(base_url, plan.route, plan.limits.timeout)
    client = _client(plan, witness)
    try:
        contract.module("driver").Driver(client, plan.settings, redactor)
        asked = _Asked(contract, plan, client, _preflight(contract, plan.settings, base_url))
        found = network.lines(base_url, plan.route, plan.limits.timeout)
        if not any(one.about == "names" and one.state is State.PROBLEM for one in found):
            found += asked.lines(witness)
    finally:
        client.close()
    answered = any(one.response for one in client.exchanges)
    clean = _clean([*found, *offline], redactor)
    return Report(contract.name, redactor.text(base_url), tuple(clean), len(client.exchanges), answered)


def _client(plan: Plan, witness: Witness) -> Client:
    """A client that sends each request once, and few of them."""
    deadline = plan.limits.deadline or LONGEST
    limits = replace(plan.limits, max_requests=MOST, patience=0.0, concurrency=1, deadline=deadline)
    transport = plan.transport or witness
    headers = plan.target.headers
    return Client(plan.target.base_url, clock=plan.clock, limits=limits, headers=headers, transport=transport)


def _preflight(contract: Contract, settings: Settings, base_url: str) -> Preflight:
    """What the contract tells of itself; one that tells nothing has its base URL asked."""
    try:
        tells = find_spec(f"{contract.package}.preflight") is not None
    except ModuleNotFoundError:
        tells = False
    if not tells:
        return Preflight((), "", lambda document: "")
    found = contract.module("preflight").preflight(settings, base_url)
    assert isinstance(found, Preflight)
    return found


class _Asked:
    """The requests of one examination, and what they come to."""

    def __init__(self, contract: Contract, plan: Plan, client: Client, preflight: Preflight) -> None:
        self._contract = contract
        self._plan = plan
        self._client = client
        self._preflight = preflight
        self._stopped: Unreachable | BudgetSpent | None = None

    def lines(self, witness: Witness) -> list[Line]:
        """Send, and say what was seen."""
        named = self._preflight.samples[:MOST_SAMPLES]
        places = [one.path for one in named] or [self._preflight.unknown]
        shown = [one for path in places if (one := self._send(path)) is not None]
        bare = self._send(places[0], credential=False) if self._preflight.credential and shown else None
        return [*self._way(witness, shown), *self._said(named, shown, bare)]

    def _send(self, path: str, *, credential: bool = True) -> Exchange | None:
        """One GET; None once there is no use in asking."""
        if self._stopped:
            return None
        headers = self._preflight.headers + (self._preflight.credential if credential else ())
        try:
            return self._client.send("GET", path, headers=headers)
        except Postponed:
            return self._client.exchanges[-1]
        except (Unreachable, BudgetSpent) as stopped:
            self._stopped = stopped
            return None

    def _way(self, witness: Witness, shown: Sequence[Exchange]) -> Iterator[Line]:
        """What the first answer tells of the way to it."""
        now = self._plan.clock.time()
        if witness.agreed:
            if witness.agreed.tls:
                yield answers.tls_line(witness.agreed, self._plan.route, now)
            elif self._plan.route.client_cert:
                yield problem(
                    "TLS", "not spoken, so no client certificate is shown", "https:// in the base URL"
                )
            yield answers.http_line(witness.agreed)
        if self._stopped:
            about = "TLS" if witness.failure and is_tls(witness.failure) else "answers"
            yield problem(about, self._stopped.message, self._stopped.hint)
        if not shown:
            return
        hint = f"the base URL is {self._contract.base_hint}" if self._contract.base_hint else ""
        yield answers.place_line(shown[0], hint) or self._place(shown, hint)
        yield answers.clock_line(shown[0], self._plan.settings.clock_tolerance)
        effort = self._plan.settings.effort
        yield answers.limit_line(list(self._client.exchanges), PLANNED[effort])

    def _place(self, shown: Sequence[Exchange], hint: str) -> Line:
        """Whether anything here answers as the contract says."""
        if any(state_of(self._preflight, one) for one in shown):
            return ok("place", f"the answers are those of the {self._contract.title}")
        statuses = ", ".join(sorted({str(one.status or "no answer") for one in shown}))
        if all(one.status == 404 for one in shown) and self._preflight.samples:
            return problem("place", "everything is 404", hint or "check the base URL")
        return unknown("place", f"no answer shows what is there ({statuses})", hint)

    def _said(
        self, named: Sequence[Sample], shown: Sequence[Exchange], bare: Exchange | None
    ) -> Iterator[Line]:
        """What the answers tell of the credential and of the samples."""
        if self._preflight.credential and shown:
            about = f"--{self._contract.credential_input}"
            yield credentials.taken_line(self._contract, about, list(shown), bare)
        seen: list[Seen] = list(zip(named, shown, strict=False))
        yield from samples.lines(self._preflight, seen)
        left = len(self._preflight.samples) - len(seen)
        if left and shown:
            yield unknown("samples", f"{left} more were not looked at")


def _clean(found: Sequence[Line], redactor: Redactor) -> list[Line]:
    """Lines as they may leave the process."""
    return [
        Line(
            redactor.text(one.about), State(one.state), redactor.answer(one.text), redactor.answer(one.remedy)
        )
        for one in found
    ]
