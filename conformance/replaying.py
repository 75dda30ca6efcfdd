"""Sends the reproduction of a recorded cause again, and says whether it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.evidence import Answer, answer
from conformance.outcome import Diagnosis, Finding, Outcome, Run
from conformance.reproduction.again import send_again
from conformance.reproduction.fresh import fresh, ids_of, renamed
from conformance.reproduction.history import shows, steps
from conformance.wire.client import Client
from conformance.wire.exchange import Exchange
from conformance.wire.redaction import Redactor

LEFT = re.compile(r"\$\{?([A-Z_][A-Z0-9_]*)|\$\(")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came when a history was sent again; `shown` is None where that decides nothing."""

    finding: Finding
    exchanges: tuple[Exchange, ...]
    shown: bool | None


def cause_of(run: Run, name: str) -> Diagnosis:
    """The cause called `name`, or the gravest of the requirement called so; raises UsageProblem when there is none."""
    wanted = name.strip().casefold()
    known = [one for one in run.diagnosis if one.reproduction]
    for one in known:
        if wanted in (one.cause.casefold(), *map(str.casefold, one.requirements)):
            return one
    names = ", ".join(dict.fromkeys(text for one in known for text in (one.cause, *one.requirements)))
    hint = f"there are: {names}" if names else "nothing in this run was found to be wrong"
    raise UsageProblem(f"these results have no history of {name}", hint=hint)


def replay(
    contract: Contract, run: Run, cause: Diagnosis, settings: Settings, client: Client, redactor: Redactor
) -> Replayed:
    """Send the history of `cause` once more, on fresh ids and below the client's base URL; raises WireProblem."""
    finding = _finding(run, cause)
    known = {one.number: one for one in run.exchanges}
    history = [known[number] for number in cause.reproduction]
    named = [value for values in settings.inputs.values() for value in values]
    new = {one.value: one.make(f"{settings.nonce}:replay") for one in fresh(ids_of(history, named))}
    todo = [
        replace(
            step, exchange=_revealed(renamed(step.exchange, new, run.base_url, client.base_url), redactor)
        )
        for step in steps(history)
    ]
    made = send_again(client, todo)
    return Replayed(finding, tuple(made), _shown(contract, settings, finding, made))


def _finding(run: Run, cause: Diagnosis) -> Finding:
    found = (
        one
        for result in run.results
        for one in result.findings
        if one.requirement in cause.requirements and one.cause in ("", cause.cause)
    )
    wrong = [one for one in found if one.outcome in (Outcome.FAILED, Outcome.WARNED)]
    if not wrong:
        raise UsageProblem(f"these results have no finding about {cause.cause}")
    return wrong[0]


def _revealed(exchange: Exchange, redactor: Redactor) -> Exchange:
    """The exchange with secrets in the place of their expressions; raises UsageProblem when one is not known."""
    request = exchange.request
    headers = tuple((name, redactor.revealed(value)) for name, value in request.headers)
    missing = [found for _, value in headers if (found := LEFT.search(value))]
    if missing:
        name = (missing[0][1] or "a secret").lower().replace("_", "-")
        raise UsageProblem(f"the history needs {name}", hint=f"give it with --{name} env:NAME")
    return replace(exchange, request=replace(request, headers=headers))


def _shown(contract: Contract, settings: Settings, finding: Finding, made: Sequence[Exchange]) -> bool | None:
    if shows(contract, settings, finding)(made):
        return True
    return None if any(answer(one) is Answer.UNDECIDED for one in made) else False
