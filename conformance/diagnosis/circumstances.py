"""What befalls a run and is nobody's defect: a contract that is never reached, a credential that ends, a block, an outage."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.evidence import received
from conformance.outcome import Diagnosis
from conformance.wire.clipping import clip
from conformance.wire.exchange import Exchange

ENOUGH = 5
"""Answers after which a deployment that gives none of the contract's is taken for something else, if they may be its own."""
CONTROLS = 3
"""Requests that have to be let in, and are not any more, after which that is a lasting change."""
NOT_BEFORE = 7
"""Requests before which nobody gives up."""
MOST_SPELLS = 2
"""What comes and goes more often than this is a defect: flapping."""
GATEWAY = frozenset({502, 503, 504})
DENIED = frozenset({401, 403})
SHUT = frozenset({401, 403, 407, 429}) | GATEWAY


@dataclass(frozen=True, slots=True)
class Standing:
    """What a request was, and what its answer is, in the words of its contract.

    `entitled`: it has the right credential, or needs none, and asks for what is known or surely answered. `guess`: it
    may look like an attack, as wrong credentials do. `ours`: only a deployment of this contract gives such an answer.
    """

    entitled: bool
    guess: bool
    ours: bool


Classify = Callable[[Exchange], Standing]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that befell a run, with the exchanges (numbers) that decide nothing because of it."""

    id: str
    sentence: str
    hint: str
    covered: frozenset[int]

    @property
    def whole(self) -> bool:
        """Whether the run never got as far as the contract."""
        return self.id == NEVER

    def diagnosis(self) -> Diagnosis:
        """The circumstance as a cause that breaks nothing."""
        return Diagnosis(self.id, self.sentence, (), tuple(sorted(self.covered)), hint=self.hint, gravity=0)


NEVER, ENDED, BLOCKED, OUTAGE = "never-reached", "credential-ended", "caller-blocked", "outage"


def find(exchanges: Sequence[Exchange], classify: Classify) -> list[Circumstance]:
    """The circumstances of a run; pure, and nothing is found in a few exchanges."""
    sent = sorted((one for one in exchanges if not one.superseded), key=lambda one: (one.started, one.number))
    standings = {one.number: classify(one) for one in sent}
    never = never_reached(sent, standings)
    return [never] if never else _spells(sent, standings)


def gave_up(exchanges: Sequence[Exchange], classify: Classify) -> Circumstance | None:
    """The circumstance because of which a deployment is to be left alone, if there is one."""
    last = exchanges[-1].status if exchanges else None
    if len(exchanges) < NOT_BEFORE or (last is not None and last < 300 and len(exchanges) > 2 * NOT_BEFORE):
        return None
    sent = [one for one in exchanges if not one.superseded]
    for one in find(sent, classify):
        controls = [e for e in sent if e.number in one.covered and classify(e).entitled]
        if one.whole or (exchanges[-1].number in one.covered and len(controls) >= 2 * CONTROLS):
            return one
    return None


def never_reached(sent: Sequence[Exchange], standings: dict[int, Standing]) -> Circumstance | None:
    """Whether everything was answered, and nothing by the contract; the remedy depends on what it was answered with."""
    answered = [one for one in sent if one.response is not None]
    if not answered or any(standings[one.number].ours for one in sent):
        return None
    places = {_place(one) for one in answered}
    many = len(answered) >= ENOUGH and len(set(map(_thing, answered))) > 1
    if not (places <= SURE or (many and len(places - {NOT_FOUND}) <= 1)):
        return None
    sentence, hint = _kind(answered)
    return Circumstance(NEVER, sentence, hint, frozenset(one.number for one in sent))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of answer that comes from something before the contract, or from elsewhere."""

    matches: Callable[[int, str], bool]
    sentence: str
    hint: str


def _says(pattern: str, *codes: int) -> Callable[[int, str], bool]:
    words = re.compile(pattern, re.IGNORECASE)
    return lambda code, text: (not codes or code in codes) and words.search(text) is not None


def _among(*codes: int) -> Callable[[int, str], bool]:
    return lambda code, _: code in codes


