"""Errors give nothing away (E5)."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from conformance.contracts.dcp.message import is_credential_status
from conformance.contracts.dcp.model import View
from conformance.contracts.dcp.observations import Read
from conformance.contracts.dcp.rules.offered import offered
from conformance.evidence import received
from conformance.outcome import Assessment

SHORTEST = 6
LONG_NUMBER = 9


@offered("DCP-E5")
def discreet(view: View, assessment: Assessment) -> None:
    """The body of an error is no CredentialStatus and contains no pid."""
    pids = _pids(view)
    for read in view.reads:
        if read.exchange.response is None or read.exchange.response.status < 400:
            continue
        leak = _leak(read, pids)
        if leak:
            assessment.broken("DCP-E5", read.exchange, message=leak, received=received(read.exchange))
        elif view.shown:
            assessment.met("DCP-E5", read.exchange)


def _leak(read: Read, pids: frozenset[str]) -> str:
    if is_credential_status(read.members):
        return f"the body of a {read.status} is a CredentialStatus"
    assert read.exchange.response is not None
    text = read.exchange.response.body.decode("utf-8", "replace")
    asked = {read.id, unquote(read.exchange.request.url)}
    leaked = [pid for pid in pids if not any(pid in one for one in asked) and _stands_in(pid, text)]
    return f"the body of a {read.status} contains a pid" if leaked else ""


def _pids(view: View) -> frozenset[str]:
    """The pids that successful answers showed and that nobody writes by chance."""
    found = ((read.members or {}).get(name) for read in view.shown for name in ("issuerPid", "holderPid"))
    return frozenset(pid for pid in found if isinstance(pid, str) and _telling(pid))


def _telling(pid: str) -> bool:
    """Neither words nor a small number."""
    number = pid.isdigit() and len(pid) < LONG_NUMBER
    return len(pid) >= SHORTEST and not number and not all(word.isalpha() for word in pid.split())


def _stands_in(pid: str, text: str) -> bool:
    spellings = {pid, json.dumps(pid)[1:-1], json.dumps(pid)[1:-1].replace("/", "\\/")}
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in spellings)


RULES = (discreet,)
