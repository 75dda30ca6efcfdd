"""Causes about what a read shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from conformance.contracts.open_attestation.effects import DISTINCT, Effect, effect
from conformance.contracts.open_attestation.history import View
from conformance.contracts.open_attestation.model import Change, StatusModel
from conformance.contracts.open_attestation.sight import Look, Sighting
from conformance.diagnosis.cause import Cause, Hypothesis
from conformance.wire.exchange import Exchange
from conformance.wire.strict import MISSING, integer_kind, show


def _is(*kinds: str) -> Change:
    """Sightings of these kinds are allowed."""
    return Change(allows=lambda _, one, __: one.kind in kinds)


def _literally(requirement: str, *kinds: str) -> Change:
    """Sightings of these kinds that contradict `requirement` are allowed."""
    return Change(allows=lambda _, one, __: one.kind in kinds and one.anomaly.requirement == requirement)


CHANGED = _is("changed", "newest")
NEWEST = _is("newest")
INVENTED = Change(
    allows=lambda _, one, __: (
        one.kind == "newest" or (one.kind == "extra" and one.anomaly.requirement == "OA-R17")
    )
)
DEFAULT_EVENTS = _literally("OA-R11", "extra")
ASTRAY = Change(
    allows=lambda _, one, __: (
        one.kind == "newest" or (one.kind == "status" and "OA-R10" not in one.contradicts)
    )
)


def _in_default(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether a default is shown that others show, too, where nothing that was written has to show yet."""
    if one.kind != "status" or one.look is None:
        return False
    shown = {
        show(s.look.status)
        for s in model.sightings().values()
        if s.look and s.anomaly.requirement == "OA-R10"
    }
    return not model.sight(one.look).due() and show(one.look.status) in shown


DEFAULT = Change(allows=_in_default)


NOT_KEPT = _literally("OA-R9", "missing")
UNLISTED = _is("missing", "newest")


# Older states


