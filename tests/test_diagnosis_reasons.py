"""What a diagnosis puts into findings: causes, the answers they explain, and what speaks against the alternatives."""

from __future__ import annotations

from conformance.catalogue import Level
from conformance.diagnosis.cause import Anomalies, Anomaly, Cause, Hypothesis
from conformance.diagnosis.reasons import judge
from conformance.outcome import Assessment, Outcome

from .made_exchanges import Tape

SEEN = Tape().add("A", times=4).exchanges
LEVELS = {"X-1": Level.MUST, "X-2": Level.SHOULD, "X-3": Level.MAY}
ONE = Anomaly("X-1", (SEEN[0],), "the first is strange", "this", "that")
TWO = Anomaly("X-2", (SEEN[1], SEEN[2]), "the second is strange")


class Model:
    """Two strange answers, or as many as it is given."""

    def __init__(self, **strange: Anomaly) -> None:
        self.strange = strange or {"one": ONE, "two": TWO}

    def anomalies(self, assumed: frozenset[Hypothesis]) -> Anomalies:
        explained = {key for one in assumed for key in one.about}
        return {key: one for key, one in self.strange.items() if key not in explained}


def assess(model: Model, *hypotheses: Hypothesis) -> Assessment:
    assessment = Assessment(dict(LEVELS))
    judge(model, hypotheses, assessment)
    return assessment


def outcomes(assessment: Assessment) -> dict[str, Outcome]:
    return {one.requirement: one.outcome for one in assessment.findings}


BOTH = Hypothesis(Cause("leak", "it leaks", ("X-1", "X-2"), hint="close it"), ("one", "two"), detail="badly")


def test_a_cause_breaks_its_requirements_and_names_the_answers_that_it_explains() -> None:
    told = assess(Model(), BOTH)
    assert outcomes(told) == {"X-1": Outcome.FAILED, "X-2": Outcome.WARNED}
    first = told.findings[0]
    assert (first.message, first.cause, first.hint) == ("it leaks (badly)", "leak", "close it")
    assert (first.expected, first.received, first.exchanges) == ("this", "that", (1, 2, 3))
    (diagnosis,) = told.diagnoses
    assert (diagnosis.cause, diagnosis.requirements, diagnosis.exchanges) == (
        "leak",
        ("X-1", "X-2"),
        (1, 2, 3),
    )
    assert diagnosis.certain
    assert told.unexplained == 0


def test_consequences_are_not_charged() -> None:
    told = assess(Model(), Hypothesis(Cause("door", "it is open", ("X-1",)), ("one", "two")))
    assert outcomes(told) == {"X-1": Outcome.FAILED}


def test_a_cause_deserves_a_warning_even_where_either_is_right() -> None:
    told = assess(Model(one=ONE), Hypothesis(Cause("odd", "it is odd", ("X-3",)), ("one",)))
    assert outcomes(told) == {"X-3": Outcome.WARNED}


def test_what_nothing_explains_is_charged_literally_and_counted() -> None:
    told = assess(Model())
    assert outcomes(told) == {"X-1": Outcome.FAILED, "X-2": Outcome.WARNED}
    assert [one.message for one in told.findings] == ["the first is strange", "the second is strange"]
    assert [one.cause for one in told.findings] == ["", ""]
    assert told.unexplained == 2


def test_between_two_causes_what_both_break_is_broken_and_the_rest_is_open() -> None:
    door = Hypothesis(Cause("door", "it is open", ("X-1", "X-2")), ("one",))
    wall = Hypothesis(Cause("wall", "it has a hole", ("X-1", "X-3")), ("one",))
    told = assess(Model(one=ONE), door, wall)
    assert outcomes(told) == {
        "X-1": Outcome.FAILED,
        "X-2": Outcome.INCONCLUSIVE,
        "X-3": Outcome.INCONCLUSIVE,
    }
    assert {one.message for one in told.findings[1:]} == {"undecided: either it is open, or it has a hole"}
    assert [one.certain for one in told.diagnoses] == [False, False]
    assert [[other.against for other in one.alternatives] for one in told.diagnoses] == [
        ["it explains the same"],
        ["it explains the same"],
    ]


def test_a_circumstance_accuses_nobody_and_makes_nothing_green() -> None:
    told = assess(Model(), Hypothesis(Cause("flood", "there was a flood"), ("one", "two")))
    assert outcomes(told) == {"X-1": Outcome.INCONCLUSIVE, "X-2": Outcome.INCONCLUSIVE}
    assert {one.message for one in told.findings} == {"undecided, since there was a flood"}
    assert told.diagnoses[0].requirements == ()


def test_either_a_circumstance_or_a_defect_leaves_it_open() -> None:
    flood = Hypothesis(Cause("flood", "there was a flood"), ("one",))
    leak = Hypothesis(Cause("leak", "it leaks", ("X-1",)), ("one",))
    assert outcomes(assess(Model(one=ONE), flood, leak)) == {"X-1": Outcome.INCONCLUSIVE}


def test_rejected_causes_stand_beside_the_chosen_one() -> None:
    half = Hypothesis(Cause("drip", "it drips", ("X-1",)), ("one",))
    (diagnosis,) = assess(Model(), BOTH, half).diagnoses
    assert [(one.cause, one.sentence) for one in diagnosis.alternatives] == [("drip", "it drips")]
    assert "1 of 2 answers unexplained" in diagnosis.alternatives[0].against


def test_the_gravest_cause_is_recorded_first() -> None:
    light = Hypothesis(Cause("light", "it flickers", ("X-2",), gravity=90), ("two",))
    grave = Hypothesis(Cause("grave", "it burns", ("X-1",), gravity=1), ("one",))
    both = Hypothesis(Cause("both", "it is both", ("X-1", "X-2"), width=9), ("one", "two"), steady=False)
    told = assess(Model(), light, grave)
    assert {one.cause for one in told.diagnoses} == {"light", "grave"}
    assert [one.cause for one in assess(Model(), both).diagnoses] == ["both"]
