"""The causes of answers that the contract does not allow: one table, a row each, and who is suspected in a run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from conformance.contracts.dcp import states
from conformance.contracts.dcp.ids import form
from conformance.contracts.dcp.model import REQUIREMENTS, View
from conformance.contracts.dcp.observations import KNOWN, MISSING, ODD, UNKNOWN, WRONG, Read
from conformance.contracts.dcp.tokens import FAMILIES
from conformance.diagnosis.cause import Cause, Hypothesis

Trait = Callable[[View, Read], Hashable]
"""What the requests that a cause is about have in common; None for one that it is not about."""
LET_IN = "let in"


@dataclass(frozen=True, slots=True)
class Row:
    """A cause, the roles of the reads that it is about, their trait, and which answers it explains.

    `let_in` tells whether these are answers in place of refusals, or other codes; None for either. `always` tells that
    there is no such cause where only some reads with the trait are answered so. `told` ends the sentence.
    """

    cause: Cause
    roles: tuple[str, ...]
    trait: Trait
    let_in: bool | None
    always: bool
    told: Callable[[Read], str]


def row(
    name: str,
    breaks: str,
    rank: tuple[int, int],
    roles: tuple[str, ...],
    sentence: str,
    trait: Trait = lambda view, read: True,
    *,
    let_in: bool | None = None,
    always: bool = False,
    told: Callable[[Read], str] = lambda read: "",
) -> Row:
    """A row of the table; `rank` is gravity and width."""
    return Row(Cause(name, sentence, tuple(breaks.split()), *rank), roles, trait, let_in, always, told)


def alike(thing: Callable[[Read], str]) -> Trait:
    """The trait of those things, such as ids, that get one answer every time."""

    def trait(view: View, read: Read) -> Hashable:
        mine = (one for one in view.decisive if one.ours == read.ours and thing(one) == thing(read))
        answers = {answer_of(one) for one in mine if (one.role == KNOWN) == (read.role == KNOWN)}
        return answer_of(read) if len(answers) == 1 else None

    return trait


def answer_of(read: Read) -> Hashable:
    """What came, as causes tell answers apart."""
    return LET_IN if read.let_in and read.role != KNOWN else read.status


def in_flight(view: View, read: Read) -> Hashable:
    """Whether a read with the token was in flight, too."""
    return any(not (one.before(read) or read.before(one)) for one in view.working) or None


def after_token(view: View, read: Read) -> Hashable:
    """Whether the same request was shown to somebody with the token before."""
    return any(one.before(read) for one in view.by_id.get(read.id, ())) or None


def odd_alike(view: View, _: Read) -> Hashable:
    """Whether all ids that cannot be one get the same answer."""
    odd = [answer_of(one) for one in view.decisive if one.role == ODD]
    return (len(odd) > 1 and len(set(odd)) == 1) or None


def wish(_: View, read: Read) -> Hashable:
    """The type that was asked for."""
    return read.exchange.request.header("accept")


ANYBODY, OURS, IDS = (MISSING, WRONG), (KNOWN, UNKNOWN, ODD), (UNKNOWN, ODD)
E1_E2 = "DCP-E1 DCP-E2"
NOW_AND_THEN = "token-refused-now-and-then"
ROWS = (
    row("door-open", E1_E2, (0, 3), ANYBODY, "a read needs no token, and any token is right", let_in=True),
    row("request-open", E1_E2, (0, 2), ANYBODY, "some requests are shown to everybody",
        alike(lambda read: read.id), let_in=True, told=lambda read: read.id),
    row("answers-cached", E1_E2, (0, 2), ANYBODY, "what the token was shown is then shown to everybody",
        after_token, let_in=True, always=True),
    row("open-meanwhile", E1_E2, (0, 2), ANYBODY, "while a read with the token is in flight, everybody is let in",
        in_flight, let_in=True, always=True),
    row("no-token-needed", "DCP-E1", (0, 2), (MISSING,), "a read without a token is answered", let_in=True),
    row("any-token", "DCP-E2", (0, 4), (WRONG,), "any token is right", let_in=True),
    row("token-compared-loosely", "DCP-E2", (1, 1), (WRONG,), "wrong tokens of one kind are let in",
        lambda view, read: FAMILIES.get(read.credential), let_in=True, always=True, told=lambda read: read.what),
    row("some-tokens-taken", "DCP-E2", (1, 2), (WRONG,), "some wrong tokens are taken for the right one",
        alike(lambda read: read.credential), let_in=True, told=lambda read: read.what),
    row("refused-otherwise", E1_E2, (40, 3), ANYBODY, "whoever is not let in gets another answer than 401",
        let_in=False),
    row("missing-refused-otherwise", "DCP-E1", (40, 2), (MISSING,), "who has no token gets another answer than 401",
        let_in=False),
    row("wrong-refused-otherwise", "DCP-E2", (40, 2), (WRONG,), "a wrong token gets another answer than 401",
        let_in=False, told=lambda read: read.what),
    row("request-not-shown", "DCP-S1", (10, 1), (KNOWN,), "a known request is always answered otherwise than with 200",
        alike(lambda read: read.id), told=lambda read: f"{read.id}: {read.status}"),
    row("type-not-served", "DCP-S1", (10, 2), OURS, "whoever asks for one type is refused, with the right token, too",
        wish, always=True),
    row("form-not-served", "DCP-S1", (10, 3), OURS, "known requests are refused for the form of their ids",
        lambda view, read: form(read.id), let_in=False, always=True, told=lambda read: form(read.id)),
    row(NOW_AND_THEN, "DCP-S1", (10, 5), OURS, "a read with the right token is answered otherwise now and then"),
    row("every-id-taken", "DCP-E3 DCP-E4", (20, 1), IDS, "every id that nobody has is taken, even one that cannot be one",
        odd_alike, always=True),
    row("unknown-not-refused", "DCP-E3", (20, 2), IDS, "an id that nobody has is answered otherwise than with 404",
        told=lambda read: read.case),
    row("odd-not-refused", "DCP-E4", (30, 2), (ODD,), "an id that cannot be one is answered otherwise than by a refusal",
        told=lambda read: read.case),
)  # fmt: skip
MIXED_UP = Cause("requests-mixed-up", "a request is answered with what belongs to another", (), 5)
GOES_BACK = Cause("states-go-back", "a request does not keep the state that it had", (), 5)
STATE_WRONG = Cause("state-wrong", "a request reports another state than it is in", ("DCP-S10",), 5)
PIDS_CHANGE = Cause("pids-change", "the pids of a request change from read to read", ("DCP-S13",), 5)
PID_SHARED = Cause("pid-shared", "requests share an issuerPid", ("DCP-S14",), 5)
SHUT_OUT = Cause("shut-out", "the token was refused for everything: it ended, or this caller was blocked")


def hypotheses(view: View) -> list[Hypothesis]:
    """What may be at work in a run, each with the answers that it explains."""
    void = tuple(read.exchange.number for block in view.blocks for read in block)
    shut = [Hypothesis(SHUT_OUT, void)] if void else []
    return [*shut, *(found for one in ROWS for found in _suspected(one, view)), *_of_states(view)]


def _suspected(row: Row, view: View) -> Iterator[Hypothesis]:
    """A hypothesis for each trait and answer that reads of the row's roles have in common."""
    groups: dict[tuple[Hashable, Hashable], list[Read]] = {}
    for read in view.suspects.values():
        trait = row.trait(view, read) if _may_explain(row, read, view) else None
        if trait is not None:
            groups.setdefault((trait, answer_of(read)), []).append(read)
    for (trait, answer), reads in groups.items():
        mine = (one for one in view.decisive if one.role in row.roles and row.trait(view, one) == trait)
        steady = all(answer_of(one) == answer for one in mine)
        shows = {REQUIREMENTS[one.role] for one in reads}
        if shows >= set(row.cause.requirements) and (steady or not row.always):
            about = tuple(one.exchange.number for one in reads)
            told = ", ".join(dict.fromkeys(filter(None, map(row.told, reads))))
            yield Hypothesis(row.cause, about, steady, detail=told[:300])


