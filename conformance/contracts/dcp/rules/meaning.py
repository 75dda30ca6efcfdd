"""The message by the protocol's own schema (S11) and as JSON-LD (S12)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance.contracts.dcp.message import WORDS
from conformance.contracts.dcp.model import View
from conformance.contracts.dcp.observations import Read
from conformance.contracts.dcp.rules.offered import offered
from conformance.evidence import received
from conformance.jsonld import DCP_CONTEXT, Expansion, expand
from conformance.outcome import Assessment
from conformance.schema import Violation, violations
from conformance.wire import strict
from conformance.wire.strict import show

NAMESPACE = "https://w3id.org/dspace-dcp/v1.0/"
SCHEMA = "dcp/credential-status-message"


@offered("DCP-S11")
def valid(view: View, assessment: Assessment) -> None:
    """The body is valid against the protocol's JSON Schema."""
    for read in view.shown:
        body = _body(read)
        if body is None:
            continue
        found = _violations(body)
        for one in found:
            message = f"not valid against the protocol's schema: {one}"
            assessment.broken("DCP-S11", read.exchange, message=message, received=received(read.exchange))
        if not found:
            assessment.met("DCP-S11", read.exchange)


@lru_cache(maxsize=256)
def _violations(body: bytes) -> tuple[Violation, ...]:
    return tuple(violations(SCHEMA, strict.parse(body).value))


def _body(read: Read) -> bytes | None:
    """The body if it is an object."""
    return read.exchange.response.body if read.exchange.response and read.members is not None else None


@offered("DCP-S12")
def means_the_same(view: View, assessment: Assessment) -> None:
    """Expanded as JSON-LD the body is one CredentialStatus with one status of the protocol."""
    contexts = tuple(sorted(view.settings.jsonld_contexts.items()))
    for read in view.shown:
        body = _body(read)
        if body is not None:
            _judge_expansion(read, _expanded(body, contexts), assessment)


@lru_cache(maxsize=256)
def _expanded(body: bytes, contexts: tuple[tuple[str, Path], ...]) -> Expansion:
    """Expanding is slow and answers repeat themselves."""
    files: Mapping[str, Path] = dict(contexts)
    return expand(strict.parse(body).value, files)


def _judge_expansion(read: Read, expansion: Expansion, assessment: Assessment) -> None:
    if expansion.missing_context:
        message = f"nobody provided the context {show(expansion.missing_context, 200)}"
        hint = f"--jsonld-context {expansion.missing_context[:200]}=FILE settles it"
        assessment.unclear("DCP-S12", read.exchange, message=message, hint=hint)
    elif expansion.undecided:
        assessment.unclear("DCP-S12", read.exchange, message=f"as JSON-LD the body {expansion.problem}")
    else:
        _judge_nodes(read, expansion, assessment)


def _judge_nodes(read: Read, expansion: Expansion, assessment: Assessment) -> None:
    problem = f"as JSON-LD the body is wrong: {expansion.problem}" if expansion.problem else None
    problem = problem or complaint(expansion.nodes, (read.members or {}).get("status"))
    if problem is None:
        assessment.met("DCP-S12", read.exchange)
        return
    assessment.broken(
        "DCP-S12",
        read.exchange,
        message=problem,
        expected=f"one node of type {NAMESPACE}CredentialStatus with one status in that namespace",
        received=show(expansion.nodes, 400) if expansion.nodes else received(read.exchange),
    )


def complaint(nodes: list[dict[str, Any]], word: object) -> str | None:
    """What is wrong with an expanded CredentialStatus whose short status was `word`."""
    if len(nodes) != 1:
        return f"as JSON-LD the body is {len(nodes) or 'no'} nodes instead of one" + _context_hint(nodes)
    node = nodes[0]
    if node.get("@type") != [f"{NAMESPACE}CredentialStatus"]:
        return f"as JSON-LD the type is {show(node.get('@type'), 120)}"
    return _status_complaint(node.get(f"{NAMESPACE}status"), word) or _pid_complaint(node)


def _context_hint(nodes: list[dict[str, Any]]) -> str:
    return "" if nodes else f": no term has a meaning without {DCP_CONTEXT}"


def _status_complaint(found: Any, word: object) -> str | None:
    if not isinstance(found, list) or not found:
        return "as JSON-LD there is no status of the protocol"
    if len(found) > 1:
        return f"as JSON-LD there are {len(found)} statuses"
    iri = found[0].get("@id") if isinstance(found[0], dict) else None
    if iri not in [NAMESPACE + one for one in WORDS]:
        return f"as JSON-LD the status is {show(found[0], 120)}"
    if iri != f"{NAMESPACE}{word}":
        return f"as JSON-LD the status is {iri}, in the body it is {show(word, 60)}"
    return None


def _pid_complaint(node: Mapping[str, Any]) -> str | None:
    """A pid that looks like a keyword has no meaning in JSON-LD; any other string has."""
    for name in ("issuerPid", "holderPid"):
        found = node.get(NAMESPACE + name)
        if not isinstance(found, list) or len(found) != 1:
            return f"as JSON-LD there is not one {name}"
        iri = found[0].get("@id", found[0].get("@value")) if isinstance(found[0], dict) else None
        if iri is None or (isinstance(iri, str) and iri.startswith("@")):
            return f"as JSON-LD {name} has no meaning: it looks like a keyword"
    return None


RULES = (valid, means_the_same)
