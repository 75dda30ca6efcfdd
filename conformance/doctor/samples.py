"""The samples that the operator named: whether they exist, and are in the state claimed."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contract import Contract, Settings
from conformance.doctor.line import Line, ok, problem, unknown
from conformance.evidence import received
from conformance.inputs import missing
from conformance.preflight import Preflight, Sample
from conformance.wire.exchange import Exchange

Seen = tuple[Sample, Exchange]
SHOWN = 8
"""How many ids one line names."""


def state_of(preflight: Preflight, exchange: Exchange) -> str:
    """The state that an answer tells of, or nothing."""
    response = exchange.response
    if response is None or response.status not in preflight.codes or response.document.problem:
        return ""
    return preflight.state(response.document.value)


def lines(preflight: Preflight, seen: Sequence[Seen]) -> list[Line]:
    """A line for each sample, and one when two kinds of them are swapped."""
    found = [_sample(preflight, sample, exchange) for sample, exchange in seen]
    wrong = {
        (sample.claimed, state)
        for sample, exchange in seen
        if sample.claimed and (state := state_of(preflight, exchange)) not in ("", sample.claimed)
    }
    swapped = sorted({tuple(sorted(pair)) for pair in wrong if pair[::-1] in wrong})
    return found + [
        problem("samples", f"{first} and {second} are swapped", "exchange the ids of the two")
        for first, second in swapped
    ]


def _sample(preflight: Preflight, sample: Sample, exchange: Exchange) -> Line:
    state, about = state_of(preflight, exchange), sample.about
    if state:
        return _stated(preflight, sample, state)
    if exchange.status in (404, 410):
        return problem(about, f"does not exist here ({exchange.status})", "check the id and the base URL")
    if exchange.status in (401, 403, 407):
        return unknown(about, f"cannot be seen ({exchange.status})", "see what is said of the credential")
    if exchange.status is None or exchange.status == 429 or exchange.status >= 500:
        return unknown(about, f"cannot be told: {received(exchange, 80)}", "try again")
    return problem(about, f"the answer tells of no state: {received(exchange, 80)}", "check the base URL")


def _stated(preflight: Preflight, sample: Sample, state: str) -> Line:
    if not sample.claimed:
        return ok(sample.about, f"exists and is {state}")
    if state == sample.claimed:
        return ok(sample.about, f"is {state}")
    option = preflight.options.get(state)
    remedy = f"give it with {option}" if option else "name another one"
    return problem(sample.about, f"is {state}, not {sample.claimed} as the option says", remedy)


def wanting(contract: Contract, settings: Settings, outside: Sequence[str]) -> list[Line]:
    """A line for each input that is missing, with the MUSTs that this costs."""
    found = []
    for name, ids in missing(contract, settings, outside).items():
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        text = f"is missing: {len(ids)} MUST cannot be assessed ({', '.join(ids[:SHOWN])}{more})"
        found.append(problem(f"--{name}", text, _remedy(contract, name)))
    return found


def _remedy(contract: Contract, name: str) -> str:
    about = next(one.help for one in contract.inputs if one.name == name)
    narrower = ", or --read-only, which narrows the verdict to reading" if name == contract.write_key else ""
    return f"give it: {about}{narrower}"
