"""Literal rules: what one answer contradicts by itself, in its members, their types and its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.model import counted
from conformance.contracts.tydids.observations import (
    CODES,
    GRANTED,
    NAMED,
    REVOKED,
    WELL_FORMED,
    Observation,
    View,
    dated,
)
from conformance.evidence import judge_label, not_an_object, received, remark_on_json
from conformance.outcome import Assessment
from conformance.schema import violations
from conformance.wire import strict
from conformance.wire.strict import MISSING, integer_kind, show

MILLISECONDS: Final = 10**11
EARLY: Final = 94_694_400
"""The beginning of 1973 in Unix time. A smaller number is more likely something else: a block, days, minutes."""
CREDENTIALS: Final = "if the deployment wants credentials, give them with --header"
EXPECTED: Final = {
    GRANTED: '{"status": "granted", "consensus": integer}',
    REVOKED: '{"status": "revoked", "consensus": integer, "revoked": integer}',
}


def bodies(view: View, word: str) -> Iterator[Observation]:
    """The answers whose body has to say `word`: those with its code, and those with another code that say so.

    Of identities that nobody named, and of other ways to write one, only what says so is one of these; and nobody
    can have revoked what nobody published.
    """
    for one in view.of(*WELL_FORMED, "miscased"):
        if one.sample == word:
            coded = one.code == CODES[word] and (word == GRANTED or not one.undecided)
            mine = one.claim == word or coded
        elif one.sample == "unnamed":
            mine = one.claim == word or (word == GRANTED and one.code == 200 and one.claim is None)
        elif word == REVOKED and (one.sample == "unknown" or one.kind == GRANTED):
            mine = False
        else:
            mine = view.named(word) and (one.verdict if one.sample in NAMED else one.claim) == word
        if mine:
            yield one


def _says(word: str, requirement: str) -> Rule:
    @rule(requirement)
    def decide(view: View, assessment: Assessment) -> None:
        """The body is an object whose status is exactly the word."""
        for one in bodies(view, word):
            _word(one, word, requirement, view, assessment)
            remark_on_json(one.exchange, requirement, assessment)

    return decide


def _word(one: Observation, word: str, requirement: str, view: View, assessment: Assessment) -> None:
    response = one.exchange.response
    if response is not None and response.truncated:
        message = "the body is longer than the size cap and was not read to its end"
        assessment.unclear(requirement, one.exchange, message=message, received=received(one.exchange))
    elif one.denied and not view.open:
        message = "every call is denied, and no answer has a verdict"
        assessment.unclear(requirement, one.exchange, message=message, hint=CREDENTIALS)
    else:
        problem = not_an_object(one.exchange)
        wrong = None if problem else _violation(one, word, "status")
        if wrong:
            problem = f"{'a plain denial: ' if one.denied else ''}status {wrong}"
        _tell(one, problem, EXPECTED[word], received(one.exchange), requirement, assessment)


def _tell(
    one: Observation, problem: str | None, expected: str, told: str, requirement: str, assessment: Assessment
) -> None:
    """The requirement holds in this answer, or it does not for this reason."""
    if problem:
        assessment.broken(requirement, one.exchange, message=problem, expected=expected, received=told)
    else:
        assessment.met(requirement, one.exchange)


def _violation(one: Observation, word: str, name: str) -> str | None:
    """What the schema of `word` has against the member `name`."""
    response = one.exchange.response
    return None if response is None else _violations(word, response.body).get(f"/{name}")


@lru_cache(maxsize=1024)
def _violations(word: str, body: bytes) -> Mapping[str, str]:
    """The first violation at each place of a body; remembered, since most bodies of a run are alike."""
    found: dict[str, str] = {}
    for one in violations(f"tydids/{word}", strict.parse(body).value):
        found.setdefault(one.path, one.message)
    return found


def _counts(word: str, name: str, requirement: str) -> Rule:
    @rule(requirement)
    def decide(view: View, assessment: Assessment) -> None:
        """A member is an integer; its absence counts only in an answer that has a verdict."""
        for one in bodies(view, word):
            value = one.member(name)
            if value is MISSING and one.claim != word:
                continue
            wrong, told = _violation(one, word, name), f"{name}: {show(value)}"
            if not wrong and integer_kind(value) == "integral float":
                message = f"{name} is an integer written with a fraction or an exponent"
                assessment.warn(
                    requirement, one.exchange, message=message, expected="an integer", received=told
                )
            else:
                _tell(one, wrong and f"{name} {wrong}", "an integer", told, requirement, assessment)

    return decide


@rule("TY-G4")
def a_grant_has_no_time_of_revocation(view: View, assessment: Assessment) -> None:
    for one in bodies(view, GRANTED):
        if one.claim == GRANTED:
            value = one.member("revoked")
            problem = None if value is MISSING else "a granted answer has a member revoked"
            _tell(one, problem, "none", f"revoked: {show(value)}", "TY-G4", assessment)


def _moments(view: View) -> Iterator[tuple[Observation, int]]:
    """Every revoked answer whose time is an integer, with it."""
    for one in bodies(view, REVOKED):
        value = one.number("revoked")
        if value is not None:
            yield one, value


@rule("TY-R5")
def the_time_is_in_seconds(view: View, assessment: Assessment) -> None:
    for one, value in _moments(view):
        problem = "revoked is in milliseconds or finer" if value > MILLISECONDS else None
        _tell(one, problem, "seconds since 1970, as 1722722789", f"revoked: {value}", "TY-R5", assessment)


@rule("TY-R6")
def the_time_lies_in_the_past(view: View, assessment: Assessment) -> None:
    for one, value in _moments(view):
        now = max(one.exchange.ended, dated(one.exchange) or 0)
        latest = now + view.settings.clock_tolerance
        future = "revoked lies in the future" if latest < value else None
        problem = "revoked is not a moment after 1970" if value <= 0 else future
        if value <= MILLISECONDS:
            expected = f"above 0 and at most {latest:.0f}"
            _tell(one, problem, expected, f"revoked: {value}", "TY-R6", assessment)
        if 0 < value < EARLY:
            message = (
                f"revoked is {value}, a moment before 1973: it may be no time at all, or in another unit"
            )
            assessment.note("TY-R6", one.exchange, message=message)


@rule("TY-C2")
def the_consensus_is_not_negative(view: View, assessment: Assessment) -> None:
    for one, number in counted(view):
        problem = "consensus is negative" if number < 0 else None
        _tell(one, problem, "0 or more", f"consensus: {number}", "TY-C2", assessment)
    skip_without_sample(view, assessment, "TY-C2")


@rule("TY-C4")
def answers_are_labelled_as_json(view: View, assessment: Assessment) -> None:
    for one in view.observations:
        if one.claim and one.code in CODES.values():
            judge_label(one.exchange, "TY-C4", assessment)
    skip_without_sample(view, assessment, "TY-C4")


def skip_without_sample(view: View, assessment: Assessment, *requirements: str) -> None:
    """Say what is missing, when nothing was found because no identity was named."""
    for requirement in requirements:
        silent = not any(one.requirement == requirement for one in assessment.findings)
        if silent and not any(map(view.named, NAMED)):
            assessment.skip(requirement, "no identity was named", "give --granted or --revoked")


RULES: Final[tuple[Rule, ...]] = (
    _says(GRANTED, "TY-G2"),
    _says(REVOKED, "TY-R2"),
    _counts(GRANTED, "consensus", "TY-G3"),
    _counts(REVOKED, "consensus", "TY-R3"),
    _counts(REVOKED, "revoked", "TY-R4"),
    a_grant_has_no_time_of_revocation,
    the_time_is_in_seconds,
    the_time_lies_in_the_past,
    the_consensus_is_not_negative,
    answers_are_labelled_as_json,
)
