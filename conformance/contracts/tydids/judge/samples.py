"""Rules about identities that the operator named: the code and the body of their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.judge.opinion import (
    CREDENTIALS,
    Opinion,
    broken,
    met,
    tell,
    unclear,
    wrong_code,
)
from conformance.contracts.tydids.judge.reading import GRANTED, REVOKED, WELL_FORMED, Reading, View, dated
from conformance.evidence import not_an_object, remark_on_json
from conformance.outcome import Assessment
from conformance.schema import violations
from conformance.wire import strict
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, show

MILLISECONDS: Final = 10**11
EARLY: Final = 94_694_400
"""The beginning of 1973 in Unix time. A smaller number is more likely something else: a block, days, minutes."""
EXPECTED: Final = {
    GRANTED: '{"status": "granted", "consensus": integer}',
    REVOKED: '{"status": "revoked", "consensus": integer, "revoked": integer}',
}


@rule("TY-G1")
def not_revoked_is_200(view: View, assessment: Assessment) -> None:
    for readings in view.by_identity(GRANTED):
        tell(assessment, "TY-G1", (_granted_code(view, one) for one in readings))
    for one in view.turned(GRANTED):
        message = "an identity that was named as granted has revoked during the run"
        assessment.note("TY-G1", one.exchange, message=message)


def _granted_code(view: View, reading: Reading) -> Opinion:
    return met(reading) if reading.status == 200 else wrong_code(view, reading, "200")


@rule("TY-R1")
def revoked_is_403(view: View, assessment: Assessment) -> None:
    for readings in view.by_identity(REVOKED):
        tell(assessment, "TY-R1", (_revoked_code(view, one) for one in readings))
    for one in view.turned(REVOKED):
        message = "an identity that was named as revoked is granted until its revocation has been heard of"
        assessment.note("TY-R1", one.exchange, message=message)


def _revoked_code(view: View, reading: Reading) -> Opinion:
    if reading.status == 403 and reading.verdict:
        return met(reading)
    if reading.status == 403 and not reading.undecided:
        hint = "" if view.open else CREDENTIALS
        return unclear(
            reading, "a plain denial: a 403 whose body has no verdict, which any gateway may send", hint
        )
    return wrong_code(view, reading, "403 and a body that says revoked")


@rule("TY-G2")
def not_revoked_says_granted(view: View, assessment: Assessment) -> None:
    for reading in granted_bodies(view):
        tell(assessment, "TY-G2", [_says(view, reading, GRANTED)])
        remark_on_json(reading.exchange, "TY-G2", assessment)


@rule("TY-R2")
def revoked_says_revoked(view: View, assessment: Assessment) -> None:
    for reading in revoked_bodies(view):
        tell(assessment, "TY-R2", [_says(view, reading, REVOKED)])
        remark_on_json(reading.exchange, "TY-R2", assessment)


def granted_bodies(view: View) -> Iterator[Reading]:
    """The answers whose body has to say granted: those with 200, and those with another code that say so.

    Of identities that nobody named, and of other ways to write one, only what says granted is one of these.
    """
    for reading in view.of(*WELL_FORMED, "miscased"):
        if reading.sample == GRANTED:
            mine = reading.claim == GRANTED or reading.status == 200
        elif reading.sample == "unnamed":
            mine = reading.status == 200 and reading.claim != REVOKED
        else:
            mine = bool(view.settings.many(GRANTED)) and reading.claim == GRANTED
        if mine:
            yield reading


def revoked_bodies(view: View) -> Iterator[Reading]:
    """The answers whose body has to say revoked: those with 403, and those with another code that say so.

    A 403 for an identity that nobody named may be anyone's; only its verdict makes it one of these. One that nobody
    published cannot have revoked: that it is told to have done so is another requirement's business.
    """
    for reading in view.of(*WELL_FORMED, "miscased"):
        if reading.sample == "unknown":
            continue
        known = reading.sample in (REVOKED, "unnamed") or bool(view.settings.many(REVOKED))
        said = known and reading.claim == REVOKED and reading.sample != GRANTED
        if said or (reading.status == 403 and reading.sample == REVOKED and not reading.undecided):
            yield reading


def _says(view: View, reading: Reading, word: str) -> Opinion:
    """Whether the body is an object whose status is exactly `word`."""
    response = reading.exchange.response
    if response is not None and response.truncated:
        return unclear(reading, "the body is longer than the size cap and was not read to its end")
    if reading.plain_denial and not view.open:
        return unclear(reading, "every call is denied, and no answer has a verdict", CREDENTIALS)
    problem = not_an_object(reading.exchange)
    if problem:
        return broken(reading, problem, EXPECTED[word])
    wrong = _violation(reading, word, "status")
    plain = "a plain denial: " if reading.plain_denial else ""
    return broken(reading, f"{plain}status {wrong}", EXPECTED[word]) if wrong else met(reading)


def _violation(reading: Reading, word: str, name: str) -> str | None:
    """What the schema of `word` has against the member `name`."""
    response = reading.exchange.response
    return None if response is None else _violations(word, response.body).get(f"/{name}")


@lru_cache(maxsize=1024)
def _violations(word: str, body: bytes) -> Mapping[str, str]:
    """The first violation at each place of a body; remembered, since most bodies of a run are alike."""
    found: dict[str, str] = {}
    for one in violations(f"tydids/{word}", strict.parse(body).value):
        found.setdefault(one.path, one.message)
    return found


@rule("TY-G3")
def granted_answers_count_the_consensus(view: View, assessment: Assessment) -> None:
    for reading in granted_bodies(view):
        _judge_integer(reading, GRANTED, "consensus", "TY-G3", assessment)


@rule("TY-R3")
def revoked_answers_count_the_consensus(view: View, assessment: Assessment) -> None:
    for reading in revoked_bodies(view):
        _judge_integer(reading, REVOKED, "consensus", "TY-R3", assessment)


@rule("TY-R4")
def revoked_answers_have_a_time(view: View, assessment: Assessment) -> None:
    for reading in revoked_bodies(view):
        if reading.claim != GRANTED:
            _judge_integer(reading, REVOKED, "revoked", "TY-R4", assessment)


def _judge_integer(reading: Reading, word: str, name: str, requirement: str, assessment: Assessment) -> None:
    """Whether a member is an integer; its absence counts only in an answer that has a verdict."""
    value = reading.member(name)
    if value is MISSING and reading.claim is None:
        return
    received = f"{name}: {show(value)}"
    wrong = _violation(reading, word, name)
    if wrong:
        tell(assessment, requirement, [broken(reading, f"{name} {wrong}", "an integer", received)])
    elif integer_kind(value) == "integral float":
        message = f"{name} is an integer written with a fraction or an exponent"
        assessment.warn(
            requirement, reading.exchange, message=message, expected="an integer", received=received
        )
    else:
        assessment.met(requirement, reading.exchange)


@rule("TY-G4")
def a_grant_has_no_time_of_revocation(view: View, assessment: Assessment) -> None:
    for reading in granted_bodies(view):
        if reading.claim != GRANTED:
            continue
        value = reading.member("revoked")
        if value is MISSING:
            assessment.met("TY-G4", reading.exchange)
        else:
            message, received = "a granted answer has a member revoked", f"revoked: {show(value)}"
            assessment.broken("TY-G4", reading.exchange, message=message, expected="none", received=received)


@rule("TY-R5")
def the_time_is_in_seconds(view: View, assessment: Assessment) -> None:
    for reading, value in revocations(view):
        if value > MILLISECONDS:
            message, received = "revoked is in milliseconds or finer", f"revoked: {value}"
            tell(
                assessment, "TY-R5", [broken(reading, message, "seconds since 1970, as 1722722789", received)]
            )
        else:
            assessment.met("TY-R5", reading.exchange)


@rule("TY-R6")
def the_time_lies_in_the_past(view: View, assessment: Assessment) -> None:
    for reading, value in revocations(view):
        latest = _now(reading.exchange) + view.settings.clock_tolerance
        if value <= 0:
            message = "revoked is not a moment after 1970"
        elif latest < value <= MILLISECONDS:
            message = "revoked lies in the future"
        elif value > MILLISECONDS:
            continue
        else:
            assessment.met("TY-R6", reading.exchange)
            _remark_on_early(reading, value, assessment)
            continue
        expected = f"above 0 and at most {latest:.0f}"
        tell(assessment, "TY-R6", [broken(reading, message, expected, f"revoked: {value}")])


def _remark_on_early(reading: Reading, value: int, assessment: Assessment) -> None:
    """Note a time that is a past moment, as asked for, but long before anything could be revoked."""
    if value < EARLY:
        message = f"revoked is {value}, a moment before 1973: it may be no time at all, or in another unit"
        assessment.note("TY-R6", reading.exchange, message=message)


def revocations(view: View) -> Iterator[tuple[Reading, int]]:
    """Every revoked answer whose time is an integer, with it."""
    for reading in revoked_bodies(view):
        value = reading.number("revoked")
        if value is not None:
            yield reading, value


def _now(exchange: Exchange) -> float:
    """The moment of the answer by our clock or the deployment's, whichever is later."""
    return max(exchange.ended, dated(exchange) or 0)


