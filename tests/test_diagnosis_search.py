"""The search for the smallest explanations, on models made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from conformance.diagnosis.cause import Anomalies, Anomaly, Cause, Hypothesis
from conformance.diagnosis.search import Case, diagnose

from .made_exchanges import Tape

SEEN = Tape().add("A", times=9).exchanges


def anomaly(key: str, requirement: str = "X-1") -> Anomaly:
    """Something strange that is called `key`."""
    return Anomaly(requirement, (SEEN[len(key) % 9],), f"{key} is strange")


@dataclass(frozen=True)
class Strange:
    """A model in which hypotheses explain the keys that they are about; some make another one."""

    keys: tuple[str, ...]
    together: tuple[str, ...] = ()

    def anomalies(self, assumed: Iterable[Hypothesis]) -> Anomalies:
        held = list(assumed)
        explained = {str(key) for one in held for key in one.about}
        if len(held) > 1:
            explained |= set(self.together)
        made = [f"made by {one.cause.id}" for one in held if one.detail == "predicts"]
        return {key: anomaly(key) for key in [*self.keys, *made] if key not in explained}


def guess(id: str, keys: str, *, requirement: str = "X-1", width: int = 1, **more: bool | str) -> Hypothesis:
    """A hypothesis that explains the letters of `keys`."""
    cause = Cause(id, f"it is {id}", (requirement,) if requirement else (), width=width)
    return Hypothesis(cause, tuple(keys), **more)  # type: ignore[arg-type]


def names(case: Case) -> set[frozenset[str]]:
    return {frozenset(one.cause.id for one in explanation) for explanation in case.explanations}


def test_nothing_strange_needs_no_explanation() -> None:
    assert diagnose(Strange(()), [guess("wolf", "a")]) == []


def test_what_nothing_explains_is_a_case_without_explanations() -> None:
    cases = diagnose(Strange(("a", "b")), [guess("wolf", "b")])
    assert [(list(one.anomalies), names(one)) for one in cases] == [
        (["a"], set()),
        (["b"], {frozenset({"wolf"})}),
    ]


def test_fewer_causes_come_before_more() -> None:
    (case,) = diagnose(
        Strange(("a", "b")), [guess("one", "a"), guess("two", "b"), guess("both", "ab", width=9)]
    )
    assert names(case) == {frozenset({"both"})}
    assert {one.hypothesis.cause.id for one in case.rejected} == {"one", "two"}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (guess("steady", "a", width=5), guess("now and then", "a", steady=False)),
        (guess("announced", "a", announced=True, width=5), guess("silent", "a")),
        (guess("narrow", "a"), guess("wide", "a", width=2)),
        (guess("steady", "a"), guess("announced", "a", steady=False, announced=True)),
    ],
)
def test_of_two_that_explain_the_same_the_likelier_one_is_chosen(
    better: Hypothesis, worse: Hypothesis
) -> None:
    (case,) = diagnose(Strange(("a",)), [worse, better])
    assert names(case) == {frozenset({better.cause.id})}
    assert [one.hypothesis for one in case.rejected] == [worse]


def test_equals_are_all_kept() -> None:
    (case,) = diagnose(Strange(("a",)), [guess("one", "a"), guess("other", "a")])
    assert names(case) == {frozenset({"one"}), frozenset({"other"})}
    assert case.rejected == ()


def test_a_cause_that_would_make_other_answers_wrong_is_rejected_with_that() -> None:
    (case,) = diagnose(Strange(("a",)), [guess("bold", "a", detail="predicts"), guess("shy", "a", width=9)])
    assert names(case) == {frozenset({"shy"})}
    assert [one.against for one in case.rejected] == [
        "it would make other answers wrong: made by bold is strange"
    ]


def test_what_a_rejected_cause_leaves_open_is_told() -> None:
    (case,) = diagnose(Strange(("a", "b")), [guess("half", "a"), guess("whole", "ab", width=3)])
    assert [one.against for one in case.rejected] == ["it leaves 1 of 2 answers unexplained: b is strange"]


def test_what_has_nothing_to_do_with_each_other_is_explained_apart() -> None:
    cases = diagnose(Strange(("a", "b", "c")), [guess("one", "ac"), guess("two", "b")])
    assert [list(one.anomalies) for one in cases] == [["a", "c"], ["b"]]


def test_causes_may_explain_only_together() -> None:
    (case,) = diagnose(
        Strange(("a", "b", "c"), together=("c",)),
        [guess("one", "ab"), guess("two", "bc"), guess("three", "c")],
    )
    assert frozenset({"one", "two"}) in names(case)


def test_more_than_three_causes_are_no_explanation() -> None:
    few = [guess(f"{first}{second}", first + second) for first, second in ("ab", "bc", "cd", "de", "ef")]
    (case,) = diagnose(Strange(tuple("abcdef")), few)
    assert {len(one) for one in case.explanations} == {3}
    many = [*few, *(guess(f"{first}{second}", first + second) for first, second in ("fg", "gh", "hi"))]
    (case,) = diagnose(Strange(tuple("abcdefghi")), many)
    assert case.explanations == ()


def test_a_hypothesis_counts_once() -> None:
    (case,) = diagnose(Strange(("a",)), [guess("one", "a"), guess("one", "a")])
    assert len(case.explanations) == 1


def test_a_case_tells_what_each_cause_explains() -> None:
    one, two = guess("one", "ab"), guess("two", "bc")
    (case,) = diagnose(Strange(("a", "b", "c")), [one, two])
    assert [each.message for each in case.explained_by(two)] == ["b is strange", "c is strange"]
