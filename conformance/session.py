"""One run in progress: what was asked for, what has been sent, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from conformance.catalogue import Level, Requirement
from conformance.clock import Deadline
from conformance.contract import Contract, Effort, Judged, Settings
from conformance.errors import NotServed, Unreachable, UsageProblem, WireProblem
from conformance.outcome import (
    Diagnosis,
    Finding,
    Judgement,
    Outcome,
    Remark,
    Result,
    Run,
    Scope,
    Setting,
    Value,
    Verdict,
    conclude,
    result,
)
from conformance.provenance import settings_of, suite
from conformance.remarks import remarks
from conformance.reproduction.again import Reproduction, reproduce
from conformance.wire.client import Client, Purpose
from conformance.wire.exchange import CHECKS, GENERATED, Exchange
from conformance.wire.parallel import within
from conformance.wire.redaction import Redactor
from conformance.wire.withholding import redacted

GRACE = 0.6
"""Seconds that judging may take when the deadline is over, and as many again for looking for secrets."""


class Listener(Protocol):
    """Someone who watches a run."""

    def checking(self, number: int, total: int, name: str) -> None:
        """Check `number` of `total` begins."""

    def exchanged(self, exchange: Exchange) -> None:
        """An attempt has come back; it still holds secrets."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the operator narrowed the run to."""

    only: tuple[str, ...] = ()
    level: Level | None = None


def scope_of(contract: Contract, settings: Settings, narrowing: Narrowing) -> Scope:
    """The scope of a run; raises UsageProblem for an unknown id or one that nothing can assess."""
    catalogue = contract.catalogue
    only = tuple(catalogue.get(one).id for one in narrowing.only)
    for requirement in map(catalogue.get, only):
        _insist(requirement, settings, contract)
    wanted = {
        one.id
        for one in catalogue.requirements
        if (not only or one.id in only)
        and _binding_enough(one, narrowing.level)
        and (not settings.read_only or _readable(one, settings, contract))
    }
    if not wanted:
        raise UsageProblem("nothing is left to assess: --only, --level and --read-only exclude each other")
    outside = tuple(one.id for one in catalogue.requirements if one.id not in wanted)
    return Scope(only, narrowing.level, settings.read_only, outside)


def _insist(requirement: Requirement, settings: Settings, contract: Contract) -> None:
    if requirement.not_assessed:
        raise UsageProblem(f"{requirement.id} cannot be assessed from outside: {requirement.not_assessed}")
    if settings.read_only and not _readable(requirement, settings, contract):
        raise UsageProblem(
            f"{requirement.id} cannot be assessed with --read-only",
            hint="assessing it writes, or needs an input that is missing",
        )


def _binding_enough(requirement: Requirement, level: Level | None) -> bool:
    order = (Level.MAY, Level.SHOULD, Level.MUST)
    return level is None or order.index(requirement.level) >= order.index(level)


def _readable(requirement: Requirement, settings: Settings, contract: Contract) -> bool:
    """Whether `requirement` can be assessed by reading: without the key for writing, if that was not given."""
    if requirement.reads_with and all(settings.many(name) for name in requirement.reads_with):
        return True
    keyless = contract.write_key is not None and not settings.many(contract.write_key)
    return not requirement.writes and not (keyless and contract.write_key in requirement.needs)


