"""Checks that look at the whole run: what became of everything that was written, and time."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from conformance.evidence import Answer, answer

FEW, SOME, ROUNDS = 5, 12, 20
"""How often a doubtful hash is read again: in a quick run, else, and where it once was right and then was not."""
PAUSE = 0.5
"""Seconds to leave a server alone that did not answer."""


EVERYTHING = pytest.mark.requirement(
    *("OA-R1", "OA-R2", "OA-R4", "OA-R5", "OA-R6", "OA-R7", "OA-R8", "OA-R9", "OA-R10", "OA-R13", "OA-R14"),
    *("OA-R17", "OA-W6", "OA-W8", "OA-A1", "OA-A2", "OA-I2"),
)


@EVERYTHING
@pytest.mark.last
def test_everything_is_still_there(deployment: Any) -> None:
    """Half-way through the time to watch, or more than a second after the first write, every hash still shows what it has to.

    The one with most writes and an unwritten one are read several times in a row, for what happens only now and then.
    """
    if not deployment.watch(0.5):
        deployment.let_time_pass()
    few = deployment.quick
    life = [] if few else [deployment.current(deployment.fresh("life"))] * 2
    unwritten = [deployment.fresh("unwritten 0")] * (1 if few else 2)
    known = [one for one in life if one in deployment.hashes()]
    deployment.client.gather(
        [partial(deployment.read, one) for one in (*known, *deployment.hashes(), *unwritten)]
    )


@EVERYTHING
@pytest.mark.last
def test_everything_is_there_at_the_end(deployment: Any) -> None:
    """At the end of the time to watch everything is as it was: nothing fades, returns, restarts or is delivered again."""
    if deployment.watch(1.0):
        deployment.client.gather([partial(deployment.read, one) for one in deployment.hashes()])


@EVERYTHING
@pytest.mark.last
def test_what_was_doubtful_is_so(deployment: Any) -> None:
    """What did not show when it was looked at is read again and again, after the consistency window.

    More often still where the right answer was seen before the wrong one: a stale node or cache may answer seldom.
    """
    doubtful = deployment.doubtful()
    if doubtful:
        deployment.wait_for(doubtful)
        reads = [partial(deployment.read, target, form) for target, form in doubtful]
        for turn in range(ROUNDS):
            if turn < (FEW if deployment.quick else SOME) or deployment.relapsed():
                # Another one is first each time, so that no rhythm of the server's falls in with this one.
                reads.append(reads.pop(0))
                answers = map(answer, deployment.client.gather(reads))
                deployment.clock.sleep(PAUSE if Answer.UNDECIDED in answers else 0.0)


@pytest.mark.requirement("OA-R14", "OA-W5")
@pytest.mark.needs("api-key")
@pytest.mark.writes
@pytest.mark.last
def test_timestamps_follow_time(deployment: Any) -> None:
    """A write at least 1.2 s after the first one of the run has a timestamp that tells so.

    It comes after everything else, since it hides what the same hash showed before. Where a clock ticks in seconds, only
    a list with this event shows an order.
    """
    life = deployment.current(deployment.fresh("life"))
    if deployment.let_time_pass():
        few = deployment.values.narrow
        deployment.write(life, deployment.values.other_than(deployment.last_status(life)) if few else 7)
        deployment.read(life)
