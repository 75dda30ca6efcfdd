"""Rules at work on the exchanges of a run, with what befell it taken into account, and within the time there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.catalogue import Level
from conformance.diagnosis.circumstances import Circumstance
from conformance.outcome import Assessment, Diagnosis, Finding, Outcome, Remark
from conformance.wire.exchange import Exchange
from conformance.wire.parallel import within


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function of what was seen; it decides some requirements."""

    requirements: tuple[str, ...]
    decide: Callable[[Any, Assessment], None]


def rule(*requirements: str) -> Callable[[Callable[[Any, Assessment], None]], Rule]:
    """Make a function `(view, assessment)` the rule that decides `requirements`."""

    def wrap(decide: Callable[[Any, Assessment], None]) -> Rule:
        return Rule(requirements, decide)

    return wrap


@dataclass(frozen=True, slots=True)
class Judged:
    """What exchanges say: findings, the causes behind them, and how many anomalies no cause explains."""

    findings: list[Finding] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    unexplained: int = 0
    remarks: tuple[Remark, ...] = ()

    def add(self, assessment: Assessment) -> Judged:
        """This, and what `assessment` holds."""
        return Judged(
            self.findings + assessment.findings,
            self.diagnoses + assessment.diagnoses,
            self.unexplained + assessment.unexplained,
            (*self.remarks, *assessment.remarks),
        )


def decide(
    rules: Sequence[Rule], levels: dict[str, Level], view: Callable[[], Any], seconds: float
) -> Judged:
    """What the rules say of the view; those that were not done after `seconds` say that they were not.

    A rule that raises is our own fault: its requirements get the outcome `error`.
    """
    done: list[Assessment] = []

    def work() -> None:
        seen = view()
        done.extend(_decided(one, seen, levels) for one in rules)

    within(seconds, work)
    judged, in_time = Judged(), tuple(done)
    for assessment in in_time:
        judged = judged.add(assessment)
    for late in rules[len(in_time) :]:
        judged = judged.add(
            _instead(late, levels, Assessment.unclear, "the deadline came before this was judged")
        )
    return judged


def _decided(one: Rule, view: Any, levels: dict[str, Level]) -> Assessment:
    assessment = Assessment(levels)
    try:
        one.decide(view, assessment)
    except OverflowError:
        return _instead(one, levels, Assessment.unclear, "a number is too large to be reckoned with")
    except Exception as problem:  # noqa: BLE001 - whatever a rule raises, it must not spoil the others
        return _instead(one, levels, Assessment.error, f"the suite failed while judging: {problem!r}")
    return assessment


def _instead(one: Rule, levels: dict[str, Level], tell: Callable[..., None], message: str) -> Assessment:
    """What is said in place of a rule's findings."""
    assessment = Assessment(levels)
    for requirement in one.requirements:
        tell(assessment, requirement, message=message)
    return assessment


def befallen(
    judged: Judged, known: Sequence[Circumstance], exchanges: Iterable[Exchange], levels: Mapping[str, Level]
) -> Judged:
    """What is left of a judgement when `known` circumstances have their say: they accuse nobody and make nothing green."""
    told = [one.diagnosis() for one in known]
    whole = next((one for one in known if one.whole), None)
    if whole:
        return Judged([_open(one, whole) for one in judged.findings], told)
    assessment = Assessment(dict(levels), list(judged.findings))
    for one in known:
        _touch(one, exchanges, assessment)
    return replace(judged, findings=assessment.findings, diagnoses=told + judged.diagnoses)


def _open(finding: Finding, never: Circumstance) -> Finding:
    """A finding from a run that never got as far as the API decides nothing."""
    if finding.outcome in (Outcome.ERROR, Outcome.SKIPPED):
        return finding
    return replace(
        finding, outcome=Outcome.INCONCLUSIVE, message=never.sentence, expected="", hint=never.hint
    )


def _touch(circumstance: Circumstance, exchanges: Iterable[Exchange], assessment: Assessment) -> None:
    """What a circumstance kept from being decided is open; what had been decided stays so."""
    void = [one for one in exchanges if one.number in circumstance.covered]
    decided = {one.requirement for one in assessment.findings if one.outcome in _DECIDED}
    for requirement in dict.fromkeys(name for one in void for name in one.requirements):
        if requirement not in decided and requirement in assessment.levels:
            mine = [one for one in void if requirement in one.requirements]
            assessment.unclear(requirement, *mine, message=circumstance.sentence, hint=circumstance.hint)


_DECIDED = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.NOTED)