def _is_older(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether a read shows the status and the events of an earlier moment, or what that has left behind."""
    if one.look is None or one.look.events is None or one.kind not in ("status", "missing"):
        return False
    if one.effect and one.anomaly.requirement == "OA-R9":
        before = [look for look in model.looks[one.target] if look.read.ended <= one.look.read.started]
        gone = [
            look
            for look in before
            if model.sight(look).older and one.effect not in model.sight(look).matched[0]
        ]
        return model.sight(one.look).older or any(one.effect in model.sight(look).due() for look in gone)
    return model.sight(one.look).older


OLDER = Change(allows=_is_older)


def _announced(read: Exchange) -> str:
    """What an answer says of a cache that it comes from."""
    response = read.response
    names = ("X-Cache", "CF-Cache-Status", "Age", "X-Cache-Hits", "Cache-Status", "X-Proxy-Cache")
    told = {name: response.header(name) for name in names} if response else {}
    hit = any("hit" in (value or "").lower() for value in told.values()) or (told.get("Age") or "0") != "0"
    return ", ".join(f"{name}: {value}" for name, value in told.items() if value) if hit else ""


def cached(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, where the answers in question say so themselves."""
    reads = [one.look.read for one in model.sightings().values() if one.look and "OA-R2" in one.contradicts]
    told = [_announced(read) for read in reads]
    if told and all(told):
        detail = f"{told[0]}; if that is wanted, see --consistency-window"
        yield Hypothesis(cause, announced=True, detail=detail)


# Lost, stored otherwise, delivered again


LOST = Change(drops=lambda e, one: e.exchange.number in one.about)


def lost(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause for the writes that no read ever listed, and some read had to."""
    missing = {
        one.effect.exchange.number
        for one in model.sightings().values()
        if one.kind == "missing" and one.effect
    }
    listed = {
        e.exchange.number
        for looks in model.looks.values()
        for look in looks
        for e in model.sight(look).matched[0]
    }
    literal = any(one.kind == "missing" and "OA-R6" in one.contradicts for one in model.sightings().values())
    if missing - listed and literal:
        yield Hypothesis(cause, tuple(sorted(missing - listed)))


def _is_stored(model: StatusModel, one: Sighting, _: Hypothesis) -> bool:
    """Whether the event of a write shows another status than was sent, and so does the status."""
    if one.look is None or not one.look.events or one.kind not in ("status", "changed", "newest"):
        return False
    sight = model.sight(one.look)
    newest, due = one.look.events[0], sight.due(0.0)
    since = sight.begun.index(due[-1]) if due and one.kind != "changed" else 0
    stamped = [e for e in sight.begun[since:] if e.plain]
    mine = [e for e in stamped if e.stamp == newest.timestamp or not integer_kind(e.stamp)]
    return bool(mine) and (one.kind == "changed" or newest.status == one.look.status)


STORED = Change(allows=_is_stored)


def _again(view: View, target: str, _: Hypothesis) -> Iterable[Effect]:
    mine = [w for w in view.histories[target].writes if w.acknowledged]
    return [replace(effect(w, certain=False, floating=True), stamp=MISSING) for w in mine]


REPEATED = Change(effects=_again, allows=lambda _, one, __: one.kind == "newest")


def repeated(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, where an event has the status of an accepted write, a time of its own, and was not there before."""
    for one in model.sightings().values():
        if one.kind != "extra" or one.event is None or one.look is None:
            continue
        effects = [
            e
            for e in model.effects(one.target)
            if e.value == one.event.status and e.stamp != one.event.timestamp
        ]
        before = [
            look
            for look in model.looks[one.target]
            if look.read.ended <= one.look.read.started and look.events
        ]
        new = [look for look in before if one.event not in (look.events or ())]
        if any(look.read.started >= e.exchange.ended for e in effects for look in new):
            yield Hypothesis(cause, detail=f"{show(one.event.status)} at {show(one.event.timestamp)}")
            return


# Readers, hashes, moments


def _of_form(_: StatusModel, one: Sighting, hypothesis: Hypothesis) -> bool:
    return one.look is not None and one.look.form == hypothesis.about


FORM = Change(allows=_of_form)


def form(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause for a form of reading that never shows at last what another one shows."""
    wrong = {id(one.look): one for one in model.sightings().values() if one.look}
    looks = [
        look for mine in model.looks.values() for look in mine if model.view.histories[look.target].writes
    ]
    forms = {about: [one for one in looks if one.form == about] for about in {look.form for look in looks}}
    for about, mine in forms.items():
        sighted = [one for one in mine if id(one) in wrong]
        others = [look for look in looks if look.form != about and id(look) not in wrong]
        alone = len(sighted) > 1 and all(one.look.form == about for one in wrong.values() if one.look)
        last = {one.target: one for one in mine}
        if alone and others and all(id(one) in wrong for one in last.values()):
            seen = {name for one in model.sightings().values() if one.look for name in one.contradicts}
            broken = cause.requirements if "OA-R2" in seen else tuple(sorted(seen))
            headers = [
                name
                for name, there in zip(("the key", "a Content-Type", "an Origin"), about, strict=True)
                if there
            ]
            detail = f"a GET with {' and '.join(headers)}" if headers else "a GET without the key"
            yield Hypothesis(replace(cause, requirements=broken), about, detail=detail)


SHARED = _is("status", "extra", "newest", "moved")


def shared(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, where a hash shows the name or a status of another one, which nothing but a write to that shows."""
    for one in model.sightings().values():
        value = one.event.status if one.event else one.look.status if one.look else None
        named = (
            one.event is not None
            and one.event.id != one.target
            and one.event.id in list(model.view.histories)
        )
        here = [w.status for w in model.view.histories[one.target].writes]
        other = next(
            (
                w.target
                for w in model.view.writes
                if w.acknowledged and w.status == value and value not in here
            ),
            "",
        )
        if named or (other and integer_kind(value) and isinstance(value, int) and value >= DISTINCT):
            yield Hypothesis(
                cause,
                detail=f"{one.target} shows {show(value)}, written to {other or show(one.event and one.event.id)}",
            )
            return


MOVES = Change(allows=lambda _, one, __: one.kind in ("moved", "extra") or "OA-R10" in one.contradicts)


def moves(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, where an unwritten hash changes, or a written one grows and no unwritten one was read twice in vain."""
    seen = model.sightings().values()
    if any(one.kind == "moved" for one in seen):
        yield Hypothesis(cause)
    still = [
        looks
        for looks in model.looks.values()
        if len(looks) > 1 and not model.view.histories[looks[0].target].writes
    ]
    for one in (one for one in seen if one.kind == "extra" and one.look and not still):
        pairs = pairwise(model.looks[one.target])
        if any(second is one.look and _alone(model, first, second) for first, second in pairs):
            yield Hypothesis(cause)
            return


def _alone(model: StatusModel, first: Look, second: Look) -> bool:
    """Whether the second of two reads lists more, and nothing was sent in between."""
    history = model.view.histories[first.target]
    same = history.attempts(first.read) == history.attempts(second.read)
    over = all(w.exchange.ended <= first.read.started for w in history.attempts(first.read))
    return same and over and len(first.events or ()) < len(second.events or ())