BASE = "check the base URL: host, path, version and stage"
CREDENTIALS = "check the credentials and the base URL, or give the gateway's with --header NAME=SECRET"
KINDS = (
    _Kind(_among(407), "a proxy on the way wants credentials", "give them with --proxy URL, or --proxy none"),
    _Kind(
        _says(r"ssl certificate|client certificate|certificate required", 400, 401, 403, 421, 495, 496),
        "the server wants a client certificate",
        "give one with --client-cert FILE and --client-key FILE",
    ),
    _Kind(
        _says(r"missing authentication token", 403),
        "the gateway knows no such path or stage; it is not the key that is missing",
        "check the stage and the path in the base URL",
    ),
    _Kind(
        lambda code, _: 300 <= code < 400, "everything is redirected", "run against the address it points to"
    ),
    _Kind(
        _says(r"<form|sign in|log ?in|password", 200, 401, 403),
        "a page to log in answers in place of the API",
        "check the base URL, or give the gateway's credentials with --header NAME=SECRET",
    ),
    _Kind(_among(404, 405, 410, 501), "nothing is found below the base URL: the API is elsewhere", BASE),
    _Kind(
        _says(r"<html|<!doctype", 200),
        "a web page answers in place of the API: the base URL is not the API's",
        BASE,
    ),
    _Kind(_among(429), "every request is throttled", "slow down with --rate, or come back later"),
    _Kind(_among(*GATEWAY), "the deployment is unavailable", "try again when it is up, or use --rate"),
    _Kind(_among(401), "everything is denied", CREDENTIALS),
    _Kind(_among(403), "everything is denied", CREDENTIALS),
)


def _at(code: int) -> int:
    """The place in the table of a kind that is told by its code alone."""
    return next(at for at, kind in enumerate(KINDS) if kind.matches(code, ""))


SURE = {_at(code) for code in (*GATEWAY, 301, 401, 407, 429)}
"""Kinds that no contract gives to what has to be answered, however few there are."""
NOT_FOUND = _at(404)
"""What a wrong path gets for some methods, whatever it gets for others."""


def _kind(answered: Sequence[Exchange]) -> tuple[str, str]:
    """Which kind of answer came, in a sentence, and the one remedy; the commonest kind speaks."""
    votes = Counter(place for one in answered for place in [_place(one)] if place is not None)
    place = votes.most_common(1)[0][0] if votes else None
    kind = KINDS[place] if place is not None else _Kind(_among(), "something else answers there", BASE)
    shown = next((one for one in answered if _place(one) == place), answered[0])
    where = shown.response.header("location") if shown.response else None
    target = f" to {where}" if where and 300 <= (shown.status or 0) < 400 else ""
    sentence = f"the contract was never reached: {kind.sentence}{target} (every answer is like {received(shown, 120)})"
    return sentence, f"{kind.hint}{f': {where}' if target else ''}"


def _place(exchange: Exchange) -> int | None:
    assert exchange.response is not None
    text = exchange.response.body[:4096].decode("latin-1")
    found = (at for at, kind in enumerate(KINDS) if kind.matches(exchange.response.status, text))
    return next(found, None)


def _spells(sent: Sequence[Exchange], standings: dict[int, Standing]) -> list[Circumstance]:
    """The times in which nothing that had to be let in was, although it had been before; the last may last."""
    spells = _closed(sent, standings)
    lasting = len(spells) <= MOST_SPELLS and len(_elsewhere(spells, sent, standings)) < CONTROLS
    return [_spell(spell, sent, standings) for spell in spells] if lasting else []


def _elsewhere(
    spells: Iterable[Sequence[Exchange]], sent: Iterable[Exchange], standings: dict[int, Standing]
) -> list[Exchange]:
    """Controls that are denied outside of `spells` too, what was answered at other times: that comes and goes."""
    inside = {one.number for spell in spells for one in spell}
    controls = [one for one in sent if standings[one.number].entitled]
    known = {_thing(one) for one in controls if standings[one.number].ours}
    denied = [one for one in controls if one.status in DENIED and not standings[one.number].ours]
    return [one for one in denied if one.number not in inside and _thing(one) in known]


