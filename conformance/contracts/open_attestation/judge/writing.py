"""Rules about what a write is answered with, and what the receipt says by itself."""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.open_attestation.history import View, Write
from conformance.evidence import (
    Answer,
    answer,
    code,
    judge_label,
    member,
    not_an_object,
    received,
    remark_on_json,
)
from conformance.outcome import Assessment
from conformance.wire.strict import integer_kind, kind, show


def receipts(view: View) -> list[Write]:
    """The acknowledged writes whose receipt is a JSON object."""
    return [write for write in view.writes if write.acknowledged and not_an_object(write.exchange) is None]


@rule("OA-W1", "OA-W7")
def accepted(view: View, assessment: Assessment) -> None:
    """A write with the key is answered with 200 or 201, whatever the status; what is turned away has a cause."""
    for write in (one for one in view.writes if one.kind == "key"):
        exchange = write.exchange
        if write.acknowledged:
            assessment.met("OA-W7", exchange)
        if exchange.status in (200, 201):
            assessment.met("OA-W1", exchange)
        elif write.acknowledged:
            message = (
                f"a write is answered with {exchange.status}; the document shows a receipt, so 200 or 201"
            )
            assessment.warn(
                "OA-W1", exchange, message=message, expected="200 or 201", received=received(exchange)
            )
        elif exchange.status in (401, 403) and not view.key_works:
            message = f"every write with the key was answered with {code(exchange)}"
            assessment.unclear(
                "OA-W1", exchange, message=message, hint="check that --api-key is the right key"
            )


@rule("OA-W2")
def names_the_hash(view: View, assessment: Assessment) -> None:
    """The receipt is an object whose id is the hash."""
    for write in (one for one in view.writes if one.acknowledged):
        problem, given = not_an_object(write.exchange), member(write.exchange, "id")
        remark_on_json(write.exchange, "OA-W2", assessment)
        if problem is None and isinstance(given, str) and given == write.target:
            assessment.met("OA-W2", write.exchange)
        else:
            assessment.broken(
                "OA-W2",
                write.exchange,
                message=f"the receipt does not name the hash: {problem or 'its id is ' + kind(given)}",
                expected=f'an object with "id": "{write.target}"',
                received=received(write.exchange) if problem else f'"id": {show(given)}',
            )


@rule("OA-W3")
def repeats_the_status(view: View, assessment: Assessment) -> None:
    """The receipt's status is the integer that was sent."""
    for write in receipts(view):
        given = member(write.exchange, "status")
        _integer(write, "OA-W3", "status", given, assessment, wanted=write.status)


@rule("OA-W4")
def has_a_timestamp(view: View, assessment: Assessment) -> None:
    """The receipt's timestamp is an integer."""
    for write in receipts(view):
        _integer(write, "OA-W4", "timestamp", write.receipt, assessment)


def _integer(
    write: Write, requirement: str, name: str, given: object, assessment: Assessment, wanted: object = None
) -> None:
    """Whether a member of the receipt is an integer, and the one that is `wanted`."""
    form, exchange = integer_kind(given), write.exchange
    if form and wanted in (None, given):
        if form == "integer":
            assessment.met(requirement, exchange)
        else:
            message = f"the receipt writes its {name}, an integer, with a fraction part"
            assessment.warn(requirement, exchange, message=message)
        return
    sent = "a JSON integer" if wanted is None else f"{wanted} (a JSON integer)"
    what = "has no integer timestamp" if wanted is None else "does not repeat the status that was sent"
    assessment.broken(
        requirement,
        exchange,
        message=f"the receipt {what}",
        expected=f'"{name}": {sent}',
        received=f'"{name}": {show(given)} ({kind(given)})',
    )


@rule("OA-R15")
def labelled(view: View, assessment: Assessment) -> None:
    """Accepted answers are labelled application/json."""
    for exchange in [write.exchange for write in view.writes] + view.reads:
        if answer(exchange) is Answer.ACCEPTED and not_an_object(exchange) is None:
            judge_label(exchange, "OA-R15", assessment)


RULES = (accepted, names_the_hash, repeats_the_status, has_a_timestamp, labelled)
