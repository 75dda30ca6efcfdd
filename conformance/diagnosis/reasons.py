"""What a diagnosis says in findings: the cause, what it explains, and what speaks against the alternatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.diagnosis.cause import Anomaly, Hypothesis, Model
from conformance.diagnosis.search import Case, diagnose
from conformance.outcome import Alternative, Assessment, Diagnosis


def judge(model: Model, hypotheses: Iterable[Hypothesis], assessment: Assessment) -> list[Case]:
    """Explain the anomalies of `model`, and put what follows into the findings; returns the cases."""
    cases = diagnose(model, hypotheses)
    for case in cases:
        charge(case, assessment)
    return cases


def charge(case: Case, assessment: Assessment) -> None:
    """Findings for one case: what every smallest explanation breaks is broken, what only some break is open."""
    if not case.explanations:
        _literally(case, assessment)
        return
    sets = [_broken_by(one) for one in case.explanations]
    every, some = set.intersection(*sets), set().union(*sets)
    chosen = sorted({one for explanation in case.explanations for one in explanation}, key=_order)
    certain = [one for one in chosen if all(one in explanation for explanation in case.explanations)]
    for one in chosen:
        _record(case, one, one in certain, assessment)
    for requirement in sorted(every):
        blamed = next(one for one in chosen if requirement in one.cause.requirements)
        _broken(requirement, blamed, case.explained_by(blamed), assessment)
    for requirement in sorted(some - every):
        _open(requirement, chosen, case, assessment)
    if not some:
        _touched(chosen, case, assessment)


def _broken_by(explanation: Iterable[Hypothesis]) -> set[str]:
    return {requirement for one in explanation for requirement in one.cause.requirements}


def _order(one: Hypothesis) -> tuple[int, str, str]:
    return one.cause.gravity, one.cause.id, one.sentence


def _record(case: Case, one: Hypothesis, certain: bool, assessment: Assessment) -> None:
    others = [other for explanation in case.explanations for other in explanation if other != one]
    alternatives = (
        [] if certain else [_alternative(other, "it explains the same") for other in dict.fromkeys(others)]
    )
    alternatives += [_alternative(other.hypothesis, other.against) for other in case.rejected]
    exchanges = {e.number for anomaly in case.explained_by(one) for e in anomaly.exchanges}
    assessment.diagnoses.append(
        Diagnosis(
            cause=one.cause.id,
            sentence=one.sentence,
            requirements=one.cause.requirements,
            exchanges=tuple(sorted(exchanges)),
            alternatives=tuple(alternatives),
            hint=one.cause.hint,
            gravity=one.cause.gravity,
            certain=certain,
        )
    )


def _alternative(one: Hypothesis, against: str) -> Alternative:
    return Alternative(one.cause.id, one.sentence, against)


def _broken(requirement: str, one: Hypothesis, anomalies: Sequence[Anomaly], assessment: Assessment) -> None:
    """A broken requirement: the sentence is the cause's, the evidence that of the first anomaly that shows it best."""
    telling = [anomaly for anomaly in anomalies if anomaly.requirement == requirement] or list(anomalies)
    shown = telling[0]
    exchanges = {e.number: e for anomaly in anomalies for e in anomaly.exchanges}
    first = {e.number: e for e in shown.exchanges}
    assessment.blamed(
        requirement,
        *(first | exchanges).values(),
        message=one.sentence,
        expected=shown.expected,
        received=shown.received,
        hint=shown.hint or one.cause.hint,
        cause=one.cause.id,
    )


def _open(requirement: str, chosen: Sequence[Hypothesis], case: Case, assessment: Assessment) -> None:
    either = ", or ".join(one.sentence for one in chosen)
    exchanges = {e.number: e for one in case.anomalies.values() for e in one.exchanges}
    assessment.unclear(requirement, *exchanges.values(), message=f"undecided: either {either}")


def _touched(chosen: Sequence[Hypothesis], case: Case, assessment: Assessment) -> None:
    """A circumstance makes nothing green: what it touches is open."""
    for anomaly in case.anomalies.values():
        message = f"undecided, since {'; '.join(one.sentence for one in chosen)}"
        assessment.unclear(
            anomaly.requirement, *anomaly.exchanges, message=message, received=anomaly.received
        )


def _literally(case: Case, assessment: Assessment) -> None:
    """What nothing explains is charged to the sentence that it contradicts."""
    for anomaly in case.anomalies.values():
        assessment.unexplained += 1
        assessment.broken(
            anomaly.requirement,
            *anomaly.exchanges,
            message=anomaly.message,
            expected=anomaly.expected,
            received=anomaly.received,
            hint=anomaly.hint,
        )