def _closed(sent: Sequence[Exchange], standings: dict[int, Standing]) -> list[list[Exchange]]:
    """Runs of requests, in order, of which none was answered by the contract, with enough controls among them."""
    runs: list[list[Exchange]] = []
    current: list[Exchange] = []
    opened = False
    for one in sent:
        standing = standings[one.number]
        if standing.ours and standing.entitled:
            runs.append(current)
            current, opened = [], True
        elif opened:
            current.append(one)
    spells = [run for run in [*runs, current] if _is_spell(run, standings, sent)]
    return [_from_first_denial(run, standings, sent) for run in spells]


def _is_spell(run: Sequence[Exchange], standings: dict[int, Standing], sent: Sequence[Exchange]) -> bool:
    """Whether controls of several things, which were answered before, are all shut out, and nothing else is served."""
    controls = [one for one in run if standings[one.number].entitled]
    if len(controls) < CONTROLS or not all(one.status is None or one.status in SHUT for one in controls):
        return False
    known = {_thing(one) for one in sent if standings[one.number].entitled and standings[one.number].ours}
    shut = known.intersection(map(_thing, controls))
    return len(shut) > 1 or shut == known


def _thing(exchange: Exchange) -> tuple[str, str]:
    return exchange.request.method, exchange.request.url


def _from_first_denial(
    run: Sequence[Exchange], standings: dict[int, Standing], sent: Sequence[Exchange]
) -> list[Exchange]:
    """What was not served from the first denial on, and what was in flight together with the last that was let in."""
    first = next(one for one in run if standings[one.number].entitled)
    opened = [one for one in sent if standings[one.number].ours and standings[one.number].entitled]
    last = max(one.started for one in opened if one.started <= first.started)
    beside = [one for one in sent if one.started <= last <= one.ended and one not in run]
    return [one for one in [*beside, *run[run.index(first) :]] if not standings[one.number].ours]


def _spell(run: Sequence[Exchange], sent: Sequence[Exchange], standings: dict[int, Standing]) -> Circumstance:
    controls = [one for one in run if standings[one.number].entitled]
    shown = controls[0]
    guesses = [one for one in sent if one.started < shown.started and standings[one.number].guess]
    moment = datetime.fromtimestamp(shown.started, UTC).strftime("%H:%M:%S UTC")
    which, what, hint = _what_befell(controls, guesses)
    ending = "" if run[-1] is sent[-1] else " for a while"
    sentence = f"from {moment} on (request {shown.number}) {what}{ending}: {_words(shown)}"
    return Circumstance(which, sentence, hint, frozenset(one.number for one in run))


EXPIRED = re.compile(r"expired|invalid_token|no longer valid|revoked token", re.IGNORECASE)
BLOCKING = re.compile(r"block|\bban|\block|too many", re.IGNORECASE)


def _what_befell(controls: Sequence[Exchange], guesses: Sequence[Exchange]) -> tuple[str, str, str]:
    """The circumstance, what it did, and the remedy."""
    codes = {one.status for one in controls}
    words = " ".join(map(_words, controls[:3]))
    if codes <= {None, *GATEWAY}:
        what = "nothing was answered any more: the deployment was unavailable"
        return OUTAGE, what, "try again when it is up; a slower run (--rate) may help"
    if 429 in codes or BLOCKING.search(words) or (guesses and not EXPIRED.search(words) and 401 not in codes):
        what = f"nothing was answered as before, after {len(guesses)} requests that look like guesses: this caller is blocked"
        return (
            BLOCKED,
            what,
            "wait until the block ends, or let this address pass; --effort quick guesses less",
        )
    what = "the credential that had worked opened nothing any more: it expired or stopped being valid"
    return (
        ENDED,
        what,
        "give a fresh or longer-lived one, as with env:NAME, or shorten the run with --effort quick",
    )


def _words(exchange: Exchange) -> str:
    """What the server said of it."""
    told = exchange.response.header("www-authenticate") if exchange.response else None
    return received(exchange, 160) + (f"; WWW-Authenticate: {clip(told, 200)}" if told else "")


def covered(circumstances: Iterable[Circumstance]) -> frozenset[int]:
    """The numbers of all exchanges that decide nothing."""
    return frozenset().union(*(one.covered for one in circumstances))