def _may_explain(row: Row, read: Read, view: View) -> bool:
    """Whether an answer is of the row's kind; what unknown ids get every time is not what the token gets at times."""
    kind = row.let_in is None or row.let_in == (answer_of(read) == LET_IN)
    at_times = row.cause.id != NOW_AND_THEN or read.role == KNOWN or answer_of(read) != _usual(view)
    return read.role in row.roles and kind and at_times


def _usual(view: View) -> Hashable:
    """The answer of all unknown ids, where there is one and they are several."""
    answers = [answer_of(one) for one in view.decisive if one.role == UNKNOWN]
    return answers[0] if len(answers) > 2 and len(set(answers)) == 1 else None


def _of_states(view: View) -> Iterator[Hypothesis]:
    """What may be wrong with states and pids."""
    kinds: dict[str, list[states.Key]] = {}
    for key in view.history:
        kinds.setdefault(key[0], []).append(key)
    named, back = kinds.get(states.NAMED, []), kinds.get(states.BACK, [])
    pids, shared = kinds.get(states.PID, []), kinds.get(states.SHARED, [])
    strange = states.borrowed(view.by_id)
    mixed = [key for key in view.history if key[0] != states.SHARED and _numbers(view, key) & strange]
    yield from _hypothesis(MIXED_UP, mixed if pids else [], view)
    yield from _hypothesis(GOES_BACK, named + back if back else [], view)
    yield from _hypothesis(STATE_WRONG, named if not back else [], view)
    yield from _hypothesis(PIDS_CHANGE, pids, view)
    yield from _hypothesis(PID_SHARED, shared, view)


def _numbers(view: View, key: states.Key) -> frozenset[int]:
    return frozenset(one.number for one in view.history[key].exchanges)


def _hypothesis(cause: Cause, keys: Sequence[states.Key], view: View) -> Iterator[Hypothesis]:
    """A suspicion that explains `keys`, if there are any; a cause without requirements breaks those of its keys."""
    if keys:
        shows = tuple(sorted({view.history[key].requirement for key in keys}))
        yield Hypothesis(
            Cause(cause.id, cause.sentence, cause.requirements or shows, cause.gravity), tuple(keys)
        )
