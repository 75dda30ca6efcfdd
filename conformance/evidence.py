"""Words that all judges share: what kind of answer an exchange is, and what was received."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from conformance.outcome import Assessment
from conformance.wire.clipping import clip
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, show

UNDECIDED = frozenset({429, 502, 503, 504})


class Answer(StrEnum):
    """What a response means, whatever the contract."""

    ACCEPTED = "accepted"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    BROKEN = "broken"
    UNDECIDED = "undecided"


def answer(exchange: Exchange) -> Answer:
    """Accepted (2xx), redirected (3xx), refused (4xx), broken (500 and the like), or undecided.

    Undecided are a lost connection, throttling (429), a gateway's errors (502, 503, 504) and a body that was cut at
    the size cap: they say nothing about the deployment, and never count as a refusal.
    """
    status = exchange.status
    if status is None or status in UNDECIDED or (exchange.response and exchange.response.truncated):
        return Answer.UNDECIDED
    if 200 <= status < 300:
        return Answer.ACCEPTED
    if 300 <= status < 400:
        return Answer.REDIRECTED
    return Answer.REFUSED if 400 <= status < 500 else Answer.BROKEN


def code(exchange: Exchange) -> str:
    """The status code, or why there is none."""
    return str(exchange.status) if exchange.response else (exchange.failure or "no answer")


def received(exchange: Exchange, limit: int = 200) -> str:
    """What came back, on one line: code, media type, the beginning of the body."""
    response = exchange.response
    if response is None:
        return exchange.failure or "no answer"
    text = " ".join((response.raw or response.body)[: 64 * limit].decode("utf-8", "replace").split())
    body = clip(text, limit)
    label = response.media_type or "without Content-Type"
    if response.coding:
        label += f", labelled {clip(response.coding, 60)}; the bytes that came"
    return f"{response.status} {label}: {body or '(empty body)'}"


def not_an_object(exchange: Exchange) -> str | None:
    """Why the body is not a JSON object, as a fact; None when it is one."""
    if exchange.response is None:
        return exchange.failure or "there is no answer"
    document = exchange.response.document
    if document.problem:
        return document.problem
    if isinstance(document.value, str) and document.value.lstrip()[:1] in ("{", "["):
        return "the body is JSON encoded a second time, inside a JSON string"
    return (
        None
        if document.members is not None
        else f"the body is not a JSON object but {show(document.value, 60)}"
    )


def remark_on_json(exchange: Exchange, requirement: str, assessment: Assessment) -> None:
    """Warn of what parsers disagree about: a member name that occurs twice, a byte order mark."""
    if exchange.response is None:
        return
    document = exchange.response.document
    if document.duplicates:
        names = ", ".join(document.duplicates)
        assessment.warn(requirement, exchange, message=f"a member name occurs twice in one object: {names}")
    if document.bom:
        assessment.warn(requirement, exchange, message="the body begins with a byte order mark")


def judge_label(exchange: Exchange, requirement: str, assessment: Assessment) -> None:
    """Whether a response is labelled application/json; parameters are allowed."""
    assert exchange.response is not None
    label = exchange.response.media_type
    if label == "application/json":
        assessment.met(requirement, exchange)
    else:
        assessment.broken(
            requirement,
            exchange,
            message="the answer is not labelled application/json",
            expected="Content-Type: application/json",
            received=f"Content-Type: {label or '(none)'}",
        )


def member(exchange: Exchange, name: str) -> object:
    """The member `name` of the body's object, or MISSING."""
    members = exchange.response.document.members if exchange.response else None
    return MISSING if members is None else members.get(name, MISSING)


def below(exchange: Exchange, base_url: str) -> str:
    """The path of an exchange below the base URL, still percent-encoded, without the query."""
    return urlsplit(exchange.request.url).path.removeprefix(urlsplit(base_url).path)


def is_page(exchange: Exchange) -> bool:
    """Whether an answer is a web page, such as people are shown, and no JSON."""
    response = exchange.response
    begins = response is not None and response.body.lstrip()[:1] == b"<"
    return begins and response is not None and response.document.members is None


def speaks(exchange: Exchange) -> bool:
    """Whether an answer may be the contract's own, right or wrong: a success that is no page, or a crash of its own."""
    kind = answer(exchange)
    truncated = exchange.response is not None and exchange.response.truncated
    return (kind is Answer.ACCEPTED and not is_page(exchange)) or kind is Answer.BROKEN or truncated
