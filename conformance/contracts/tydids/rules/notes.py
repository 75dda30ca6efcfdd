"""What either behaviour is right about: other letter case, and caching."""

from __future__ import annotations

import re
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.observations import (
    GRANTED,
    NAMED,
    REVOKED,
    Observation,
    View,
    age,
    has_letter_case,
    moment_of,
)
from conformance.contracts.tydids.rules.answers import skip_without_sample
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange

LONG: Final = 300
"""Seconds of caching that a note calls long."""


@rule("TY-I5")
def letter_case(view: View, assessment: Assessment) -> None:
    for one in view.of("lower"):
        plain = {each.verdict for each in view.of(*NAMED) if each.identity == one.identity}
        what = "gets the same verdict" if one.verdict and one.verdict in plain else "does not get its verdict"
        message = f"an address that was named as {one.kind} {what} in lower case: {one.seen}"
        assessment.note("TY-I5", one.exchange, message=message)
    for one in view.of("miscased"):
        assessment.note("TY-I3", one.exchange, message=f"an address with a wrong checksum: {one.seen}")
    for one in view.of("lower", "miscased"):
        if one.kind == REVOKED and one.verdict == GRANTED:
            assessment.remark(_overlooked(one), one.exchange)
    named = [identity for kind in NAMED for identity in view.settings.many(kind)]
    if not view.of("lower") and not any(map(has_letter_case, named)):
        hint = "give --granted or --revoked with an address that has upper-case letters"
        assessment.skip("TY-I5", "no address with upper-case letters was named", hint)


def _overlooked(one: Observation) -> str:
    how = "in lower case" if one.sample == "lower" else "with another letter case"
    return f"TY-I5: a revoked address is granted when it is written {how}: whoever asks that way misses the revocation"


@rule("TY-P1")
def answers_are_not_cached_for_long(view: View, assessment: Assessment) -> None:
    told: dict[str, list[Exchange]] = {}
    for one in view.observations:
        if one.claim:
            told.setdefault(_caching(one.exchange), []).append(one.exchange)
    for message, exchanges in told.items():
        assessment.note("TY-P1", *exchanges, message=message)
    skip_without_sample(view, assessment, "TY-P1")


def _caching(exchange: Exchange) -> str:
    """What an answer says about caching, in a sentence."""
    assert exchange.response is not None
    control = exchange.response.header("cache-control") or ""
    parts = [f"Cache-Control: {control}"] if control else []
    parts += [name for name in ("Expires", "Age") if exchange.response.header(name)]
    lifetime = (moment_of(exchange, "expires") or 0) - exchange.ended if not control else 0
    seconds = max(_max_age(control.lower()), lifetime, age(exchange) or 0)
    long = f": a revocation may stay unseen for more than {LONG} s" if seconds > LONG else ""
    return f"answers say {', '.join(parts) or 'nothing'} about caching{long}"


def _max_age(control: str) -> int:
    found = re.search(r"s-maxage\s*=\s*\"?(\d{1,12})", control) or re.search(
        r"max-age\s*=\s*\"?(\d{1,12})", control
    )
    return int(found[1]) if found and "no-store" not in control and "no-cache" not in control else 0


RULES: Final[tuple[Rule, ...]] = (letter_case, answers_are_not_cached_for_long)
