"""Request ids: those that the operator named, those that nobody has, and those that cannot be one."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from conformance import nearmiss
from conformance.errors import UsageProblem

STATES = {"received": "RECEIVED", "issued": "ISSUED", "rejected": "REJECTED"}
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
VERSION, VARIANT = 14, 19
PCHAR = "-._~!$&'()*+,;=:@"
LONG_ENOUGH = 16
A_WORD = 6
STUFFING = "xqzjvkwx"
"""Letters that turn a known id into one that nobody has, where ids are counted up or chosen."""
WRAPPED = 2**32
LONGEST = 1000
NO_FORM = "neither a URI nor a UUID"
UNUSED = 3
"""How many of the last characters of an id may hold unused bits."""
FEW = 5
TELLING = (
    *("last character changed", "group 1 changed", "cut short", "extended", "all digits", "group 3 changed"),
    *("preceded", "group 2 changed", "group 4 changed", "group 5 changed", "first character changed"),
    *("middle character changed", "first half", "other case"),
)
"""The near misses of an id that tell most, in this order."""
SAME_FORM, MUCH_THE_SAME, OTHER_FORM = "same form", "much the same form", "another form"
NEAR_MISS, OTHER_CASE = "near miss", "other case"
PLAIN = (SAME_FORM, MUCH_THE_SAME, OTHER_FORM)


@dataclass(frozen=True, slots=True)
class Named:
    """A request that the operator named; `state` is the word it has to report, or empty.

    `path` is where a Location header put it, as it was given; empty when only the id is known.
    """

    id: str
    state: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An id that nobody has: `kind` tells how close it comes to the known `like`, `case` how it was made."""

    id: str
    kind: str
    like: str
    case: str


@dataclass(frozen=True, slots=True)
class Odd:
    """An id that cannot be one; `case` says what is odd about it."""

    id: str | bytes
    case: str


def named(texts: Iterable[str], base_url: str = "") -> tuple[Named, ...]:
    """The requests behind `[STATE=]ID`, each once; raises UsageProblem for an empty id and for two states."""
    found: dict[str, Named] = {}
    for text in texts:
        one = _named(text, base_url)
        before = found.setdefault(one.id, one)
        if before.state and one.state and before.state != one.state:
            raise UsageProblem(f"--request names {one.id} as {before.state} and as {one.state}")
        found[one.id] = replace(before, state=before.state or one.state)
    return tuple(found.values())


def _named(text: str, base_url: str) -> Named:
    prefix, equals, rest = text.partition("=")
    state = STATES.get(prefix.strip().lower(), "") if equals else ""
    request_id, path = _located(rest if state else text, base_url)
    if not request_id:
        raise UsageProblem("--request names no id", hint="give it as --request ID or --request issued=ID")
    return Named(request_id, state, path)


def _located(text: str, base_url: str) -> tuple[str, str]:
    """The id and the path in `text`, which may be a whole Location header: then the id is percent-encoded."""
    for base in (base_url, urlsplit(base_url).path):
        start = f"{base}/requests/"
        if base_url and text.startswith(start):
            rest = text.removeprefix(start)
            return unquote(rest), f"/requests/{rest}"
    return text, ""


def path(request_id: str | bytes, like: str = "") -> str:
    """The path of a request below the base URL: all that a path segment cannot hold is percent-encoded.

    Slashes are left as they are where they are so in `like`, the path in a Location header.
    """
    safe = PCHAR + "/" * ("/" in like.removeprefix("/requests/"))
    if isinstance(request_id, bytes):
        return "/requests/" + quote(request_id, safe=PCHAR)
    if request_id in (".", ".."):
        return "/requests/" + request_id.replace(".", "%2E")
    return "/requests/" + quote(request_id, safe=safe, errors="surrogateescape")


def form(request_id: str) -> str:
    """What an id is: a bare UUID, a URN, a URI, or something else."""
    if UUID.fullmatch(request_id):
        return "a bare UUID"
    if re.match(r"urn:[A-Za-z0-9-]+:.", request_id, re.IGNORECASE):
        return "a URN"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", request_id):
        return "a URI"
    return NO_FORM


