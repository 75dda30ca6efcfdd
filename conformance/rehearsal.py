"""A run against the reference deployment in place of the real one: it tells what would be sent, and sends nothing."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from conformance.clock import VirtualClock
from conformance.contract import Contract
from conformance.outcome import Run
from conformance.runner import Plan, run


def rehearse(contract: Contract, plan: Plan) -> Run:
    """Run `plan` in process against a healthy reference deployment that knows the operator's ids and secrets."""
    from conformance.reference.application import Room, deployment
    from conformance.reference.inprocess import InProcessTransport
    from conformance.reference.storage import Database

    reference = contract.module("reference")
    clock = VirtualClock()
    with Database(None) as database:
        inputs = {**reference.EXAMPLES, **plan.settings.inputs}
        app = reference.build(inputs, database=database, clock=clock)
        room = Room(contract.name, urlsplit(plan.target.base_url).path or "/", app)
        limits = replace(plan.limits, rate=None, deadline=None, concurrency=1)
        transport = InProcessTransport(deployment([room]))
        return run(contract, replace(plan, transport=transport, clock=clock, limits=limits, listener=None))
