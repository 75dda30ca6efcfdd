"""Checks of the identity itself: missing, malformed, unknown, written in another way."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.contracts.tydids.driver import Driver


@pytest.mark.requirement("TY-I2")
def test_a_call_without_an_identity_gets_no_verdict(deployment: Driver) -> None:
    """Ordinary calls follow, as in the next check: they show that the API works, and that no refusal sticks."""
    deployment.repeatedly(deployment.missing, deployment.empty)
    deployment.controls()


@pytest.mark.requirement("TY-I3")
def test_what_is_no_identity_is_not_granted(deployment: Driver) -> None:
    calls = [partial(deployment.malformed, *case) for case in deployment.malformations().items()]
    calls += [partial(deployment.padded, *case) for case in deployment.paddings().items()]
    deployment.warily(calls)
    deployment.controls()


@pytest.mark.requirement("TY-I3")
def test_what_is_far_from_an_identity_is_not_granted(deployment: Driver) -> None:
    """An ordinary call follows: a server that hangs up on such input has not gone away."""
    cases = deployment.rough_malformations().items()
    deployment.warily([partial(deployment.malformed, *case) for case in cases])
    deployment.control()


@pytest.mark.requirement("TY-I4")
def test_an_identity_that_nobody_published(deployment: Driver) -> None:
    """One is asked for again: the first call for it must not have made it known."""
    first = partial(deployment.unknown, "first")
    others = [
        partial(deployment.neighbour, case, identity) for case, identity in deployment.neighbours().items()
    ]
    deployment.client.gather([first, *others])
    deployment.client.gather([first, partial(deployment.unknown, "second")][: deployment.rounds])


@pytest.mark.requirement("TY-I5", "TY-I3")
def test_an_address_in_another_letter_case(deployment: Driver) -> None:
    """All in lower case, and with one letter changed, so that the checksum is wrong."""
    addresses = deployment.addresses(1)
    for address in addresses:
        deployment.plainly(*address)
    ways = (deployment.lower, deployment.miscased)
    deployment.client.gather([partial(way, *address) for way in ways for address in addresses])


@pytest.mark.requirement("TY-I6")
def test_a_percent_encoded_identity_gets_the_same_verdict(deployment: Driver) -> None:
    """Between plain calls for the same identity, so that a lapse is not taken for a matter of writing."""
    for identity, kind in deployment.named(1):
        deployment.plainly(identity, kind)
        plain = [] if deployment.quick else [partial(deployment.status, identity, kind, kind)]
        deployment.repeatedly(partial(deployment.encoded, identity, kind), *plain)
