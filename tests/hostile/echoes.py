"""Servers that repeat what they were sent, secrets included."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ..raw_server import Call, Script, response
from .behaviour import ANY, GATEWAY, KEY, TOKEN, TOLERATED, WHATEVER, Behaviour, Site
from .encodings import ENCODINGS


def echoing(encode: Callable[[str], str], *, where: str) -> Callable[[Site], Script]:
    """Answers that repeat each secret of the request, encoded: in a member that breaks, a further one, or headers."""

    def made(site: Site) -> Script:
        def script(call: Call) -> bool:
            right = site.right(call)
            said = " ".join(encode(one) for one in (KEY, TOKEN, GATEWAY) if one in call.head)
            if where == "header":
                flat = said.replace("\r", "").replace("\n", " ").encode("utf-8", "replace").decode("latin-1")
                return call.send(right.whole(f"X-Echo: {flat}"))
            loaded = right.document or {}
            if where == "status" and "status" in loaded:
                loaded["status"] = said
            loaded["echo"] = {"authorization": said, said[:3000]: 1}
            return call.send(replace(right, body=json.dumps(loaded).encode()).whole())

        return script

    return made


CONTRACTS = ("tydids", "dcp", "open-attestation")
ECHOES = tuple(
    Behaviour(f"in {name}", "echo", echoing(encode, where=("status", "header")[number % 2]), TOLERATED | WHATEVER, ANY, contract=CONTRACTS[number % 3], telling=number in (0, 3))
    for number, (name, encode) in enumerate(ENCODINGS.items())
)  # fmt: skip


def _raw_echo(site: Site) -> Script:
    """The whole request as the body, as a debugging page has it."""

    def script(call: Call) -> bool:
        body = call.head.encode("latin-1") + b"\r\n\r\n" + call.body
        return call.send(
            response(body, "404 Not Found", "X-Request: " + call.head.replace("\r\n", " | ")[:3000])
        )

    return script


def _html_echo(site: Site) -> Script:
    def script(call: Call) -> bool:
        body = f"<html><pre>{call.head}</pre></html>".encode("latin-1")
        return call.send(response(body, "500 Internal Server Error"))

    return script


WHOLE = tuple(
    Behaviour(f"{name} ({contract})", "echo", script, WHATEVER, ANY, contract=contract, telling=(contract, script) == ("dcp", _raw_echo))
    for contract in CONTRACTS
    for name, script in (("the whole request", _raw_echo), ("the whole request as a page", _html_echo))
)  # fmt: skip

BEHAVIOURS = (*ECHOES, *WHOLE)
