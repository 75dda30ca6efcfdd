"""Text that wants to be more than text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..raw_server import KEEP, Call, Script
from .behaviour import TOLERATED, UNANSWERED, WRONG, Behaviour, Site, document
from .bodies import LITERAL, values

PAYLOADS = {
    "a script": "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "escape sequences": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "line ends": "one\r\nHTTP/1.1 200 OK\r\n\r\ntwo\u2028three\u2029four\x85",
    "formulas": '=HYPERLINK("http://evil.example","x")\t+1-1@SUM(1)',
    "shell commands": "$(touch owned) `touch owned` ; touch owned | touch owned && touch owned '\"",
    "Markdown": "[x](javascript:alert(1)) ![x](http://evil.example/x.png) | a | b |\n# heading\n```",
    "XML": "]]></failure><testcase name='x'/><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "overrides of direction": "granted\u202e\u2066detnarg\u2069\u200b\u200e\ufeff",
    "format strings": "%s %n {0} {} {{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "rich markup": "[bold red]owned[/] [link=http://evil.example]x[/link] :smile:",
    "a long line": "x" * 100_000,
    "combining characters": "a" + "\u0301" * 5_000,
    "paths": "../../../../etc/passwd file:///etc/passwd \\\\evil\\share",
    "workflow commands": "\n::error::owned\n::set-output name=x::y\n##vso[task.complete result=Succeeded;]",
}


def _injecting(payload: str) -> tuple[Callable[[Site], Script], Callable[[Site], Script]]:
    """A status that is the payload; and headers, reason and a further member that are."""
    flat = payload.replace("\r", " ").replace("\n", " ").replace("\0", " ")

    def beside(site: Site) -> Script:
        def script(call: Call) -> bool:
            right = site.right(call)
            bent = replace(right, reason=flat[:2000].encode("utf-8").decode("latin-1"))
            if right.is_verdict:
                bent = replace(bent, body=values(x=payload)(right.body))
            call.send(bent.whole("X-Payload: " + flat[:2000].encode("utf-8").decode("latin-1")))
            return KEEP

        return script

    return document(values(status=payload)), beside


INJECTIONS = tuple(
    one
    for name, payload in PAYLOADS.items()
    for one in (
        Behaviour(f"{name} as the status", "injection", _injecting(payload)[0], WRONG, LITERAL, telling=name == "a script"),
        Behaviour(f"{name} in headers, reason and a further member", "injection", _injecting(payload)[1], TOLERATED | UNANSWERED),
    )
)  # fmt: skip

BEHAVIOURS = INJECTIONS
