"""How many generated requests a run sends: one table for every kind of search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.contract import Effort, Settings


@dataclass(frozen=True, slots=True)
class Share:
    """Requests for histories (hypothesis), for the OpenAPI document's shapes (schemathesis) and for robustness."""

    histories: int
    shapes: int
    robustness: int


SHARES: Final = {
    Effort.QUICK: Share(histories=0, shapes=0, robustness=20),
    Effort.STANDARD: Share(histories=30, shapes=12, robustness=40),
    Effort.DEEP: Share(histories=900, shapes=100, robustness=120),
}


def share_of(settings: Settings) -> Share:
    """The effort's requests; `fuzz` is an exact number for histories and shapes together, a quarter of it shapes."""
    share = SHARES[settings.effort]
    if settings.fuzz is None:
        return share
    shapes = settings.fuzz // 4
    return Share(settings.fuzz - shapes, shapes, share.robustness)


def most_requests(settings: Settings) -> int:
    """The bound on all requests of a run, unless the operator names another: far more than it plans to send."""
    return (2500 if settings.effort is Effort.DEEP else 1000) + (settings.fuzz or 0)


def most_seconds(settings: Settings) -> float:
    """How long a run may take, unless the operator says otherwise."""
    return 600.0 if settings.effort is Effort.DEEP else 120.0
