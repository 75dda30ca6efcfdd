"""All hostile servers and circumstances."""

from __future__ import annotations

from . import bodies, codings, contexts, echoes, injections, operator, pace, surroundings, way, wires
from .behaviour import Behaviour
from .circumstances import Circumstance
from .circumstances import meet as meet_circumstance
from .driving import Seen
from .driving import meet as meet_behaviour

SERVERS = (wires, codings, bodies, contexts, injections, echoes, way, pace)
BEHAVIOURS = tuple(one for module in SERVERS for one in module.BEHAVIOURS)
CIRCUMSTANCES = (*operator.CIRCUMSTANCES, *surroundings.CIRCUMSTANCES)
ROWS: tuple[Behaviour | Circumstance, ...] = (*BEHAVIOURS, *CIRCUMSTANCES)


def meet(row: Behaviour | Circumstance, patience: float = 1.0) -> Seen:
    """Run one row."""
    if isinstance(row, Behaviour):
        return meet_behaviour(row, patience)
    return meet_circumstance(row, patience)


def meet_at(place: int) -> Seen:
    """Run the row at a place in the list: rows themselves cannot be sent to another process."""
    return meet(ROWS[place])
