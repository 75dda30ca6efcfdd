"""Finds texts in another text, however they are spelled there: escaped, percent-encoded, in base64, cut off."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

URL_SAFE = str.maketrans("+/", "-_")
FOLD = str.maketrans(ascii_uppercase, ascii_lowercase)
ESCAPED = re.compile(
    r"%(?:25)*(?P<percent>[0-9a-fA-F]{2})|\\+(?:u00|x)(?P<hex>[0-9a-fA-F]{2})"
    r"|(?P<entity>&(?:\#[0-9]{2,3}|\#[xX][0-9a-fA-F]{2}|amp|lt|gt|quot|apos);)|\\(?P<plain>[^A-Za-z0-9\s])"
)
SHORT = 6
SHORTEST_CODED = 10
LAYERS = 3


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text: from `start` to before `end`; `word` is what stands there, empty for a piece of it."""

    start: int
    end: int
    word: str = field(default="", compare=False)


def fold(text: str) -> str:
    """`text` in lower case, with the length unchanged."""
    return text.translate(FOLD)


def plain(text: str) -> tuple[str, list[int]]:
    """`text` without escapes, and where each of its characters begins in `text`; the last number is the length."""
    parts, places, at = [], [], 0
    for match in ESCAPED.finditer(text):
        parts += [text[at : match.start()], _meaning(match)]
        places += [*range(at, match.start()), *([match.start()] * len(parts[-1]))]
        at = match.end()
    return "".join([*parts, text[at:]]), [*places, *range(at, len(text) + 1)]


def _meaning(match: re.Match[str]) -> str:
    code = match["percent"] or match["hex"]
    if code:
        return chr(int(code, 16))
    return html.unescape(match["entity"]) if match["entity"] else match["plain"]


def spellings(word: str) -> Iterator[str]:
    """The ways of writing `word` down that are not escapes: as it is, in hexadecimal, in base64 at any offset."""
    raw = word.encode("utf-8", "surrogatepass")
    yield from (word, plain(word)[0], word.replace(" ", "+"), raw.decode("latin-1"))
    coded = [base64.b64encode(raw).decode().rstrip("="), raw.hex(), *_inside_base64(raw)]
    for text in coded:
        if text is coded[0] or len(text) >= SHORTEST_CODED:
            yield from (text, text.translate(URL_SAFE))


def _inside_base64(raw: bytes) -> Iterator[str]:
    """What base64 makes of `raw` within something longer: the characters that depend on nothing else."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        yield text[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


class Finder:
    """Looks for words, and for pieces of the longer ones."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[str, str] = {}
        self._pieces: dict[int, set[str]] = {}
        self._probes: dict[int, set[str]] = {}
        self._stumps: set[str] = set()
        for word in words:
            for spelling in filter(None, spellings(word)):
                self._words.setdefault(fold(spelling), word)
            self._cut(fold(word))

    def _cut(self, word: str) -> None:
        """Prepare for pieces of `word`: at least 12 characters of it, or half of a shorter word."""
        size = min(12, max(8, (len(word) + 1) // 2))
        if len(word) > size:
            self._pieces.setdefault(size, set()).update(_windows(word, size))
            self._probes.setdefault(size, set()).update(_windows(word, size // 2))
        self._stumps.update(word[:end] for end in range(max((len(word) + 1) // 2, 3), min(len(word), size)))

    def find(self, text: str, *, pieces: bool = False) -> list[Span]:
        """Where the words are in `text`, in order and apart; with `pieces`, where parts of them are, too."""
        spans = self._search(fold(text), pieces)
        bare, places = text, list(range(len(text) + 1)) if ESCAPED.search(text) else []
        for _ in range(LAYERS):
            if not ESCAPED.search(bare):
                break
            bare, inner = plain(bare)
            places = [places[at] for at in inner]
            found = self._search(fold(bare), pieces)
            spans += [Span(places[one.start], places[one.end], one.word) for one in found]
        return list(_apart(spans))

    def _search(self, text: str, pieces: bool) -> list[Span]:
        present = [spelling for spelling in self._words if spelling in text]
        spans = [span for spelling in present for span in _occurrences(text, spelling, self._words[spelling])]
        if pieces:
            spans += [span for size in self._pieces for span in self._torn(text, size)]
            spans += self._ends(text)
        return spans

    def _torn(self, text: str, size: int) -> list[Span]:
        """Where pieces of `size` characters are; a look at every few characters tells whether there is any."""
        step, probes, known = size // 2, self._probes[size], self._pieces[size]
        if not any(text[at : at + step] in probes for at in range(0, len(text) - step + 1, step)):
            return []
        spans: list[Span] = []
        for at in range(len(text) - size + 1):
            if text[at : at + size] in known:
                begun = spans.pop().start if spans and at <= spans[-1].end else at
                spans.append(Span(begun, at + size))
        return spans

    def _ends(self, text: str) -> list[Span]:
        """Where a word begins that is then cut off: by the end of the text, or by an ellipsis."""
        stops = [match.start() for match in re.finditer("…", text)] + [len(text)]
        longest = max(map(len, self._stumps), default=0)
        return [
            Span(start, stop)
            for stop in stops
            for start in range(max(stop - longest, 0), stop)
            if text[start:stop] in self._stumps and not text[start - 1 : start].isalnum()
        ]


def _windows(word: str, size: int) -> set[str]:
    return {word[at : at + size] for at in range(len(word) - size + 1)}


def _occurrences(text: str, spelling: str, word: str) -> Iterator[Span]:
    """Where `spelling` is; a short one counts only where it stands alone: "test" must not blot out "latest"."""
    at = text.find(spelling)
    while at >= 0:
        end = at + len(spelling)
        alone = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        if alone or len(spelling) >= SHORT:
            yield Span(at, end, word)
        at = text.find(spelling, at + 1)


def _apart(spans: list[Span]) -> Iterator[Span]:
    """Spans in order; of those that overlap the one that holds the others, or the whole stretch as a piece."""
    current: Span | None = None
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if current is None or span.start >= current.end:
            if current:
                yield current
            current = span
        elif span.end > current.end:
            current = Span(current.start, span.end)
    if current:
        yield current
