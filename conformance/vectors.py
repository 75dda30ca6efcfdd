"""Wire vectors: recorded answers with the outcome that a judge has to come to, for any language."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from conformance import files
from conformance.contract import Settings
from conformance.errors import UsageProblem
from conformance.outcome import Outcome, result
from conformance.registry import find
from conformance.resources import folder
from conformance.wire.exchange import Exchange, Headers, Request, Response

EPOCH = 1_700_000_000.0
HOST = "https://deployment.example"


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector: what was exchanged, what the client knew, and the outcome of each requirement it is about."""

    name: str
    description: str
    contract: str
    inputs: Mapping[str, tuple[str, ...]]
    exchanges: tuple[Exchange, ...]
    expected: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Difference:
    """A requirement on which the judge and a vector disagree."""

    requirement: str
    expected: Outcome
    found: Outcome
    message: str


def shipped(contract: str | None = None) -> Iterator[Path]:
    """The vectors that come with the suite."""
    yield from sorted(folder("fixtures").glob(f"{contract or '*'}/*valid/*.json"))


def load(path: Path) -> Vector:
    """Read a vector file; raises UsageProblem when it is none, saying where."""
    try:
        data = json.loads(files.text(path), parse_constant=_refuse)
        _validate(path, data)
        return _vector(path.stem, data)
    except (ValueError, RecursionError) as problem:
        reason = "its numbers, its nesting or its text are beyond what JSON is for"
        if isinstance(problem, json.JSONDecodeError):
            reason = "it is not JSON"
        raise UsageProblem(f"{path} is not a vector: {reason}") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _vector(name: str, data: dict[str, Any]) -> Vector:
    return Vector(
        name=name,
        description=data["description"],
        contract=data["contract"],
        inputs={name: tuple(values) for name, values in data.get("inputs", {}).items()},
        exchanges=tuple(_exchange(number, one) for number, one in enumerate(data["exchanges"], 1)),
        expected={name: Outcome(outcome) for name, outcome in data["expected"].items()},
    )


def _validate(path: Path, data: Any) -> None:
    from conformance.schema import violations

    for violation in violations("vector", data):
        raise UsageProblem(f"{path} is not a vector: {violation.path}: {violation.message}")


def _exchange(number: int, data: dict[str, Any]) -> Exchange:
    started = EPOCH + float(data.get("at", number))
    response = data.get("response")
    return Exchange(
        number=number,
        request=_request(data["request"]),
        response=_response(response) if response else None,
        started=started,
        ended=started + 0.01,
        failure=None if response else "no answer",
        intent=data.get("intent", {}),
        writes=data["request"]["method"] == "POST",
    )


def _request(data: dict[str, Any]) -> Request:
    return Request(data["method"], HOST + data["target"], _headers(data), _body(data.get("body", {})))


def _response(data: dict[str, Any]) -> Response:
    version, status, *reason = data["status_line"].split(" ", 2)
    return Response(int(status), "".join(reason), version, _headers(data), _body(data.get("body", {})))


def _headers(data: dict[str, Any]) -> Headers:
    return tuple((name, value) for name, value in data.get("headers", ()))


def _body(data: dict[str, str]) -> bytes:
    return (
        base64.b64decode(data["base64"], validate=True) if "base64" in data else data.get("text", "").encode()
    )


def differences(vector: Vector) -> list[Difference]:
    """Where the judge of live exchanges comes to another outcome than the vector says; empty when it agrees."""
    contract = find(vector.contract)
    findings = contract.judge(vector.exchanges, Settings(inputs=vector.inputs))
    found = []
    for name, expected in vector.expected.items():
        own = [one for one in findings if one.requirement == name]
        judged = result(contract.catalogue.get(name), own) if own else None
        outcome = judged.outcome if judged else Outcome.INCONCLUSIVE
        message = judged.findings[0].message if judged else "nothing in the vector decides it"
        if outcome is not expected:
            found.append(Difference(name, expected, outcome, message))
    return found
