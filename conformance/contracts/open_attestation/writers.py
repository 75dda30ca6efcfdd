"""Causes about who may write, and what a refused write leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conformance.contracts.open_attestation.effects import DISTINCT, Effect, effect
from conformance.contracts.open_attestation.history import View, Write
from conformance.contracts.open_attestation.model import Change, StatusModel
from conformance.contracts.open_attestation.sight import Look, Sighting
from conformance.diagnosis.cause import Cause, Hypothesis
from conformance.evidence import Answer, answer
from conformance.wire.strict import show

AS_DEFAULT = 6
"""How wide it is to blame a refused write for what may be the default."""
BREAKS = {"none": "OA-A1", "wrong": "OA-A2", "body": "OA-W8", "odd": "OA-W8"}


def _take(kind: str, sort: str = "taken") -> Change:
    """Writes of `kind` that were accepted, or crashed, may have taken effect."""

    def effects(view: View, target: str, _: Hypothesis) -> Iterable[Effect]:
        mine = [w for w in view.histories[target].writes if w.kind == kind and not w.refused]
        return [effect(w, certain=False) for w in mine if answer(w.exchange) is not Answer.UNDECIDED]

    def allows(_: StatusModel, one: Sighting, __: Hypothesis) -> bool:
        return one.kind == "newest" or (one.kind == sort and one.write is not None and one.write.kind == kind)

    return Change(effects=effects, allows=allows)


KEYLESS, WRONG_KEY, BODIES, CRASHES = _take("none"), _take("wrong"), _take("body"), _take("body", "crash")


def let_in(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, with what was accepted."""
    crash = cause.id == "bodies-crash"
    answers = (Answer.BROKEN, Answer.REDIRECTED) if crash else (Answer.ACCEPTED,)
    kinds = [kind for kind in ("none", "wrong", "body") if BREAKS[kind] in cause.requirements]
    mine = [w for w in model.view.writes if w.kind in kinds and answer(w.exchange) in answers]
    names = dict.fromkeys(w.case if w.kind == "body" else w.credential for w in mine if w.kind != "none")
    if mine:
        yield Hypothesis(cause, detail=", ".join(name for name in names if name))


# Refused writes that leave something


def _refused(model: StatusModel, target: str, kinds: Iterable[object]) -> list[Write]:
    return [w for w in model.view.histories[target].writes if w.refused and w.kind in kinds]


def _recorded_effects(view: View, target: str, one: Hypothesis) -> Iterable[Effect]:
    writes = view.histories[target].writes
    return [effect(w, certain=False, floating=True) for w in writes if w.refused and w.kind in one.about]


RECORDED = Change(effects=_recorded_effects, allows=lambda _, one, __: one.kind == "newest")


