"""Finds secrets in a text, in whatever normal form of it: all of one, or twelve characters in a row."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.wire.clipping import MARK
from conformance.wire.secrets.decoding import SHARE, SLACK, Reading, TooMuch, Work, readings
from conformance.wire.secrets.normal import bare, compact, letters, unescaped

RUN = 12
"""Characters of a secret that give it away."""
SHORT = 6
"""A shorter secret counts where it stands alone, in simple codings: "k1" must not blot out "ok1"."""
TELLING, FEWEST_LETTERS = 4, 8
EDGE, EDGE_CODED, EDGE_CLAIMS, BEFORE_EDGE = 4, 6, 8, 200
"""Characters of a secret's beginning that count before a cut: as they are, in a coding, of claims, which often begin
alike; and how far back a cut is looked at."""
MOST_MARKS = 20
_GRAM, _STRIDE = 4, 5
"""Every run of eight characters holds one of four at a place that is a multiple of five."""
UNSEARCHED = "more codings than can be searched"


@dataclass(frozen=True, slots=True)
class Word:
    """A secret with its name; `whole` when a part of it tells nothing, as of a user's name with the password."""

    text: str
    name: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Which secrets a text holds, and in which coding; `codings` are those to take off, outermost first."""

    names: tuple[str, ...]
    coding: str = ""
    codings: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = " and ".join(self.names)
        return f"{name}, {self.coding}" if self.coding else name


@dataclass(slots=True)
class _Runs:
    """Runs of a secret in one normal form, to be found anywhere in a text."""

    meanings: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    grams: set[bytes] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)

    def add(self, run: bytes, name: str) -> None:
        if run not in self.meanings:
            rotated = codecs.encode(run.decode(), "rot13").encode()
            for form, how in ((run, ""), (run[::-1], "backwards"), (rotated, "in ROT13")):
                if form not in self.meanings:
                    self.meanings[form] = (name, how)
                    self.sizes.add(len(form))
                    self.grams.update(form[at : at + _GRAM] for at in range(len(form) - _GRAM + 1))

    def find(self, text: bytes) -> set[bytes]:
        if not self.grams:
            return set()
        grams = self.grams
        places = [at for at in range(0, len(text) - _GRAM + 1, _STRIDE) if text[at : at + _GRAM] in grams]
        return {
            run
            for at in places
            for size in self.sizes
            for start in range(max(at + _GRAM - size, 0), at + 1)
            if (run := text[start : start + size]) in self.meanings
        }


class Finder:
    """Looks for words, and for runs of the longer ones."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._runs, self._compact_runs = _Runs(), _Runs()
        self._whole: dict[bytes, str] = {}
        self._compact_whole: dict[bytes, str] = {}
        self._short: dict[bytes, str] = {}
        self._edges: dict[bytes, str] = {}
        self.searched = 0
        given = tuple(words)
        self._public = b" ".join(letters(bare(one)) for word in given for one in _public(word.text))
        tokens = {part for word in given if _public(word.text) for part in word.text.split(".")[1:] if part}
        for part in (part for word in given for part in _parts(word, tokens)):
            for text in dict.fromkeys((bare(part.text), unescaped(bare(part.text)))):
                self._know(text, part)

    def _know(self, text: str, word: Word) -> None:
        """Prepare for one normal form of `word`."""
        packed, plain = compact(text), letters(text)
        if len(packed) < SHORT:
            self._know_short(word)
        elif word.whole or not self._know_runs(packed, word.name):
            self._know_whole(packed, plain, word.name)
        if not word.whole:
            self._know_edges(packed, plain, word.name)

    def _know_whole(self, packed: bytes, plain: bytes, name: str) -> None:
        if len(plain) < SHORT:
            self._compact_whole.setdefault(packed, name)
        elif plain not in self._public:
            self._whole.setdefault(plain, name)

    def _know_short(self, word: Word) -> None:
        raw = word.text.encode()
        for text in (raw, base64.b64encode(raw), base64.b64encode(raw).rstrip(b"="), raw.hex().encode()):
            if text:
                self._short.setdefault(compact(bare(text)), word.name)

    def _know_runs(self, packed: bytes, name: str) -> bool:
        """Prepare for runs of a word; whether it has any that tell something."""
        telling = False
        for start in range(len(packed) - RUN + 1):
            run = packed[start : start + RUN]
            plain = letters(run.decode())
            if len(set(run)) < TELLING or (plain and plain in self._public):
                continue
            telling = True
            if len(plain) >= FEWEST_LETTERS:
                self._runs.add(plain, name)
            else:
                self._compact_runs.add(run, name)
        return telling

    def _know_edges(self, packed: bytes, plain: bytes, name: str) -> None:
        for text in (packed, plain):
            least = EDGE if len(text) >= 2 * EDGE else max(3, (len(text) + 1) // 2)
            least = least if not name.endswith("'s claims") else EDGE_CLAIMS
            for size in range(least, min(len(text), RUN)):
                if text[:size] not in self._public:
                    self._edges.setdefault(text[:size], name)

    def holds(self, text: str | bytes, *, cut: bool = False) -> Found | None:
        """What `text` holds of the words; with `cut`, its end may be in the middle of one."""
        work = Work(SHARE * len(text) + SLACK)
        try:
            found = next(filter(None, (self._seen(one, cut=cut) for one in readings(text, work))), None)
        except TooMuch:
            found = Found((UNSEARCHED,))
        self.searched += work.spent
        return found

    def extent(self, text: str, codings: tuple[str, ...]) -> int:
        """How much of the words `text` holds in these codings: the runs that can be read at once."""
        work = Work(SHARE * len(text) + SLACK)
        try:
            return max(len(self._runs_in(one)) for one in readings(text, work, codings))
        except TooMuch:
            return 0

    def cut_words(self, text: str) -> Iterator[tuple[int, Found]]:
        """Where a text was clipped in the middle of a word, the last place first, as its marks tell."""
        at = len(text)
        for _ in range(MOST_MARKS):
            at = text.rfind(MARK, 0, at)
            if at < 0:
                return
            found = self.holds(text[max(at - BEFORE_EDGE, 0) : at], cut=True)
            if found:
                yield at, found

    def _seen(self, reading: Reading, *, cut: bool) -> Found | None:
        packed, plain = compact(reading.text), letters(reading.text)
        runs = self._runs_in(reading)
        meanings = [self._runs.meanings.get(one) or self._compact_runs.meanings[one] for one in runs]
        names = {name for name, _ in meanings}
        names |= {name for word, name in self._whole.items() if word in plain}
        names |= {name for word, name in self._compact_whole.items() if word in packed}
        if len(reading.codings) <= 1 and self._short:
            text = " ".join(reading.text.lower().split()).encode()
            names |= {name for word, name in self._short.items() if _stands_alone(word, text)}
        if cut and not names:
            names |= self._cut(reading)
        if not names:
            return None
        how = next((how for _, how in meanings if how), "") if all(how for _, how in meanings) else ""
        codings = tuple(one for one in reading.codings if one != "escapes")
        return Found(_together(names), _named(reading.codings, how), codings)

    def _runs_in(self, reading: Reading) -> set[bytes]:
        return self._runs.find(letters(reading.text)) | self._compact_runs.find(compact(reading.text))

    def _cut(self, reading: Reading) -> set[str]:
        """Names of words of which only the beginning is left, at the end of the text or of a decoded stretch."""
        least = EDGE_CODED if set(reading.codings) - {"escapes"} else 0
        ends = reading.text.split("\n") if least else [reading.text]
        # The last digit of a coding may be cut off a character, and leave another one.
        ends += [end[:-1] for end in ends] if least else []
        texts = [form(end[-BEFORE_EDGE:]) for end in ends for form in (compact, letters)]
        return {
            self._edges[text[-size:]]
            for text in texts
            for size in range(max(3, least), RUN)
            if text[-size:] in self._edges
        }


def _named(codings: tuple[str, ...], how: str) -> str:
    real = [f"in {one}" if one[:2] != "a " else f"as {one}" for one in codings if one != "escapes"]
    return " ".join(([how] if how else []) + real[::-1]) or ("escaped" if codings else "")


def _together(names: set[str]) -> tuple[str, ...]:
    """Names in order: claims and signature together are the token, and each tells more than that it is of one."""
    owners = {one.rpartition("'s ")[0] for one in names}
    whole = {one for one in owners if {f"{one}'s claims", f"{one}'s signature"} <= names}
    parts = {one for one in names if one not in owners and one.rpartition("'s ")[0] not in whole}
    return tuple(sorted(parts | whole))


def _stands_alone(word: bytes, text: bytes) -> bool:
    at = text.find(word)
    while at >= 0:
        if not (text[max(at - 1, 0) : at].isalnum() or text[at + len(word) : at + len(word) + 1].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def _public(text: str) -> list[str]:
    """The header of a JSON Web Token, which is the same for all of an issuer's tokens; none for other texts."""
    head, dot, _ = text.removeprefix("Bearer ").partition(".")
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))) if dot else None
    except (ValueError, binascii.Error, RecursionError):
        return []
    return [head] if isinstance(header, dict) else []


def _parts(word: Word, tokens: set[str]) -> Iterator[Word]:
    """What of a word is secret: of a JSON Web Token, and what shares parts with one, the claims and the signature."""
    if word.whole or not (_public(word.text) or tokens & set(word.text.split(".")[1:])):
        yield word
        return
    for number, text in enumerate(word.text.split(".")[1:]):
        if text:
            yield Word(text, f"{word.name}'s {('claims', 'signature', 'rest')[min(number, 2)]}")
