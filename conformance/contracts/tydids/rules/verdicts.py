"""Whose verdict it is, and whether it lasts: judged by what explains the strange answers; here stands what was seen to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from conformance.contract import Rule, rule
from conformance.contracts.tydids.causes import hypotheses
from conformance.contracts.tydids.model import Grants, counted, works
from conformance.contracts.tydids.observations import CODES, GRANTED, NAMED, REVOKED, Observation, View
from conformance.contracts.tydids.rules.answers import CREDENTIALS, skip_without_sample
from conformance.diagnosis.reasons import judge
from conformance.evidence import Answer, answer, code, received
from conformance.outcome import Assessment

Held = Iterator[tuple[Observation, str, str]]
"""Answers with what keeps them from deciding, and a hint; nothing keeps those that hold."""

AGAIN: Final = "try again, or use --rate"
RELATED: Final = ("TY-G1", "TY-R1", "TY-R7", "TY-C1", "TY-C3", "TY-I1", "TY-I2", "TY-I3", "TY-I4", "TY-I6")


@rule(*RELATED)
def what_is_strange_has_a_cause(view: View, assessment: Assessment) -> None:
    model = Grants(view)
    judge(model, hypotheses(model), assessment)
    wrong = {one.key for one in model.strange}
    for requirement, look in _LOOKS.items():
        said = [
            (one, why, hint)
            for one, why, hint in look(view)
            if (requirement, one.exchange.number) not in wrong
        ]
        _hold(requirement, said, assessment)
    broken = {name for one in assessment.diagnoses for name in one.requirements}
    if not broken & {"TY-I1"}:
        _told_apart(view, assessment)
    _notes(view, assessment)
    skip_without_sample(view, assessment, "TY-C3", "TY-I6")


def _hold(requirement: str, said: list[tuple[Observation, str, str]], assessment: Assessment) -> None:
    """What is undecided counts only where the same identity shows nothing better."""
    good = {one.identity for one, why, _ in said if not why}
    for one, why, hint in said:
        if not why:
            assessment.met(requirement, one.exchange)
        elif one.identity not in good:
            told = received(one.exchange)
            assessment.unclear(requirement, one.exchange, message=why, received=told, hint=hint)


def _open(one: Observation, view: View) -> tuple[str, str]:
    """Why an answer decides nothing, and a hint; "" if it decides."""
    if one.undecided:
        return f"no answer to judge: {code(one.exchange)}", AGAIN
    if answer(one.exchange) is Answer.REDIRECTED and not view.open:
        return "the answer is a redirect", "run against the address that it points to"
    if one.denied and not view.open:
        return "every call is denied, and no answer has a verdict", CREDENTIALS
    return "", ""


def _coded(kind: str) -> Callable[[View], Held]:
    def look(view: View) -> Held:
        for one in view.of(kind):
            why, hint = _open(one, view)
            if kind == REVOKED and one.denied and not one.undecided and one.code == CODES[kind]:
                why = "a plain denial: a 403 whose body has no verdict, which any gateway may send"
            right = kind == GRANTED and one.code == CODES[kind]
            yield (one, "", "") if right else (one, why, hint)

    return look


def _agreeing(view: View) -> Held:
    """To hold, both verdicts must have been seen."""
    found = [one for one in view.observations if one.verdict]
    if {one.verdict for one in found} == set(CODES):
        yield from ((one, "", "") for one in found)


def _lasting(view: View) -> Held:
    for own in view.by_identity(REVOKED, "unnamed", "encoded"):
        told = [one for one in own if one.claim == REVOKED and one.number("revoked") is not None]
        yield from ((one, "", "") for one in (told if len(told) > 1 else []))


def _growing(view: View) -> Held:
    every = [one for one, _ in counted(view)]
    yield from ((one, "", "") for one in every if any(one.follows(each) for each in every))


def _refused(verdicts: tuple[str, ...], *samples: str) -> Callable[[View], Held]:
    """Refusals, which count only where the positive control works: where others get one of `verdicts`."""

    def look(view: View) -> Held:
        control = works(view, *verdicts)
        for one in view.of(*samples):
            if one.claim != GRANTED:
                yield one, *_no_refusal(one, view, control, verdicts == NAMED)

    return look


def _no_refusal(one: Observation, view: View, control: bool, strict: bool) -> tuple[str, str]:
    """Why an answer is no refusal, and a hint; "" if it is one, or as good; `strict` asks for a 4xx."""
    kind = answer(one.exchange)
    if one.undecided:
        return _open(one, view)
    if kind is Answer.BROKEN:
        return "the server failed, which is not a refusal", ""
    if not control:
        return "refused, but no identity got a verdict either", "give --granted with one that gets it"
    return ("the call is redirected", "") if strict and kind is Answer.REDIRECTED else ("", "")


def _decoded(view: View) -> Held:
    """Another way to write an identity shows something only where identities are told apart."""
    named = [one for one in view.of(*NAMED) if one.verdict]
    for one in view.of("encoded"):
        plain = {each.verdict for each in named if each.identity == one.identity}
        if one.undecided:
            yield one, *_open(one, view)
        elif len(plain) != 1:
            yield one, "the plain form of the identity has no single verdict to compare with", ""
        elif one.verdict not in plain:
            yield one, "the plain form of the identity may get such an answer too, now and then", ""
        elif not _distinct(view):
            yield one, "every identity gets this verdict, in whatever form", ""
        else:
            yield one, "", ""


def _distinct(view: View) -> bool:
    """Whether identities are told apart, as far as those of both kinds were asked for."""
    named = view.of(*NAMED)
    return len({one.sample for one in named}) < 2 or len({one.word for one in named if one.word}) == 2


def _told_apart(view: View, assessment: Assessment) -> None:
    """The verdict depends on the identity, where both kinds were asked for and each got verdicts of its own."""
    named = [one for one in view.of(*NAMED) if one.word]
    if {one.sample for one in named} != set(NAMED) or len({one.identity for one in named}) < 2:
        return
    if view.drawn:
        return
    strays = [one for one in named if one.word != one.sample]
    verdicts: dict[str, set[str | None]] = {}
    for one in named:
        verdicts.setdefault(one.identity, set()).add(one.word)
    changing = [one.exchange for one in strays if len(verdicts[one.identity]) > 1]
    if changing:
        message = "the verdict on one identity changes from call to call"
        assessment.unclear("TY-I1", *changing, message=message)
    elif _distinct(view):
        assessment.met("TY-I1", *(one.exchange for one in named))


def _notes(view: View, assessment: Assessment) -> None:
    """What is worth a word where either behaviour is right."""
    for one in view.of("unknown"):
        which = f", which {one.case}," if one.case else ""
        if one.verdict != REVOKED:
            message = f"an identity that nobody published{which} gets {one.seen}"
            assessment.note("TY-I4", one.exchange, message=message)
    padded = [one.exchange for one in view.of("padded") if one.claim == GRANTED]
    if padded:
        assessment.note("TY-I3", *padded, message="white space around an identity does not count")
    for one in view.of(*NAMED):
        named = one.exchange.intent.get("sample", one.sample)
        if named != one.sample:
            message = f"an identity that was named as {named} is {one.sample} for a part of the run"
            assessment.note("TY-G1" if named == GRANTED else "TY-R1", one.exchange, message=message)


_LOOKS: Final[dict[str, Callable[[View], Held]]] = {
    "TY-G1": _coded(GRANTED),
    "TY-R1": _coded(REVOKED),
    "TY-C1": _agreeing,
    "TY-R7": _lasting,
    "TY-C3": _growing,
    "TY-I2": _refused(NAMED, "missing", "empty"),
    "TY-I3": _refused((GRANTED,), "malformed", "padded"),
    "TY-I6": _decoded,
}

RULES: Final[tuple[Rule, ...]] = (what_is_strange_has_a_cause,)
