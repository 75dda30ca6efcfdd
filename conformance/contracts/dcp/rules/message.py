"""The message, member by member: labelled, complete, and each value what it has to be (S2 to S9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.contracts.dcp.message import MEMBERS, WORDS
from conformance.contracts.dcp.model import View
from conformance.contracts.dcp.observations import Read
from conformance.contracts.dcp.rules.offered import offered
from conformance.evidence import judge_label, not_an_object, received, remark_on_json
from conformance.jsonld import DCP_CONTEXT
from conformance.judging import Rule
from conformance.outcome import Assessment
from conformance.wire.strict import MISSING, kind, show

Complaints = Iterator[tuple[str, bool]]
"""What is wrong with a value, and whether that is no more than a warning."""


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
        problem, members = not_an_object(read.exchange), read.members or {}
        absent = [name for name in MEMBERS if members.get(name, MISSING) in (MISSING, None)]
        wrong = [problem] if problem else [f"{one} is {kind(members.get(one, MISSING))}" for one in absent]
        _judge(
            "DCP-S3",
            read,
            [(one, False) for one in wrong],
            f"a JSON object with {', '.join(MEMBERS)}",
            assessment,
        )
        remark_on_json(read.exchange, "DCP-S3", assessment)


def _judge(
    requirement: str, read: Read, complaints: list[tuple[str, bool]], expected: str, assessment: Assessment
) -> None:
    """Everything that is wrong with one answer, or that it holds."""
    for message, lenient in complaints:
        say = assessment.warn if lenient else assessment.broken
        say(requirement, read.exchange, message=message, expected=expected, received=received(read.exchange))
    if not complaints:
        assessment.met(requirement, read.exchange)


def _array(value: Any) -> Complaints:
    """Strings alone; an inline object beside them is a warning."""
    if not isinstance(value, list):
        yield f"@context is {'a bare string' if isinstance(value, str) else kind(value)}, not an array", False
        return
    for name in dict.fromkeys(kind(entry) for entry in value if not isinstance(entry, str | dict)):
        yield f"an entry of @context is {name}", False
    if any(isinstance(entry, dict) for entry in value):
        yield "an entry of @context is an inline object", True


def _ours(value: list[Any]) -> Complaints:
    """The protocol's context in an array inside is S4's to tell."""
    if not any(one == DCP_CONTEXT or (isinstance(one, list) and DCP_CONTEXT in one) for one in value):
        yield "@context does not contain the context of DCP 1.0", False


def _word(name: str, words: tuple[str, ...], value: Any) -> Complaints:
    if not (isinstance(value, str) and value in words):
        yield f"{name} is {f'the string {show(value, 60)}' if isinstance(value, str) else kind(value)}", False


def _pid(name: str, value: Any) -> Complaints:
    if not isinstance(value, str):
        yield f"{name} is {kind(value)}", False
    elif not value.strip():
        yield f"{name} is an empty string", True


Check = Callable[[Any], Complaints]
VALUES: tuple[tuple[str, str, Check, str], ...] = (
    ("DCP-S4", "@context", _array, "an array of strings"),
    ("DCP-S5", "@context", _ours, DCP_CONTEXT),
    ("DCP-S6", "type", partial(_word, "type", ("CredentialStatus",)), '"CredentialStatus"'),
    ("DCP-S7", "issuerPid", partial(_pid, "issuerPid"), "a string"),
    ("DCP-S8", "holderPid", partial(_pid, "holderPid"), "a string"),
    ("DCP-S9", "status", partial(_word, "status", WORDS), " or ".join(WORDS)),
)
"""What each member has to be; one that is missing or null is S3's to tell."""


def _valued(requirement: str, name: str, check: Check, expected: str) -> Rule:
    @offered(requirement)
    def decide(view: View, assessment: Assessment) -> None:
        for read in view.shown:
            value = (read.members or {}).get(name)
            if value is not None and (check is not _ours or isinstance(value, list)):
                _judge(requirement, read, list(check(value)), expected, assessment)

    return decide


RULES = (labelled, complete, *(_valued(*one) for one in VALUES))
