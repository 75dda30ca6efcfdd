"""results.json: a run as data, complete enough to judge it again. Governed by schemas/results.schema.json."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance import __version__
from conformance.catalogue import Leniency, Level, Requirement, Source
from conformance.errors import UsageProblem
from conformance.outcome import (
    Finding,
    Kind,
    Outcome,
    Remark,
    Result,
    Run,
    Scope,
    Setting,
    Suite,
    Value,
    Verdict,
)
from conformance.report import causes
from conformance.report.text import milliseconds, timestamp, unix, well_formed
from conformance.wire.exchange import Exchange, Request, Response

SCHEMA = "https://status-conformance.dev/schemas/results.schema.json"
FORMAT = "status-conformance/results"
VERSION = 2

Json = dict[str, Any]


def render(run: Run) -> bytes:
    """The file results.json; ASCII, so that no editor, log or terminal changes what a server sent."""
    return b"".join(pieces(run))


def pieces(run: Run) -> Iterator[bytes]:
    """The file in pieces: as a whole it is larger than all that was received."""
    data = {**to_json(replace(run, exchanges=())), "exchanges": _Exchanges(run.exchanges)}
    yield from (part.encode("ascii") for part in json.JSONEncoder(indent=1).iterencode(data))
    yield b"\n"


class _Exchanges(list[Json]):
    """Exchanges that become JSON one by one, when they are written."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        super().__init__()
        self._exchanges = exchanges

    def __iter__(self) -> Iterator[Json]:
        return map(_exchange, self._exchanges)

    def __len__(self) -> int:
        return len(self._exchanges)


def read(data: bytes) -> Run:
    """The run that a results.json tells of; raises UsageProblem when it is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise UsageProblem(f"this is not a results.json: {problem}") from None
    return from_json(value)


def to_json(run: Run) -> Json:
    """`run` as JSON; times of the run in ISO 8601, those of exchanges in Unix seconds."""
    return {
        "$schema": SCHEMA,
        "format": FORMAT,
        "version": VERSION,
        "suite": _suite(run.suite),
        "contract": run.contract,
        "title": well_formed(run.title),
        "base_url": well_formed(run.base_url),
        "started": timestamp(run.started),
        "ended": timestamp(run.ended),
        "duration": (milliseconds(run.ended) - milliseconds(run.started)) / 1000,
        "scope": _scope(run.scope),
        "settings": [_setting(one) for one in run.settings],
        "verdict": run.verdict.value,
        "headline": well_formed(run.headline),
        "reason": well_formed(run.reason),
        "exit_code": run.exit_code,
        "counts": counts(run),
        "requirements": [_result(result) for result in run.results],
        "diagnosis": [causes.to_json(one) for one in run.diagnosis],
        "hints": [well_formed(hint) for hint in run.hints],
        "remarks": [
            {"message": well_formed(one.message), "exchanges": list(one.exchanges)} for one in run.remarks
        ],
        "exchanges": [_exchange(exchange) for exchange in run.exchanges],
    }


def counts(run: Run) -> Json:
    """How many requirements have each outcome, and how the MUSTs came out."""
    return {**{outcome.value: number for outcome, number in run.counts.items()}, "must": run.must}


def _suite(suite: Suite) -> Json:
    return {
        "name": "status-conformance",
        "version": suite.version or __version__,
        "catalogue": suite.catalogue,
        "python": suite.python,
        "libraries": dict(suite.libraries),
        "checks": suite.checks,
    }


def _setting(one: Setting) -> Json:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "value": _plain(one.value),
        "default": _plain(one.default),
    }


def _plain(value: Value) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    return [well_formed(one) for one in value] if isinstance(value, list | tuple) else value


def _scope(scope: Scope) -> Json:
    return {
        "description": scope.description,
        "complete": scope.complete,
        "only": list(scope.only),
        "level": scope.level.value if scope.level else None,
        "read_only": scope.read_only,
        "outside": list(scope.outside),
        "source": scope.source,
    }


def _result(result: Result) -> Json:
    return {
        **_requirement(result.requirement),
        "outcome": result.outcome.value,
        "findings": [_finding(finding) for finding in result.findings],
    }


def _requirement(one: Requirement) -> Json:
    source, leniency = one.source, one.leniency
    return {
        "id": one.id,
        "level": one.level.value,
        "topic": one.topic,
        "title": one.title,
        "statement": one.statement,
        "source": {"document": source.document, "section": source.section, "quote": source.quote},
        "assessment": one.assessment,
        "leniency": leniency
        and {"text": leniency.text, "reason": leniency.reason, "two_readings": leniency.two_readings},
        "needs": list(one.needs),
        "writes": one.writes,
        "reads_with": list(one.reads_with),
        "not_assessed": one.not_assessed,
    }


def _finding(finding: Finding) -> Json:
    return {
        "outcome": finding.outcome.value,
        "message": well_formed(finding.message),
        "expected": well_formed(finding.expected),
        "received": well_formed(finding.received),
        "exchanges": list(finding.exchanges),
        "hint": well_formed(finding.hint),
        "cause": finding.cause,
    }


def _exchange(exchange: Exchange) -> Json:
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "started": exchange.started,
        "ended": exchange.ended,
        "check": exchange.check,
        "requirements": list(exchange.requirements),
        "intent": dict(exchange.intent),
        "writes": exchange.writes,
        "superseded": exchange.superseded,
        "part": exchange.part,
        "redirected": exchange.redirected,
        "connection": exchange.connection,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": [list(pair) for pair in request.headers],
            "body": body_to_json(request.body),
        },
        "response": response and _response(response),
        "failure": exchange.failure and well_formed(exchange.failure),
    }


def _response(response: Response) -> Json:
    return {
        "status": response.status,
        "reason": response.reason,
        "http_version": response.http_version,
        "headers": [list(pair) for pair in response.headers],
        "body": body_to_json(response.body),
        "truncated": response.truncated,
        "raw": base64.b64encode(response.raw).decode("ascii"),
        "coding": well_formed(response.coding),
    }


def body_to_json(body: bytes) -> dict[str, str]:
    """A body as {"text": ...} when it is UTF-8, else as {"base64": ...}: no byte is lost."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def body_from_json(data: Mapping[str, str]) -> bytes:
    """The bytes that `body_to_json` was given; raises ValueError or KeyError for anything else."""
    if "text" in data:
        return data["text"].encode("utf-8")
    return base64.b64decode(data["base64"], validate=True)


