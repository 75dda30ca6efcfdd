"""Whether the server breaks over the same read every time: once is a mishap."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contracts.dcp.judge.reads import Read
from conformance.contracts.dcp.judge.view import View
from conformance.evidence import Answer

TWICE = 2


def always_breaks(same: Sequence[Read], enough: int, view: View) -> bool:
    """Whether all of the reads that are alike, `enough` of them, broke the server.

    A gateway's word for it counts where the token worked right before and right after, twice: else the whole may
    have been down.
    """
    if len(same) < enough or not all(one.broke for one in same):
        return False
    by_itself = all(one.answer is Answer.BROKEN for one in same)
    return by_itself or sum(view.open_around(one) for one in same) >= TWICE