def is_odd(request_id: str) -> bool:
    """Whether an id can hardly be one: very long, climbing paths, with spaces or control characters."""
    climbs = ".." in request_id.replace("\\", "/").split("/")
    return (
        climbs
        or len(request_id) > LONGEST
        or not request_id.isprintable()
        or request_id.strip() != request_id
    )


def same_resource(left: str, right: str) -> bool:
    """Whether two ids may well be two spellings of one request: a UUID and its URN, or letter case."""
    return _bare(left) == _bare(right)


def _bare(request_id: str) -> str:
    uuids = UUID.findall(request_id)
    return (uuids[-1] if uuids else request_id).lower()


def fresh_uuid(nonce: str, label: str) -> str:
    """A random-looking UUID of version 4 that derives from the run's nonce."""
    return _other_uuid("00000000-0000-4000-8000-000000000000", random.Random(f"{nonce}:{label}"))


def _other_uuid(uuid: str, source: random.Random) -> str:
    """Another UUID of the same version, variant and letter case."""
    kept = (VERSION, VARIANT)
    digits = (c if c == "-" or i in kept else source.choice("0123456789abcdef") for i, c in enumerate(uuid))
    made = "".join(digits)
    return made.upper() if uuid != uuid.lower() else made


def unknown_ids(known: Sequence[Named], nonce: str) -> list[Unknown]:
    """Ids that nobody has, for each known one; then the near misses of those that look random."""
    ids = [one.id for one in known]
    found = [unlike for one in ids for unlike in _unlike(one, random.Random(f"{nonce}:unknown:{one}"))]
    return _fresh(found + near_misses(ids), ids)


def near_misses(ids: Sequence[str]) -> list[Unknown]:
    """Ids that come close to one that looks random: several to the first, one to each of the others.

    What comes close to an id that was counted up or chosen may be somebody's: that one is stuffed with letters.
    """
    drawn = [one for one in ids if looks_random(one, ids)]
    chosen = [one for one in ids if one not in drawn]
    close = (_near(drawn[0]) if drawn else []) + (_stuffed(chosen[0]) if chosen else [])
    number = [] if chosen else [_miss(drawn[0], "1", "a small number")]
    others = [_near(one)[0] for one in drawn[1:]]
    return _fresh(close[:2] + others[:2] + close[2:FEW] + number + close[FEW:] + others[2:], ids)


def unlike(request_id: str, nonce: str, label: str) -> Unknown:
    """An id that nobody has, of the form of `request_id`; another one for each `label`."""
    return _unlike(request_id, random.Random(f"{nonce}:{label}:{request_id}"))[0]


def _fresh(found: Iterable[Unknown], ids: Sequence[str]) -> list[Unknown]:
    return list({one.id: one for one in found if one.id not in ids}.values())


def _unlike(request_id: str, source: random.Random) -> list[Unknown]:
    uuids = list(UUID.finditer(request_id))
    if uuids:
        last = uuids[-1]
        made = request_id[: last.start()] + _other_uuid(last[0], source) + request_id[last.end() :]
        return [Unknown(made, SAME_FORM, request_id, "a fresh id of the same form")]
    shaped = _reshaped(request_id, source)
    plain = _other_uuid("00000000-0000-4000-8000-000000000000", source)
    return [
        Unknown(shaped, MUCH_THE_SAME, request_id, "a fresh id of much the same form"),
        Unknown(plain, OTHER_FORM, request_id, "a fresh UUID"),
    ]


def _reshaped(request_id: str, source: random.Random) -> str:
    """An id with the same look: its last sixteen characters drawn anew, or its last word, or the number in it."""
    places = _alphanumeric(request_id)
    if len(places) >= LONG_ENOUGH:
        return _drawn(request_id, places[-LONG_ENOUGH:], source)
    words = list(re.finditer(r"[0-9A-Za-z]+", request_id))
    if words and len(words[-1][0]) >= A_WORD and not words[-1][0].isdigit():
        return _drawn(request_id, range(*words[-1].span()), source)
    numbers = list(re.finditer(r"[0-9]+", request_id))
    if not numbers:
        return request_id + "".join(source.choice("bcdfghjkmnpqrstvwxz") for _ in range(12))
    last = numbers[-1]
    digits = "1" + "".join(source.choice("0123456789") for _ in range(max(len(last[0]), 9) - 1))
    return request_id[: last.start()] + digits + request_id[last.end() :]


