"""Judges exchanges of the credential request status: pure functions, nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.contract import Settings
from conformance.contracts.dcp.ids import named
from conformance.contracts.dcp.model import View
from conformance.contracts.dcp.observations import KNOWN, intent_of, read_of
from conformance.contracts.dcp.rules import RULES
from conformance.diagnosis.circumstances import Standing
from conformance.evidence import speaks
from conformance.wire.exchange import Exchange

__all__ = ["RULES", "SEES_REPEATED", "intent_of", "standing", "view"]
SEES_REPEATED = True
"""What a circumstance befell tells when it was."""


def standing(exchange: Exchange) -> Standing:
    """What a request was entitled to: a known request with the token is let in."""
    intent = exchange.intent
    token = intent.get("credential") == "token"
    entitled = token and bool(intent.get("known"))
    guess = bool(intent.get("odd") or intent.get("unknown")) or not token
    return Standing(entitled, guess, speaks(exchange))


def view(exchanges: Iterable[Exchange], settings: Settings) -> View:
    """Sort out the reads among `exchanges`; recorders leave Authorization headers out: then nothing follows from that."""
    named_here = named(settings.many("request"))
    ordered = sorted(exchanges, key=lambda exchange: exchange.number)
    found = [read for exchange in ordered if (read := read_of(exchange, settings, named_here))]
    recorded = [read for read in found if read.recorded]
    bare = bool(recorded) and all(read.credential == "none" for read in recorded)
    reads = [replace(one, credential="assumed") if bare and one.recorded else one for one in found]
    shut = (one for one in reads if one.exchange.superseded and one.role == KNOWN and one.denied)
    return View(settings, tuple(r for r in reads if not r.exchange.superseded), tuple(shut))