@rule("TY-R7")
def a_revocation_is_a_fact(view: View, assessment: Assessment) -> None:
    for readings in view.by_identity(REVOKED, "unnamed", "encoded"):
        told = [one for one in readings if one.claim == REVOKED and one.number("revoked") is not None]
        times = list(dict.fromkeys(one.number("revoked") for one in told))
        exchanges = [one.exchange for one in told]
        if len(times) > 1:
            message, received = "the time of one revocation changes", ", ".join(map(str, times[:5]))
            assessment.broken("TY-R7", *exchanges, message=message, expected="one time", received=received)
        elif len(told) > 1:
            assessment.met("TY-R7", *exchanges)
        _judge_permanence([one for one in readings if one.sample != "encoded"], assessment)


def _judge_permanence(readings: list[Reading], assessment: Assessment) -> None:
    """Whether what has been revoked is granted later on."""
    first = next((one for one in readings if one.claim == REVOKED), None)
    later = [one for one in readings if first and one.claim == GRANTED and _follows(one, first)]
    for reading in later:
        message = "an identity that was revoked is granted later on"
        tell(assessment, "TY-R7", [broken(reading, message, "revoked")])


def _follows(later: Reading, earlier: Reading) -> bool:
    return later.exchange.started >= earlier.exchange.ended


RULES: Final[tuple[Rule, ...]] = (
    not_revoked_is_200,
    not_revoked_says_granted,
    granted_answers_count_the_consensus,
    a_grant_has_no_time_of_revocation,
    revoked_is_403,
    revoked_says_revoked,
    revoked_answers_count_the_consensus,
    revoked_answers_have_a_time,
    the_time_is_in_seconds,
    the_time_lies_in_the_past,
    a_revocation_is_a_fact,
)
