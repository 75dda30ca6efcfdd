"""Words that all judges share: what kind of answer an exchange is, and what was received."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from conformance.outcome import Assessment
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, show

UNDECIDED = frozenset({429, 502, 503, 504})
DENIED = frozenset({401, 407})


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
    body = text if len(text) <= limit else text[: limit - 1] + "…"
    label = response.media_type or "without Content-Type"
    if response.coding:
        label += f", labelled {response.coding[:60]}; the bytes that came"
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


def _elsewhere(redirected: Exchange) -> str:
    """What to do about a redirect: where only the origin differs, the base URL needs no more than that."""
    assert redirected.response is not None
    where = redirected.response.header("location") or ""
    try:
        there, here = urlsplit(where), urlsplit(redirected.request.url)
    except ValueError:
        there = here = urlsplit("")
    if there.netloc and (there.path, there.query) == (here.path, here.query):
        return f"put {there.scheme or here.scheme}://{there.netloc} in the place of {here.scheme}://{here.netloc} in the base URL"
    return f"run against the address it points to: {where or 'not said'}"


def no_service(exchanges: Sequence[Exchange], denied: frozenset[int] = DENIED) -> tuple[str, str] | None:
    """Why nothing here speaks of the deployment at all, with a hint; None when something does.

    A redirect, a gateway's error or a demand for credentials as the only kind of answer means that the run never
    got as far as the API: that is the operator's to mend, not a breach.
    """
    codes = {exchange.status for exchange in exchanges if exchange.status is not None}
    if not codes:
        return None
    if codes <= UNDECIDED:
        return (
            f"every answer was {_list(codes)}: the deployment is down or throttled",
            "try again, or use --rate",
        )
    if all(300 <= one < 400 for one in codes):
        return "every answer was a redirect", _elsewhere(next(one for one in exchanges if one.response))
    if codes <= denied:
        return (
            f"every answer was {_list(codes)}",
            "check the credentials, or give the gateway's with --header",
        )
    return None


def _list(codes: set[int]) -> str:
    return " or ".join(map(str, sorted(codes)))
