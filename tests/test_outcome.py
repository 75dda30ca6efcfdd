"""Outcomes only get worse, and a verdict is never green when nothing was decided."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.catalogue import Level
from conformance.outcome import (
    Assessment,
    Finding,
    Kind,
    Outcome,
    Result,
    Scope,
    Setting,
    Verdict,
    conclude,
    result,
    tally,
    worst,
)
from conformance.wire.exchange import Exchange, Request

from .sample_runs import make_run, one_result, requirement

EXCHANGE = Exchange(4, Request("GET", "http://h"), None, 0, 0)


def results(*outcomes: tuple[Level, Outcome]) -> list[Result]:
    return [one_result(outcome, f"X-{number}", level) for number, (level, outcome) in enumerate(outcomes)]


anything = st.lists(st.sampled_from(Outcome), min_size=1, max_size=6)


@given(st.sampled_from(Level), anything, anything)
def test_outcomes_only_get_worse(level: Level, before: list[Outcome], after: list[Outcome]) -> None:
    first, both = worst(level, before), worst(level, before + after)
    assert both in (first, worst(level, after))
    assert worst(level, [first, both]) is both
    assert worst(level, reversed(before + after)) is both


@pytest.mark.parametrize(
    ("level", "outcomes", "stands"),
    [
        (Level.MUST, {Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE}, Outcome.FAILED),
        (Level.MUST, {Outcome.FAILED, Outcome.ERROR}, Outcome.ERROR),
        (Level.MUST, {Outcome.PASSED, Outcome.SKIPPED}, Outcome.PASSED),
        (Level.MUST, {Outcome.WARNED, Outcome.INCONCLUSIVE}, Outcome.INCONCLUSIVE),
        (Level.SHOULD, {Outcome.WARNED, Outcome.INCONCLUSIVE}, Outcome.WARNED),
        (Level.MAY, {Outcome.NOTED, Outcome.PASSED}, Outcome.PASSED),
    ],
)
def test_the_outcome_that_stands(level: Level, outcomes: set[Outcome], stands: Outcome) -> None:
    assert worst(level, outcomes) is stands


def test_equal_findings_become_one() -> None:
    findings = [
        Finding("X-1", Outcome.FAILED, "no", exchanges=(1, 2)),
        Finding("X-1", Outcome.PASSED, "holds", exchanges=(3,)),
    ]
    folded = result(requirement("X-1"), [*findings, Finding("X-1", Outcome.FAILED, "no", exchanges=(2, 5))])
    assert folded.outcome is Outcome.FAILED
    assert [(one.message, one.exchanges) for one in folded.findings] == [("no", (1, 2, 5)), ("holds", (3,))]


def test_every_pair_of_outcomes_has_a_verdict() -> None:
    for first, second in product(Outcome, Outcome):
        judgement = conclude(results((Level.MUST, first), (Level.MUST, second)), Scope())
        both = {first, second}
        if Outcome.ERROR in both:
            assert judgement.exit_code == 5
        elif Outcome.FAILED in both:
            assert (judgement.verdict, judgement.exit_code) == (Verdict.NON_CONFORMANT, 1)
        elif both & {Outcome.SKIPPED, Outcome.INCONCLUSIVE}:
            assert (judgement.verdict, judgement.exit_code) == (Verdict.INCOMPLETE, 3)
        else:
            assert (judgement.verdict, judgement.exit_code) == (Verdict.CONFORMANT, 0)


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.INCONCLUSIVE])
@pytest.mark.parametrize("level", [Level.SHOULD, Level.MAY])
def test_nothing_decided_is_never_green(level: Level, outcome: Outcome) -> None:
    assert conclude(results((level, outcome)), Scope()).exit_code == 3
    assert conclude([], Scope()).exit_code == 3


def test_an_open_should_does_not_spoil_a_verdict() -> None:
    assert (
        conclude(results((Level.MUST, Outcome.PASSED), (Level.SHOULD, Outcome.SKIPPED)), Scope()).exit_code
        == 0
    )


def test_what_cannot_be_assessed_does_not_count() -> None:
    unseen = Result(requirement("X-9", not_assessed="nobody sees it"), Outcome.SKIPPED, ())
    assert conclude([unseen, *results((Level.MUST, Outcome.PASSED))], Scope()).exit_code == 0
    assert conclude([unseen], Scope()).exit_code == 3


def test_the_reason_counts_warnings_and_names_the_scope() -> None:
    warned = results(
        (Level.MUST, Outcome.PASSED), (Level.SHOULD, Outcome.WARNED), (Level.SHOULD, Outcome.WARNED)
    )
    scope = Scope(read_only=True, outside=("X-7",))
    assert conclude(warned, scope).reason == "1 of 1 MUST in scope hold, with 2 warnings"
    assert conclude(results((Level.MAY, Outcome.NOTED)), Scope()).reason == "nothing in scope is broken"


def test_an_assessment_knows_the_levels() -> None:
    assessment = Assessment({"M": Level.MUST, "S": Level.SHOULD, "O": Level.MAY})
    for name in ("M", "S", "O"):
        assessment.broken(name, EXCHANGE, EXCHANGE, message="no", expected="e", received="r", hint="h")
    assert [one.outcome for one in assessment.findings] == [Outcome.FAILED, Outcome.WARNED, Outcome.NOTED]
    assert assessment.findings[0] == Finding("M", Outcome.FAILED, "no", "e", "r", (4,), "h")


def test_the_words_of_an_assessment() -> None:
    assessment = Assessment({"M": Level.MUST})
    assessment.met("M", EXCHANGE)
    assessment.warn("M", message="w")
    assessment.note("M", message="n")
    assessment.unclear("M", message="u")
    assessment.skip("M", "s")
    assessment.error("M", "e")
    assert [one.outcome.value for one in assessment.findings] == [
        "passed", "warned", "noted", "inconclusive", "skipped", "error"
    ]  # fmt: skip


def test_what_cannot_be_assessed_is_counted_and_said() -> None:
    unseen = Result(requirement("X-9", not_assessed="nobody sees it"), Outcome.SKIPPED, ())
    judgement = conclude(
        [unseen, *results((Level.MUST, Outcome.PASSED), (Level.MUST, Outcome.WARNED))], Scope()
    )
    assert judgement.reason == "2 of 3 MUST hold, 1 cannot be assessed by this suite, with 1 warning"
    broken = conclude([unseen, *results((Level.MUST, Outcome.FAILED))], Scope())
    assert broken.reason == "broken: X-0; 0 of 2 MUST hold, 1 cannot be assessed by this suite"


@given(st.lists(st.tuples(st.sampled_from(Level), st.sampled_from(Outcome)), max_size=8))
def test_the_numbers_of_a_tally_add_up(outcomes: list[tuple[Level, Outcome]]) -> None:
    unseen = Result(requirement("X-9", not_assessed="nobody sees it"), Outcome.SKIPPED, ())
    counted = tally([unseen, *results(*outcomes)])
    assert counted.total == 1 + len([one for one, _ in outcomes if one is Level.MUST])
    assert counted.hold + counted.broken + counted.open + counted.not_assessable == counted.total


@pytest.mark.parametrize(
    ("scope", "insecure", "headline"),
    [
        (Scope(), False, "conformant: 1 of 1 MUST hold"),
        (Scope(), True, "conformant, TLS not verified: 1 of 1 MUST hold"),
        (
            Scope(read_only=True, outside=("X-7",)),
            True,
            "conformant for reading only, TLS not verified: 1 of 1 MUST in scope hold",
        ),
        (
            Scope(only=("OA-W1",), outside=("X-7",)),
            False,
            "conformant for only OA-W1: 1 of 1 MUST in scope hold",
        ),
    ],
)
def test_the_headline_tells_the_conditions(scope: Scope, insecure: bool, headline: str) -> None:
    settings = (Setting("insecure", Kind.OPTION, insecure, default=False),)
    assert make_run(one_result(Outcome.PASSED), scope=scope, settings=settings).headline == headline


def test_the_headline_counts_the_musts_whatever_the_reason() -> None:
    unseen = Result(requirement("OA-W9", not_assessed="nobody sees it"), Outcome.SKIPPED, ())
    run = make_run(
        one_result(Outcome.PASSED),
        unseen,
        verdict=Verdict.INCOMPLETE,
        exit_code=3,
        reason="the run was interrupted",
    )
    assert run.headline == (
        "incomplete: the run was interrupted; 1 of 2 MUST hold, 1 cannot be assessed by this suite"
    )
    lost = make_run(one_result(Outcome.INCONCLUSIVE), verdict=Verdict.UNREACHABLE, reason="nobody listens")
    assert lost.headline == "unreachable: nobody listens"
    may = make_run(one_result(Outcome.NOTED, level=Level.MAY))
    assert may.headline == "conformant: nothing in scope is broken"