class Session:
    """Ties contract, client and settings together while the checks run.

    `way` are the settings of the way to the deployment, which only whoever made the client knows.
    """

    def __init__(
        self,
        contract: Contract,
        client: Client,
        settings: Settings,
        scope: Scope,
        redactor: Redactor,
        listener: Listener | None = None,
        way: tuple[Setting, ...] = (),
    ) -> None:
        self.contract = contract
        self.client = client
        self.settings = settings
        self.scope = scope
        self.redactor = redactor
        self.listener = listener
        self.stopped: WireProblem | None = None
        self.interrupted = False
        self.errors: list[tuple[tuple[str, ...], str]] = []
        self.reproductions: dict[tuple[str, str], Reproduction] = {}
        self.remarks: list[Remark] = []
        self.started = client.clock.time()
        self.made_with = settings_of(
            contract, settings, client.limits, only=scope.only, level=scope.level, way=way
        )
        self.driver: Any = self._driver()
        self._mark = 0

    def _driver(self) -> Any:
        return self.contract.module("driver").Driver(self.client, self.settings, self.redactor)

    def begin(self, check: str, requirements: tuple[str, ...]) -> None:
        """From now on exchanges belong to `check`."""
        self.client.purpose = Purpose(check, requirements)
        self._mark = len(self.client.exchanges)

    def conclude(self, requirements: Sequence[str]) -> list[Finding]:
        """What the exchanges since `begin` say about `requirements`, without secrets."""
        numbers = {exchange.number for exchange in self.client.exchanges[self._mark :]}
        return [
            self._clean(finding)
            for finding in self.judge()
            if finding.requirement in requirements and numbers.intersection(finding.exchanges)
        ]

    def judge(self, deadline: Deadline | None = None) -> list[Finding]:
        """What all exchanges so far say, about the requirements in scope; what is not judged in time is inconclusive."""
        outside = set(self.scope.outside)
        return [one for one in self.diagnose(deadline).findings if one.requirement not in outside]

    def diagnose(self, deadline: Deadline | None = None) -> Judged:
        """The checks are judged together; each generated history by itself, and only for what it breaks."""
        ordered = sorted(self.client.exchanges, key=lambda exchange: exchange.number)
        checks = [one for one in ordered if one.part == CHECKS]
        generated = [one for one in ordered if one.part == GENERATED]
        circumstances = self.contract.circumstances([*checks, *generated])
        bounded = deadline or Deadline(self.client.clock)
        if getattr(self.contract.module("judge"), "TOGETHER", False):
            return self.contract.diagnose([*checks, *generated], self.settings, circumstances, bounded.left)
        whole = self.contract.diagnose(checks, self.settings, circumstances, bounded.left)
        findings, diagnoses = list(whole.findings), list(whole.diagnoses)
        for history in _by_history(generated):
            judged = self.contract.diagnose(history, self.settings, circumstances, bounded.left)
            findings += [one for one in judged.findings if one.outcome in _SHOWN]
            diagnoses += judged.diagnoses
        return Judged(findings, list(dict.fromkeys(diagnoses)), whole.unexplained, whole.remarks)

    def failed(self, requirements: tuple[str, ...], message: str) -> None:
        """The suite itself misbehaved in a check of `requirements`."""
        self.errors.append((requirements, message))

    def finish(self) -> Run:
        """Everything that was found, with the verdict; holds no secret. Judging may take a moment beyond the deadline."""
        self.client.end()
        deadline = self.client.clock
        bounded = deadline.longer(GRACE)
        judged = self.diagnose(bounded)
        findings = judged.findings + self._own_errors()
        results = tuple(self._result(one, findings) for one in self._in_scope())
        judgement = self._judgement(results, judged.diagnoses)
        exchanges = sorted(self.client.exchanges, key=lambda exchange: exchange.number)
        return Run(
            contract=self.contract.name,
            title=self.contract.title,
            base_url=self.redactor.text(self.client.base_url),
            started=self.started,
            ended=self.client.clock.time(),
            scope=self.scope,
            verdict=judgement.verdict,
            reason=self.redactor.answer(judgement.reason),
            exit_code=judgement.exit_code,
            results=results,
            exchanges=redacted(exchanges, self.redactor, deadline.longer(GRACE)),
            settings=tuple(replace(one, value=self._public(one.value)) for one in self.made_with),
            hints=self._hints(results),
            diagnosis=self._causes(judged.diagnoses, results),
            remarks=self._remarks(exchanges, findings, judged.remarks, bounded),
            suite=suite(self.contract),
            expressions=self.redactor.expressions,
        )

    def _remarks(
        self,
        exchanges: list[Exchange],
        findings: list[Finding],
        judged: Iterable[Remark],
        deadline: Deadline,
    ) -> tuple[Remark, ...]:
        """What generated traffic showed besides breaches; nothing when there is no time for that."""
        found = [*judged, *self.remarks]

        def look() -> None:
            drawn = [one for one in exchanges if one.part == GENERATED and "operation" in one.intent]
            known = [*findings, *(self.contract.judge(drawn, self.settings) if drawn else ())]
            found.extend(remarks(self.contract.name, exchanges, known))

        within(deadline.left, look)
        return tuple(replace(one, message=self.redactor.answer(one.message)) for one in list(found))

    def _in_scope(self) -> list[Requirement]:
        outside = set(self.scope.outside)
        return [one for one in self.contract.catalogue.requirements if one.id not in outside]

    def _own_errors(self) -> list[Finding]:
        return [
            Finding(
                requirement, Outcome.ERROR, message, hint="please report this: it is a defect of the suite"
            )
            for requirements, message in self.errors
            for requirement in requirements or tuple(one.id for one in self._in_scope())
            if requirement not in self.scope.outside
        ]

    def _result(self, requirement: Requirement, findings: list[Finding]) -> Result:
        own = [self._clean(one) for one in findings if one.requirement == requirement.id]
        return result(requirement, own or [self._absent(requirement)])

    def _absent(self, requirement: Requirement) -> Finding:
        """Why nothing was found out about `requirement`."""
        missing = [f"--{name}" for name in requirement.needs if not self.settings.many(name)]
        if requirement.not_assessed:
            return Finding(requirement.id, Outcome.SKIPPED, f"not assessed: {requirement.not_assessed}")
        if missing:
            options = " and ".join(missing)
            return Finding(
                requirement.id, Outcome.SKIPPED, f"{options} was not given", hint=f"give {options}"
            )
        if self.interrupted:
            return Finding(
                requirement.id, Outcome.INCONCLUSIVE, "the run was interrupted before this was decided"
            )
        if self.stopped:
            message = f"the run ended before this was decided: {self.redactor.answer(self.stopped.message)}"
            hint = self.redactor.answer(self.stopped.hint)
            return Finding(requirement.id, Outcome.INCONCLUSIVE, message, hint=hint)
        message = "nothing that the deployment answered decides this; what is broken elsewhere may hide it"
        return Finding(requirement.id, Outcome.INCONCLUSIVE, message)

    def _causes(self, diagnoses: Sequence[Diagnosis], results: Sequence[Result]) -> tuple[Diagnosis, ...]:
        """The causes in scope without secrets, the gravest first; what is literally wrong is a cause of its own."""
        scope = {one.requirement.id for one in results}
        known = [one for one in diagnoses if not one.requirements or scope.intersection(one.requirements)]
        literal = [
            Diagnosis(one.requirement, one.message, (one.requirement,), one.exchanges)
            for result in results
            for one in result.findings
            if one.outcome in (Outcome.FAILED, Outcome.WARNED) and not one.cause
        ]
        found = sorted((*known, *literal), key=lambda one: one.gravity)
        return tuple(dict.fromkeys(self._clean_cause(self._with_history(one)) for one in found))

    def _with_history(self, one: Diagnosis) -> Diagnosis:
        keys = [(name, "" if one.cause == name else one.cause) for name in one.requirements]
        found = next((self.reproductions[key] for key in keys if key in self.reproductions), None)
        return replace(one, reproduction=found.exchanges, reproduced=found.shown) if found else one

    def reproduce(self) -> None:
        """Look for the shortest history of each finding; send it again where the run has requests to spare."""
        judged = self.diagnose()
        befell = any(not one.requirements for one in judged.diagnoses)
        send = not (self.stopped or self.interrupted or befell) and self.settings.effort is not Effort.QUICK
        outside = set(self.scope.outside)
        findings = [one for one in judged.findings if one.requirement not in outside]
        self.reproductions = reproduce(self.contract, self.settings, self.client, findings, send=send)

    def _clean_cause(self, one: Diagnosis) -> Diagnosis:
        clean = self.redactor.answer
        others = tuple(
            replace(other, sentence=clean(other.sentence), against=clean(other.against))
            for other in one.alternatives
        )
        return replace(one, sentence=clean(one.sentence), hint=clean(one.hint), alternatives=others)

    def _judgement(self, results: tuple[Result, ...], diagnoses: Sequence[Diagnosis] = ()) -> Judgement:
        if isinstance(self.stopped, Unreachable) and not self._answered:
            return Judgement(Verdict.UNREACHABLE, self.stopped.message, 4)
        judgement = conclude(results, self.scope)
        befell = next((one.sentence for one in diagnoses if not one.requirements), "")
        if befell and judgement.exit_code == 0:
            judgement = Judgement(Verdict.INCOMPLETE, befell, 3)
        elif befell and judgement.exit_code == 3:
            judgement = replace(judgement, reason=f"{befell}; {judgement.reason}")
        if self.interrupted and judgement.exit_code != 5:
            return Judgement(Verdict.INCOMPLETE, "the run was interrupted", 3)
        if self.stopped and judgement.exit_code == 0:
            return Judgement(Verdict.INCOMPLETE, self.stopped.message, 3)
        if self.stopped and judgement.exit_code == 3 and not (befell and isinstance(self.stopped, NotServed)):
            return replace(judgement, reason=f"{self.stopped.message}; {judgement.reason}")
        return judgement

    @property
    def _answered(self) -> bool:
        return any(exchange.response for exchange in self.client.exchanges)

    def _hints(self, results: tuple[Result, ...]) -> tuple[str, ...]:
        hints = [self.stopped.hint] if self.stopped and self.stopped.hint else []
        if isinstance(self.stopped, Unreachable) and not self._answered:
            return tuple(map(self.redactor.answer, hints))
        hints += [finding.hint for one in results if one.outcome in _OPEN for finding in one.findings[:1]]
        if self.client.throttled:
            hints.append("some requests were throttled and sent again: --rate N/s keeps below what is taken")
        key = self.contract.write_key
        if key and not self.settings.many(key) and not self.settings.read_only:
            hints.append(f"--{key} would settle it, or --read-only, which narrows the verdict to reading")
        return tuple(dict.fromkeys(self.redactor.answer(hint) for hint in hints if hint))

    def _public(self, value: Value) -> Value:
        """A setting's value without secrets."""
        if isinstance(value, str):
            return self.redactor.text(value)
        if isinstance(value, list):
            return [self.redactor.text(one) for one in value]
        return value

    def _clean(self, finding: Finding) -> Finding:
        return cleaned(finding, self.redactor)


def _by_history(generated: Sequence[Exchange]) -> Iterable[list[Exchange]]:
    found: dict[str, list[Exchange]] = {}
    for exchange in generated:
        found.setdefault(exchange.intent.get("history", ""), []).append(exchange)
    return found.values()


_SHOWN = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR)


def cleaned(finding: Finding, redactor: Redactor) -> Finding:
    """`finding` as it may leave the process."""
    return replace(
        finding,
        message=redactor.answer(finding.message),
        expected=redactor.answer(finding.expected),
        received=redactor.answer(finding.received),
        hint=redactor.answer(finding.hint),
    )


_OPEN = (Outcome.SKIPPED, Outcome.INCONCLUSIVE, Outcome.ERROR)
