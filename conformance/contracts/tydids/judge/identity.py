"""Rules about the identity itself: missing, malformed, unknown, written in another way; and about caching."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.judge.consistency import CODES, skip_without_sample
from conformance.contracts.tydids.judge.opinion import Opinion, broken, met, tell, unclear, undecided
from conformance.contracts.tydids.judge.reading import (
    GRANTED,
    REVOKED,
    WELL_FORMED,
    Reading,
    View,
    age,
    has_letter_case,
)
from conformance.evidence import Answer, answer
from conformance.outcome import Assessment
from conformance.wire.exchange import GENERATED, Exchange

SURE: Final = 3
"""How many answers in a generated history show that it is not a defect that comes and goes."""
LONG: Final = 300
"""Seconds of caching that a note calls long."""


def _works(view: View, *verdicts: str) -> bool:
    """The positive control: whether an identity that can have a verdict got one of these, with its code."""
    return any(
        reading.claim in verdicts and reading.status == CODES[reading.claim]
        for reading in view.of(*WELL_FORMED)
        if reading.claim
    )


def _no_control(reading: Reading, what: str) -> Opinion:
    return unclear(
        reading, f"{what}, but no identity got a verdict either", "give --granted with one that gets it"
    )


@rule("TY-I2")
def no_identity_no_verdict(view: View, assessment: Assessment) -> None:
    works = _works(view, GRANTED, REVOKED)
    for sample in ("missing", "empty"):
        tell(assessment, "TY-I2", (_without_identity(one, works) for one in view.of(sample)))


def _without_identity(reading: Reading, works: bool) -> Opinion:
    what = f"a call with {'no' if reading.sample == 'missing' else 'an empty'} identity"
    kind = answer(reading.exchange)
    if reading.claim:
        return broken(reading, f"{what} gets the verdict {reading.claim}", "a 4xx without a verdict")
    if reading.undecided:
        return undecided(reading)
    if not works:
        return _no_control(reading, f"{what} got no verdict")
    if kind is Answer.REFUSED:
        return met(reading)
    if kind is Answer.REDIRECTED:
        return unclear(reading, f"{what} is redirected")
    return broken(reading, f"{what} gets {reading.status}, without a verdict", "a 4xx")


@rule("TY-I3")
def a_malformed_identity_is_never_granted(view: View, assessment: Assessment) -> None:
    works = _works(view, GRANTED)
    for readings in view.by_identity("malformed"):
        tell(assessment, "TY-I3", (_malformed(one, works) for one in readings))
    _judge_padded(view.of("padded"), works, assessment)
    for reading in view.of("miscased"):
        message = f"an address with a wrong checksum: {_seen(reading)}"
        assessment.note("TY-I3", reading.exchange, message=message)


def _judge_padded(readings: list[Reading], works: bool, assessment: Assessment) -> None:
    """White space around an identity may be trimmed; where only a line break slips through, nobody meant to.

    Where only blanks do, the line break may have been refused on the way, by a firewall.
    """
    slipped = [one for one in readings if one.claim == GRANTED]
    caught = [one for one in readings if one.claim != GRANTED and not one.undecided and _blanks_only(one)]
    if slipped and not caught:
        message = "white space around an identity does not count"
        assessment.note("TY-I3", *(one.exchange for one in slipped), message=message)
    else:
        for reading in readings:
            tell(assessment, "TY-I3", [_malformed(reading, works)])


def _blanks_only(padded: Reading) -> bool:
    """Whether there are blanks around an identity, and nothing else."""
    return padded.identity.strip() == padded.identity.strip(" ")


def _malformed(reading: Reading, works: bool) -> Opinion:
    kind = answer(reading.exchange)
    if reading.claim == GRANTED:
        what = f" ({reading.case})" if reading.case else ""
        return broken(reading, f"what is no identity is granted{what}", "a 4xx, or any answer but granted")
    if reading.undecided:
        return undecided(reading)
    if kind is Answer.BROKEN:
        return unclear(reading, "the server failed, which is not a refusal")
    return met(reading) if works else _no_control(reading, "what is no identity is not granted")


def _seen(reading: Reading) -> str:
    """An answer in two words."""
    code = str(reading.status) if reading.status else (reading.exchange.failure or "no answer")
    return f"{code} {reading.verdict}" if reading.verdict else f"{code} without a verdict"


@rule("TY-I4")
def an_identity_that_nobody_published(view: View, assessment: Assessment) -> None:
    for reading in view.of("unknown"):
        which = f", which {reading.case}," if reading.case else ""
        message = f"an identity that nobody published{which} gets {_seen(reading)}"
        if reading.verdict == REVOKED:
            expected = "granted or a 4xx: it cannot have revoked anything"
            assessment.warn("TY-I4", reading.exchange, message=message, expected=expected)
        else:
            assessment.note("TY-I4", reading.exchange, message=message)


@rule("TY-I5")
def lower_case(view: View, assessment: Assessment) -> None:
    for reading in view.of("lower"):
        same = reading.verdict is not None and reading.verdict in _verdicts(view, reading)
        what = "gets the same verdict" if same else "does not get its verdict"
        message = f"an address that was named as {reading.expect} {what} in lower case: {_seen(reading)}"
        assessment.note("TY-I5", reading.exchange, message=message)
    named = (*view.settings.many(GRANTED), *view.settings.many(REVOKED))
    if not view.of("lower") and not any(map(has_letter_case, named)):
        hint = "give --granted or --revoked with an address that has upper-case letters"
        assessment.skip("TY-I5", "no address with upper-case letters was named", hint)


def _verdicts(view: View, variant: Reading) -> set[str | None]:
    """The verdicts that the plain form of an identity gets."""
    plain = view.of(GRANTED, REVOKED)
    return {one.verdict for one in plain if one.identity == variant.identity and one.verdict}


@rule("TY-I6")
def percent_encoding_does_not_matter(view: View, assessment: Assessment) -> None:
    distinct = _distinguishes(view)
    for readings in view.by_identity("encoded"):
        plain = [one for one in view.of(GRANTED, REVOKED) if one.identity == readings[0].identity]
        tell(assessment, "TY-I6", (_encoded(one, plain, distinct) for one in readings))
    skip_without_sample(view, assessment, "TY-I6")


def _distinguishes(view: View) -> bool:
    """Whether identities are told apart, as far as those of both kinds were asked for."""
    named = view.of(GRANTED, REVOKED)
    kinds, verdicts = {one.sample for one in named}, {one.verdict for one in named if one.verdict}
    return len(kinds) < 2 or len(verdicts) == 2


def _encoded(reading: Reading, plain: list[Reading], distinct: bool) -> Opinion:
    verdicts = {one.verdict for one in plain if one.verdict}
    if reading.undecided:
        return undecided(reading)
    if len(verdicts) != 1:
        return unclear(reading, "the plain form of the identity has no single verdict to compare with")
    if reading.verdict in verdicts:
        return (
            met(reading)
            if distinct
            else unclear(reading, "every identity gets this verdict, in whatever form")
        )
    if _seen(reading) in map(_seen, plain) or (reading.exchange.part == GENERATED and len(plain) < SURE):
        return unclear(reading, "the plain form of the identity may get such an answer too, now and then")
    (verdict,) = verdicts
    message = f"percent-encoded, an identity that is {verdict} gets {_seen(reading)}"
    return broken(reading, message, f"{verdict}, as the plain form gets")


@rule("TY-P1")
def answers_are_not_cached_for_long(view: View, assessment: Assessment) -> None:
    told: dict[str, list[Exchange]] = {}
    for reading in view.readings:
        if reading.claim:
            told.setdefault(_caching(reading.exchange), []).append(reading.exchange)
    for message, exchanges in told.items():
        assessment.note("TY-P1", *exchanges, message=message)
    skip_without_sample(view, assessment, "TY-P1")


def _caching(exchange: Exchange) -> str:
    """What an answer says about caching, in a sentence."""
    assert exchange.response is not None
    header = exchange.response.header
    control, expires, aged = header("cache-control"), header("expires"), header("age")
    parts = [
        f"Cache-Control: {control}" if control else "",
        "Expires" if expires else "",
        "Age" if aged else "",
    ]
    said = ", ".join(part for part in parts if part) or "nothing"
    seconds = max(filter(None, (_max_age(control), _lifetime(exchange), age(exchange))), default=0)
    long = f": a revocation may stay unseen for more than {LONG} s" if seconds > LONG else ""
    return f"answers say {said} about caching{long}"


def _max_age(control: str | None) -> int | None:
    text = (control or "").lower()
    if "no-store" in text or "no-cache" in text:
        return None
    found = re.search(r"s-maxage\s*=\s*\"?(\d{1,12})", text) or re.search(
        r"max-age\s*=\s*\"?(\d{1,12})", text
    )
    return int(found[1]) if found else None


def _lifetime(exchange: Exchange) -> float | None:
    """Seconds until `Expires`, where `Cache-Control` does not overrule it."""
    assert exchange.response is not None
    header: Callable[[str], str | None] = exchange.response.header
    expires, control = header("expires"), header("cache-control")
    if not expires or control:
        return None
    try:
        return parsedate_to_datetime(expires).timestamp() - exchange.ended
    except (TypeError, ValueError, OverflowError):
        return None


RULES: Final[tuple[Rule, ...]] = (
    no_identity_no_verdict,
    a_malformed_identity_is_never_granted,
    an_identity_that_nobody_published,
    lower_case,
    percent_encoding_does_not_matter,
    answers_are_not_cached_for_long,
)