def recorded(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause for the kinds of refused writes whose very status is shown, which nothing else wrote to the hash."""
    writes = [w for one in model.sightings().values() if one.look for w in _betrayed(model, one, one.look)]
    kinds = tuple(kind for kind in BREAKS if any(w.kind == kind for w in writes))
    yield from _about(cause, kinds, writes)


def _betrayed(model: StatusModel, one: Sighting, look: Look) -> list[Write]:
    value = one.event.status if one.event else look.status
    begun = model.view.histories[one.target].attempts(look.read)
    legal = [show(w.status) for w in begun if w.kind == "key"]
    mine = [w for w in begun if w.refused and w.kind in BREAKS]
    small = isinstance(value, int) and value < DISTINCT
    telling = show(value) not in legal and not small
    return [w for w in mine if telling and show(w.status) == show(value)]


def _about(cause: Cause, kinds: tuple[str, ...], writes: Iterable[Write]) -> Iterator[Hypothesis]:
    """The cause with only the requirements that `kinds` of refused writes are about."""
    broken = tuple(dict.fromkeys(BREAKS[kind] for kind in kinds))
    names = {"none": "without a key", "key": ""}
    told = dict.fromkeys(
        names.get(w.credential, f"with another key: {w.credential}") or w.case for w in writes
    )
    if kinds:
        detail = ", ".join(one for one in told if one)
        yield Hypothesis(replace(cause, requirements=broken), kinds, detail=detail)


def _after(model: StatusModel, one: Sighting, hypothesis: Hypothesis) -> bool:
    """Whether a sighting follows a refused write of the kinds in question."""
    if one.look is None:
        return False
    ended = one.look.read.ended
    return any(w.exchange.started < ended for w in _refused(model, one.target, hypothesis.about))


CHANGES = Change(allows=_after)


def changed(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause for hashes that were right before a refused write, and are wrong from then on."""
    found = {target: _culprit(model, target) for target in model.looks}
    culprits = {target: write for target, write in found.items() if write}
    kinds = tuple(kind for kind in BREAKS if any(w.kind == kind for w in culprits.values()))
    known = _defaults(model) or any(model.effects(target) for target in culprits)
    # The default may as well be wrong where nobody looked at a hash without writes.
    width = cause.width if known else AS_DEFAULT
    yield from _about(replace(cause, width=width), kinds, culprits.values())


def _defaults(model: StatusModel) -> list[Look]:
    """The reads of hashes to which nothing was sent."""
    every = [one for looks in model.looks.values() for one in looks]
    return [one for one in every if not model.view.histories[one.target].attempts(one.read)]


def _culprit(model: StatusModel, target: str) -> Write | None:
    """The refused write after which `target` is wrong, until something is accepted, and before which it was right."""
    wrong = {id(one.look) for one in model.sightings().values() if one.look and one.target == target}
    for form in {look.form for look in model.looks[target] if id(look) in wrong}:
        looks = [look for look in model.looks[target] if look.form == form]
        first = next(look for look in looks if id(look) in wrong)
        effects = [e for e in model.effects(target) if e.exchange.started < first.read.started]
        since = max((e.exchange.ended for e in effects), default=0.0)
        mine = [w for w in _refused(model, target, BREAKS) if since <= w.exchange.started < first.read.ended]
        if mine and _was_right(model, looks, mine[0], since, wrong) and _stays(model, looks, first, wrong):
            return mine[-1]
    return None


def _was_right(model: StatusModel, looks: list[Look], write: Write, since: float, wrong: set[int]) -> bool:
    """Whether a read told that all was right before `write`; for a hash that had nothing, of another one."""
    before = [one for one in looks if since <= one.read.started and one.read.ended <= write.exchange.started]
    if before or since:
        return bool(before) and id(before[-1]) not in wrong
    sighted = {id(one.look) for one in model.sightings().values() if one.look}
    return not any(id(one) in sighted for one in _defaults(model))


def _stays(model: StatusModel, looks: list[Look], first: Look, wrong: set[int]) -> bool:
    """Whether everything that was read since is wrong, until something else took effect."""
    later = [
        e.exchange.started for e in model.effects(first.target) if e.exchange.started > first.read.started
    ]
    end = min(later, default=float("inf"))
    return all(
        id(one) in wrong for one in looks if first.read.started <= one.read.started and one.read.ended < end
    )


# Odd statuses


def _odd(_: StatusModel, one: Sighting, hypothesis: Hypothesis) -> bool:
    """Whether an odd status became another one."""
    return one.target in hypothesis.about and one.kind in ("status", "extra", "newest")


ODD = Change(allows=_odd)


def odd(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, with the statuses that were accepted and read back changed."""
    mine = [
        one
        for one in model.sightings().values()
        if one.kind == "status" and one.anomaly.requirement == "OA-W8"
    ]
    writes = [w for one in mine for w in model.view.histories[one.target].writes if w.kind == "odd"]
    if writes:
        targets = tuple(dict.fromkeys(one.target for one in mine))
        yield Hypothesis(cause, targets, detail=", ".join(dict.fromkeys(w.case for w in writes)))