def _alphanumeric(request_id: str) -> list[int]:
    return [place for place, c in enumerate(request_id) if c.isascii() and c.isalnum()]


def _drawn(request_id: str, places: Sequence[int], source: random.Random) -> str:
    letters = list(request_id)
    for place in places:
        alphabet = _alphabet(letters[place], all(letters[p] in "0123456789abcdefABCDEF" for p in places))
        letters[place] = source.choice(alphabet)
    return "".join(letters)


def _alphabet(letter: str, hexadecimal: bool) -> str:
    if letter.isdigit():
        return "0123456789"
    alphabet = "abcdef" if hexadecimal else "abcdefghijklmnopqrstuvwxyz"
    return alphabet.upper() if letter.isupper() else alphabet


def looks_random(request_id: str, others: Iterable[str] = ()) -> bool:
    """Whether a neighbour of this id is surely nobody's: long, letters and digits, not counted up."""
    tail = [request_id[place].lower() for place in _alphanumeric(request_id)]
    if len(tail) < LONG_ENOUGH or len(set(tail[-12:])) < 6 or "000" in "".join(tail[-12:]):
        return False
    mixed = any(c.isdigit() for c in tail[-12:]) and any(c.isalpha() for c in tail[-12:])
    counted_up = any(other != request_id and other[:-4] == request_id[:-4] for other in others)
    return mixed and not counted_up


def _near(request_id: str) -> list[Unknown]:
    """What the operators make of an id, the most telling first; a UUID keeps its version, and has no letter case."""
    uuids = list(UUID.finditer(request_id))
    start, end = uuids[-1].span() if uuids else (0, len(request_id))
    part = request_id[start:end]
    fixed = (VERSION, VARIANT) if uuids else range(len(part) - UNUSED, len(part))
    found = {one.name: one for one in nearmiss.near_misses(part, fixed=fixed)}
    names = [name for name in (*TELLING, *found) if name in found and not (uuids and "case" in name)]
    return [
        Unknown(
            request_id[:start] + found[name].value + request_id[end:],
            OTHER_CASE if "case" in name else NEAR_MISS,
            request_id,
            f"a known id {found[name].what}",
        )
        for name in dict.fromkeys(names)
    ]


def _stuffed(request_id: str) -> list[Unknown]:
    """With letters behind and in front, and what a 32-bit number takes for the known one."""
    made = {
        "a known id with letters behind it": request_id + STUFFING,
        "a known id with letters in front of it": STUFFING + request_id,
    }
    if re.fullmatch(r"[1-9][0-9]{0,8}", request_id):
        made["a known number that has gone once around 32 bits"] = str(int(request_id) + WRAPPED)
    return [_miss(request_id, one, case) for case, one in made.items()]


def _miss(request_id: str, made: str, case: str) -> Unknown:
    return Unknown(made, NEAR_MISS, request_id, case)


def odd_ids(known: str, few: bool = False) -> list[Odd]:
    """Ids that are malformed, very long or climb paths, or a few of them; `known` is a known id."""
    found = [
        Odd("../../../../etc/passwd", "an id that climbs paths"),
        Odd("a" * 5000, "an id of 5,000 characters"),
        Odd('o\'clock "quoted" <id>', "an id with quotes and angle brackets"),
        Odd("' OR '1'='1", "an id that is a condition of SQL"),
        Odd(f"{known}\0", "a known id with a NUL character behind it"),
        Odd("a\r\nX-Conformance: b", "an id that breaks lines"),
        Odd("a;b?c#d\\e{f}|g^h`i&j=k", "an id of characters that mean something elsewhere"),
        Odd("a" * 300, "an id of 300 characters"),
        Odd(f"../requests/{known}", "an id that climbs paths and comes back to a known request"),
        Odd("   ", "an id of nothing but spaces"),
        Odd("%", "an id of nothing but a percent sign"),
        Odd("žádost-申请-😀", "an id with characters outside ASCII"),
        Odd(b"\xff\xfe\xfd", "an id that is not UTF-8"),
    ]
    return found[:3] if few else found
