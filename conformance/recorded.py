"""Judges recorded traffic: the same rules, without sending anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.catalogue import Requirement
from conformance.contract import Contract, Settings
from conformance.errors import UsageProblem
from conformance.outcome import Finding, Outcome, Result, Run, Scope, conclude, result
from conformance.provenance import settings_of, suite
from conformance.session import cleaned
from conformance.target import parse
from conformance.wire.exchange import Exchange
from conformance.wire.limits import Limits
from conformance.wire.redaction import Redactor
from conformance.wire.secrets.likeness import credentials, without_userinfo


def judge_recorded(
    contract: Contract,
    exchanges: Sequence[Exchange],
    source: str,
    base_url: str | None = None,
    keep: Collection[str] = (),
) -> Run:
    """Everything that recorded exchanges say about `contract`; the verdict speaks of what was recorded.

    What looks like a credential is withheld, unless its name is in `keep`. Raises UsageProblem when nothing in the
    recording belongs to the contract.
    """
    exchanges = tuple(map(without_userinfo, exchanges))
    recorder = contract.module("recording")
    base = parse(base_url, contract).base_url if base_url else recorder.base_of(exchanges)
    mine = [one for one in exchanges if base and one.request.url.startswith(base)]
    tagged = [tag for tag in (recorder.tag(one, base) for one in mine) if tag is not None]
    if not tagged:
        where = f"below {base}" if base else "of the contract"
        raise UsageProblem(
            f"the recording holds no exchange {where}", hint=f"--base-url is {contract.base_hint}"
        )
    redactor = _knowing(Redactor(), exchanges, keep)
    return judge_tagged(contract, tagged, base, f"the exchanges recorded in {source}", redactor=redactor)


def judge_tagged(
    contract: Contract,
    exchanges: Sequence[Exchange],
    base_url: str,
    source: str,
    settings: Settings | None = None,
    redactor: Redactor | None = None,
) -> Run:
    """Everything that exchanges whose intents are known say about `contract`; `source` tells where they are from."""
    settings = settings or Settings()
    redactor = redactor or _knowing(Redactor(), exchanges)
    active = set(contract.active)
    findings = [one for one in contract.judge(exchanges, settings) if one.requirement not in active]
    decided = {one.requirement for one in findings}
    results = [_result(one, findings, redactor) for one in contract.catalogue.requirements]
    scope = Scope(outside=_outside(contract, decided), source=source)
    judgement = conclude([one for one in results if one.requirement.id in decided], scope)
    return Run(
        contract=contract.name,
        title=contract.title,
        base_url=redactor.text(base_url),
        started=exchanges[0].started,
        ended=max(one.ended for one in exchanges),
        scope=scope,
        verdict=judgement.verdict,
        reason=redactor.text(judgement.reason),
        exit_code=judgement.exit_code,
        results=tuple(results),
        exchanges=tuple(map(redactor.exchange, exchanges)),
        settings=settings_of(contract, settings, Limits()),
        suite=suite(contract),
        expressions=redactor.expressions,
    )


def _outside(contract: Contract, decided: set[str]) -> tuple[str, ...]:
    return tuple(one.id for one in contract.catalogue.requirements if one.id not in decided)


def _result(requirement: Requirement, findings: list[Finding], redactor: Redactor) -> Result:
    own = [cleaned(one, redactor) for one in findings if one.requirement == requirement.id]
    message = requirement.not_assessed or "recorded traffic does not decide this: it needs active probing"
    return result(requirement, own or [Finding(requirement.id, Outcome.SKIPPED, message)])


def _knowing(redactor: Redactor, exchanges: Sequence[Exchange], keep: Collection[str] = ()) -> Redactor:
    """A redactor that knows everything in the exchanges that looks like a credential."""
    for name in keep:
        redactor.show_header(name)
    for one in credentials(exchanges, keep):
        redactor.add(one.value, f"${one.variable}", one.name)
    return redactor
