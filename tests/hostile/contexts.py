"""JSON-LD contexts that lead elsewhere, round in circles, or on and on."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..raw_server import Script
from .behaviour import ANY, CONFORMANT, TOLERATED, UNANSWERED, WHATEVER, WRONG, Behaviour, Site, document
from .bodies import values


def context(make: Callable[[Site], object], *, bare: bool = False) -> Callable[[Site], Script]:
    """Credential statuses whose context is followed by, or (`bare`) is, what is made."""

    def made(site: Site) -> Script:
        extra = make(site)

        def bend(body: bytes) -> bytes:
            loaded = json.loads(body)
            loaded["@context"] = extra if bare else [*loaded["@context"], extra]
            return json.dumps(loaded).encode()

        return document(bend)(site)

    return made


def _ld(
    name: str,
    script: Callable[[Site], Script],
    codes: frozenset[int] = WHATEVER | CONFORMANT,
    blamed: frozenset[str] = ANY,
    **more: object,
) -> Behaviour:
    return Behaviour(name, "json-ld", script, codes, blamed, contract="dcp", **more)  # type: ignore[arg-type]


def _nested(depth: int) -> object:
    found: object = {"x": "https://x.example/"}
    for _ in range(depth):
        found = {"x": {"@id": "https://x.example/", "@context": found}}
    return found


JSON_LD = (
    _ld("a context on another host", context(lambda site: f"{site.canary}/context.jsonld"), TOLERATED, frozenset(), telling=True),
    _ld("a context in a local file", context(lambda site: "file:///etc/passwd"), TOLERATED, frozenset()),
    _ld("a thousand contexts on another host", context(lambda site: f"{site.canary}/0", bare=False), TOLERATED, frozenset()),
    _ld("a context that imports another host's", context(lambda site: {"@version": 1.1, "@import": f"{site.canary}/import"})),
    _ld("a context that imports itself", context(lambda site: {"@import": "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"})),
    _ld("contexts within contexts, 300 deep", context(lambda site: _nested(300))),
    _ld("a context with 50,000 terms", context(lambda site: {f"t{number}": f"https://x.example/{number}" for number in range(50_000)}), telling=True),
    _ld("a term that stands for itself", context(lambda site: {"x": "x", "y": "z", "z": "y"})),
    _ld("terms in a chain of 2,000", context(lambda site: {f"t{n}": f"t{n + 1}:x" for n in range(2_000)})),
    _ld("a context that redefines status", context(lambda site: {"status": "https://evil.example/status"})),
    _ld("a context that redefines keywords", context(lambda site: {"@id": "https://x.example/", "@type": "@id"})),
    _ld("a base and a vocabulary", context(lambda site: {"@base": "http://evil.example/", "@vocab": "javascript:"})),
    _ld("10,000 contexts in one list", context(lambda site: [{"x": "https://x.example/"}] * 10_000)),
    _ld("the same context 5,000 times", context(lambda site: ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"] * 5_000, bare=True), telling=True),
    _ld("a context that is null", context(lambda site: None)),
    _ld("a context that is a number", context(lambda site: 5, bare=True), WRONG | UNANSWERED),
    _ld("a URL of 500 KB as a context", context(lambda site: "https://x.example/" + "x" * 500_000), TOLERATED, frozenset()),
    _ld("a graph of 20,000 nodes", document(values(**{"@graph": [{"@id": f"https://x.example/{n}"} for n in range(20_000)]}))),
    _ld("a further member nested 5,000 deep", document(lambda body: body.rstrip()[:-1] + b', "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"), TOLERATED, frozenset()),
)  # fmt: skip

BEHAVIOURS = JSON_LD
