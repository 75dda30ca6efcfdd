"""The members of a CredentialStatus, one by one (S3 to S9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contracts.dcp.message import MEMBERS, WORDS
from conformance.contracts.dcp.model import View, offered
from conformance.contracts.dcp.observations import Read
from conformance.evidence import judge_label, not_an_object, received, remark_on_json
from conformance.jsonld import DCP_CONTEXT
from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, kind, show


def values(view: View, name: str) -> Iterator[tuple[Exchange, Any]]:
    """Every value of the member `name` in the answers; what is missing or null is S3's to tell."""
    for read in view.shown:
        value = (read.members or {}).get(name)
        if value is not None:
            yield read.exchange, value


@offered("DCP-S2")
def labelled(view: View, assessment: Assessment) -> None:
    """The answer is labelled application/json."""
    for exchange in (read.exchange for read in view.shown):
        if exchange.response and exchange.response.media_type == "application/ld+json":
            message = "the answer is labelled application/ld+json"
            assessment.warn("DCP-S2", exchange, message=message, expected="Content-Type: application/json")
        else:
            judge_label(exchange, "DCP-S2", assessment)


@offered("DCP-S3")
def complete(view: View, assessment: Assessment) -> None:
    """The body is a JSON object with the five members, none of them null."""
    for read in view.proper:
        if read.let_in and read.exchange.response and read.exchange.response.truncated:
            message = "the body is longer than the size cap and was not read to its end"
            assessment.unclear("DCP-S3", read.exchange, message=message)
    for read in view.shown:
        _judge_object(read, assessment)


def _judge_object(read: Read, assessment: Assessment) -> None:
    problem = not_an_object(read.exchange)
    complaints = [problem] if problem else list(_absent(read.members or {}))
    for complaint in complaints:
        assessment.broken(
            "DCP-S3",
            read.exchange,
            message=complaint,
            expected=f"a JSON object with {', '.join(MEMBERS)}",
            received=received(read.exchange),
        )
    if not complaints:
        assessment.met("DCP-S3", read.exchange)
    remark_on_json(read.exchange, "DCP-S3", assessment)


def _absent(members: dict[str, Any]) -> Iterator[str]:
    for name in MEMBERS:
        value = members.get(name, MISSING)
        if value is MISSING or value is None:
            yield f"{name} is {kind(value)}"


@offered("DCP-S4")
def context_is_array(view: View, assessment: Assessment) -> None:
    """@context is an array of strings; an inline object beside them is a warning."""
    for exchange, value in values(view, "@context"):
        shown = {"expected": "an array of strings", "received": f"@context: {show(value)}"}
        if not isinstance(value, list):
            bare = "a bare string" if isinstance(value, str) else kind(value)
            assessment.broken("DCP-S4", exchange, message=f"@context is {bare}, not an array", **shown)
            continue
        kinds = dict.fromkeys(kind(entry) for entry in value if not isinstance(entry, str | dict))
        for name in kinds:
            assessment.broken("DCP-S4", exchange, message=f"an entry of @context is {name}", **shown)
        if any(isinstance(entry, dict) for entry in value):
            assessment.warn("DCP-S4", exchange, message="an entry of @context is an inline object", **shown)
        elif not kinds:
            assessment.met("DCP-S4", exchange)


@offered("DCP-S5")
def context_is_ours(view: View, assessment: Assessment) -> None:
    """@context holds the protocol's context, exactly; only an array can hold it."""
    for exchange, value in values(view, "@context"):
        if not isinstance(value, list):
            continue
        if DCP_CONTEXT in [entry for entry in value if isinstance(entry, str)]:
            assessment.met("DCP-S5", exchange)
        elif not any(isinstance(entry, list) and DCP_CONTEXT in entry for entry in value):
            assessment.broken(
                "DCP-S5",
                exchange,
                message="@context does not contain the context of DCP 1.0",
                expected=DCP_CONTEXT,
                received=f"@context: {show(value)}",
            )


@offered("DCP-S6")
def typed(view: View, assessment: Assessment) -> None:
    """type is exactly CredentialStatus."""
    for exchange, value in values(view, "type"):
        if value == "CredentialStatus":
            assessment.met("DCP-S6", exchange)
        else:
            message = f"type is {'another string' if isinstance(value, str) else kind(value)}"
            _member(assessment, "DCP-S6", exchange, message, '"CredentialStatus"', f"type: {show(value)}")


def _judge_pid(view: View, assessment: Assessment, requirement: str, name: str) -> None:
    for exchange, value in values(view, name):
        if not isinstance(value, str):
            seen = f"{name}: {show(value)}"
            _member(assessment, requirement, exchange, f"{name} is {kind(value)}", "a string", seen)
        elif not value.strip():
            assessment.warn(requirement, exchange, message=f"{name} is an empty string", expected="an id")
        else:
            assessment.met(requirement, exchange)


@offered("DCP-S7")
def issuer_pid(view: View, assessment: Assessment) -> None:
    """issuerPid is a string."""
    _judge_pid(view, assessment, "DCP-S7", "issuerPid")


@offered("DCP-S8")
def holder_pid(view: View, assessment: Assessment) -> None:
    """holderPid is a string."""
    _judge_pid(view, assessment, "DCP-S8", "holderPid")


@offered("DCP-S9")
def worded(view: View, assessment: Assessment) -> None:
    """status is exactly one of the three words."""
    for exchange, value in values(view, "status"):
        if isinstance(value, str) and value in WORDS:
            assessment.met("DCP-S9", exchange)
        else:
            what = f"the string {show(value, 60)}" if isinstance(value, str) else kind(value)
            seen = f"status: {show(value)}"
            _member(assessment, "DCP-S9", exchange, f"status is {what}", " or ".join(WORDS), seen)


def _member(
    assessment: Assessment, requirement: str, exchange: Exchange, message: str, expected: str, seen: str
) -> None:
    """One member is not what it has to be."""
    assessment.broken(requirement, exchange, message=message, expected=expected, received=seen)


RULES = (labelled, complete, context_is_array, context_is_ours, typed, issuer_pid, holder_pid, worded)
