"""The table of causes: what may be wrong with a status deployment, in a sentence each, and what that would change.

A row breaks the requirements of its cause, and those in `also` where an answer contradicts them by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.contracts.open_attestation import refusals, shown, writers
from conformance.contracts.open_attestation.model import Change, StatusModel
from conformance.diagnosis.cause import Cause, Hypothesis

Proposals = Iterable[Hypothesis]


def always(model: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, where an answer contradicts one of its requirements by itself."""
    if any(set(cause.requirements) & set(one.contradicts) for one in model.sightings().values()):
        yield Hypothesis(cause)


def anyway(_: StatusModel, cause: Cause) -> Iterator[Hypothesis]:
    """The cause, whatever was seen: where it explains nothing it does not count."""
    yield Hypothesis(cause)


@dataclass(frozen=True, slots=True)
class Row:
    """A cause, what it breaks besides where that shows, what it changes in the model, and when it comes into question."""

    cause: Cause
    also: tuple[str, ...]
    change: Change
    propose: Callable[[StatusModel, Cause], Proposals]


def _row(
    name: str,
    sentence: str,
    requirements: str,
    also: str = "",
    *,
    gravity: int = 50,
    width: int = 5,
    change: Change,
    propose: Callable[[StatusModel, Cause], Proposals] = always,
) -> Row:
    cause = Cause(name, sentence, tuple(requirements.split()), gravity, width)
    return Row(cause, tuple(also.split()), change, propose)


TABLE = (
    # Who may write
    _row("keyless-writes", "writes without a key take effect", "OA-A1",
         gravity=0, width=1, change=writers.KEYLESS, propose=writers.let_in),
    _row("wrong-key-writes", "writes with a wrong key take effect", "OA-A2",
         gravity=1, width=1, change=writers.WRONG_KEY, propose=writers.let_in),
    _row("refused-writes-recorded", "a refused write is recorded all the same", "OA-A1 OA-A2 OA-W8",
         gravity=2, width=2, change=writers.RECORDED, propose=writers.recorded),
    _row("refused-writes-change", "a refused write changes what its hash shows", "OA-A1 OA-A2 OA-W8",
         gravity=3, width=3, change=writers.CHANGES, propose=writers.changed),
    _row("bodies-taken", "a body that holds no status is taken", "OA-W8",
         gravity=60, width=1, change=writers.BODIES, propose=writers.let_in),
    _row("bodies-crash", "a body that holds no status is not refused but ends in an error", "OA-W8",
         gravity=60, width=1, change=writers.CRASHES, propose=writers.let_in),
    _row("odd-status-changed", "a status that is no non-negative integer is accepted and becomes another one", "OA-W8",
         gravity=60, width=2, change=writers.ODD, propose=writers.odd),
    # Which writes are accepted
    _row("form-refused", "plain 64-digit hashes are refused, others are not", "OA-I1",
         gravity=20, width=1, change=refusals.FORM, propose=anyway),
    _row("replacing-refused", "a hash that has a status accepts no other one", "OA-W6",
         gravity=20, width=2, change=refusals.REPLACING, propose=refusals.replacing),
    _row("value-refused", "not every status is accepted", "OA-W7",
         gravity=61, width=3, change=refusals.VALUE, propose=refusals.values),
    _row("write-refused", "a write with the key is not accepted", "OA-W1",
         gravity=20, width=4, change=refusals.WRITE),
    # What a read shows
    _row("another-reader", "a reader in another form is shown something else", "OA-R2",
         gravity=25, width=1, change=shown.FORM, propose=shown.form),
    _row("hashes-share-state", "a hash shows what was written to another one", "OA-I2", "OA-R10",
         gravity=10, width=1, change=shown.SHARED, propose=shown.shared),
    _row("cache", "reads are answered from a cache", "OA-R2", "OA-R6 OA-W6",
         gravity=25, width=4, change=shown.OLDER, propose=shown.cached),
    _row("write-lost", "an accepted write is lost", "OA-R6", "OA-R2 OA-W6",
         gravity=20, width=3, change=shown.LOST, propose=shown.lost),
    _row("older-state", "a read shows an older state than it has to, as from a cache or a replica that lags", "OA-R2", "OA-R6 OA-W6",
         gravity=25, width=4, change=shown.OLDER),
    _row("status-stored-changed", "another status is stored than was sent", "OA-R2", "OA-R6",
         gravity=20, width=4, change=shown.STORED),
    _row("write-repeated", "an accepted write is delivered again later", "OA-R17", "OA-R2",
         gravity=20, width=4, change=shown.REPEATED, propose=shown.repeated),
    _row("status-astray", "the status does not follow the last write", "OA-R2", "OA-W6 OA-R8",
         gravity=20, width=6, change=shown.ASTRAY),
    _row("events-changed", "events have not the values of the receipts", "OA-R6", "OA-R8",
         gravity=30, width=4, change=shown.CHANGED),
    _row("events-missing", "accepted writes are not listed", "OA-R6", "OA-R8 OA-R9",
         gravity=30, width=5, change=shown.UNLISTED),
    _row("events-not-kept", "older events do not stay listed", "OA-R9",
         gravity=62, width=2, change=shown.NOT_KEPT),
    _row("events-invented", "events are listed that no write made", "OA-R17", "OA-R8",
         gravity=62, width=5, change=shown.INVENTED),
    _row("newest-disagrees", "the status is not that of the newest event", "OA-R8",
         gravity=62, width=7, change=shown.NEWEST),
    # Hashes that nobody has written to
    _row("reading-changes", "reading a hash changes what it shows", "OA-R13", "OA-R10 OA-R11 OA-R17",
         gravity=40, width=2, change=shown.MOVES, propose=shown.moves),
    _row("default-wrong", "the status of an unwritten hash is not 0", "OA-R10",
         gravity=30, width=6, change=shown.DEFAULT),
    _row("default-events", "an unwritten hash has events", "OA-R11",
         gravity=62, width=6, change=shown.DEFAULT_EVENTS),
)  # fmt: skip
CHANGES = {row.cause.id: row.change for row in TABLE}


def hypotheses(model: StatusModel) -> Iterator[Hypothesis]:
    """The causes that come into question, each with the requirements that it breaks here."""
    base = model.sightings()
    for row in TABLE if base else ():
        for one in row.propose(model, row.cause):
            explained = base.keys() - model.left(frozenset((one,))).keys()
            seen = {name for key in explained for name in base[key].contradicts}
            broken = one.cause.requirements + tuple(name for name in row.also if name in seen)
            yield replace(one, cause=replace(one.cause, requirements=broken))