def insist_on_format(data: Any) -> None:
    """Raise UsageProblem unless `data` says that it is a results.json of the version that is read here."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UsageProblem(f"this is not a results.json: its format is not {FORMAT}")
    if data.get("version") != VERSION:
        hint = f"this is status-conformance {__version__}, which reads version {VERSION}"
        told = str(data.get("version"))[:20]
        raise UsageProblem(f"results.json of version {told} cannot be read", hint=hint)


def from_json(data: Any) -> Run:
    """The run that `data` tells of; raises UsageProblem when it is not results.json of this version."""
    insist_on_format(data)
    try:
        return _run(data)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as problem:
        hint = "schemas/results.schema.json says what it must hold"
        raise UsageProblem(f"this results.json is damaged: {problem!r}", hint=hint) from None


def _run(data: Json) -> Run:
    return Run(
        contract=data["contract"],
        title=data["title"],
        base_url=data["base_url"],
        started=unix(data["started"]),
        ended=unix(data["ended"]),
        scope=_read_scope(data["scope"]),
        verdict=Verdict(data["verdict"]),
        reason=data["reason"],
        exit_code=data["exit_code"],
        results=tuple(_read_result(one) for one in data["requirements"]),
        exchanges=tuple(_read_exchange(one) for one in data["exchanges"]),
        settings=tuple(
            Setting(one["name"], Kind(one["kind"]), one["value"], one["default"]) for one in data["settings"]
        ),
        diagnosis=tuple(map(causes.from_json, data["diagnosis"])),
        hints=tuple(data["hints"]),
        remarks=tuple(Remark(one["message"], tuple(one["exchanges"])) for one in data["remarks"]),
        suite=Suite(**{name: value for name, value in data["suite"].items() if name != "name"}),
    )


def _read_scope(data: Json) -> Scope:
    return Scope(
        only=tuple(data["only"]),
        level=Level(data["level"]) if data["level"] else None,
        read_only=data["read_only"],
        outside=tuple(data["outside"]),
        source=data["source"],
    )


def _read_result(data: Json) -> Result:
    findings = tuple(_read_finding(data["id"], one) for one in data["findings"])
    return Result(_read_requirement(data), Outcome(data["outcome"]), findings)


def _read_requirement(data: Json) -> Requirement:
    return Requirement(
        id=data["id"],
        level=Level(data["level"]),
        topic=data["topic"],
        title=data["title"],
        statement=data["statement"],
        source=Source(**data["source"]),
        assessment=data["assessment"],
        leniency=Leniency(**data["leniency"]) if data["leniency"] else None,
        needs=tuple(data["needs"]),
        writes=data["writes"],
        reads_with=tuple(data["reads_with"]),
        not_assessed=data["not_assessed"],
    )


def _read_finding(requirement: str, data: Json) -> Finding:
    return Finding(
        requirement,
        Outcome(data["outcome"]),
        data["message"],
        data["expected"],
        data["received"],
        tuple(data["exchanges"]),
        data["hint"],
        data["cause"],
    )


def _read_exchange(data: Json) -> Exchange:
    request, response = data["request"], data["response"]
    return Exchange(
        number=data["number"],
        request=Request(
            request["method"], request["url"], _headers(request["headers"]), body_from_json(request["body"])
        ),
        response=_read_response(response) if response else None,
        started=data["started"],
        ended=data["ended"],
        failure=data["failure"],
        intent=dict(data["intent"]),
        check=data["check"],
        requirements=tuple(data["requirements"]),
        writes=data["writes"],
        superseded=data["superseded"],
        part=data["part"],
        redirected=data["redirected"],
        connection=data["connection"],
    )


def _read_response(data: Json) -> Response:
    return Response(
        status=data["status"],
        reason=data["reason"],
        http_version=data["http_version"],
        headers=_headers(data["headers"]),
        body=body_from_json(data["body"]),
        truncated=data["truncated"],
        raw=base64.b64decode(data["raw"], validate=True),
        coding=data["coding"],
    )


def _headers(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
