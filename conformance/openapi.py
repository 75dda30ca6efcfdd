"""A contract's OpenAPI document as a source of requests and a measure of answers; sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

from conformance.evidence import not_an_object
from conformance.schema import Violation, load_openapi, violations
from conformance.wire.exchange import Exchange, Response

Step = Callable[[], Exchange]
"""One request, ready to be sent."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
NAMED = 3
"""How many violations of one answer a message names."""


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """A request drawn from the document: parameters as text, the body as it would be sent.

    `operation` is the document's operationId, `path` its template, `description` what the generator says of it.
    """

    operation: str
    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    description: str = ""


def plain(value: object) -> str:
    """A path parameter as it was meant: generators hand it out percent-encoded."""
    return unquote(str(value))


@cache
def _document(contract: str) -> Mapping[str, Any]:
    return load_openapi(contract)


@cache
def operations(contract: str) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    """The document's operations by id: method, path template, and what is said of it."""
    return {
        str(told["operationId"]): (method.upper(), path, told)
        for path, item in _document(contract)["paths"].items()
        for method, told in item.items()
        if method in METHODS
    }


@cache
def examples(contract: str) -> frozenset[str]:
    """The ids that the document prints as examples: somebody may use them, so they are only ever read."""
    document = _document(contract)
    items = list(document["paths"].values())
    parts = [*items, *(item[method] for item in items for method in METHODS if method in item)]
    parameters = [_resolved(document, one) for part in parts for one in part.get("parameters", ())]
    return frozenset(str(one["value"]) for each in parameters for one in each.get("examples", {}).values())


def differences(contract: str, operation: str, exchange: Exchange) -> str:
    """In what an answer is not what the document says of it, in a sentence; "" when it is nothing."""
    response = exchange.response
    if response is None or operation not in operations(contract):
        return ""
    told = _told(operations(contract)[operation][2]["responses"], response.status)
    if told is None:
        return f"{response.status} is not an answer that the OpenAPI document knows"
    content = _resolved(_document(contract), told).get("content")
    return _body(contract, content, exchange, response) if content else ""


def _told(responses: Mapping[str, Any], status: int) -> Mapping[str, Any] | None:
    """What is said of a code: by itself, by its class (4XX), or by default."""
    keys = (str(status), f"{status // 100}XX", "default")
    return next((responses[key] for key in keys if key in responses), None)


def _body(contract: str, content: Mapping[str, Any], exchange: Exchange, response: Response) -> str:
    label = response.media_type or "nothing"
    if label not in content:
        return f"{response.status} is labelled {label}, not {' or '.join(content)}"
    problem = not_an_object(exchange)
    if problem:
        return f"{response.status}: {problem}"
    found = _violations(contract, content[label].get("schema", {}), response.document.value)
    named = "; ".join(map(str, found[:NAMED]))
    return f"{response.status} differs from the OpenAPI document's schema: {named}" if found else ""


def _violations(contract: str, schema: Mapping[str, Any], value: object) -> list[Violation]:
    """What is wrong with `value`; of several schemas, any of which will do, by the one that it is closest to."""
    if "anyOf" in schema:
        return min((_violations(contract, one, value) for one in schema["anyOf"]), key=len)
    name = str(schema.get("$ref", "")).removesuffix(".schema.json")
    return violations(f"{contract}/{name}", value) if name else []


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the document, or what it refers to within the document."""
    found: Any = part
    reference = str(part.get("$ref", ""))
    if reference.startswith("#/"):
        found = document
        for name in reference[2:].split("/"):
            found = found[name]
    return dict(found)
