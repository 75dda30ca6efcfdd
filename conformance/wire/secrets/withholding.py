"""Withholds the smallest string, array or line of a text that holds a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.wire.secrets.finder import Finder, Found

DEEPEST = 24
MOST_BLOCKS = 8
SHARE, SLACK = 60, 1 << 18
"""How many bytes are searched for the smallest parts: as many times the text, and as many besides."""
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[\[\]{}]|[^\s\[\]{}",:]++', re.DOTALL)
_QUOTED = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+(?:"|\Z)')
_LINE = re.compile(r"[^\n]++")

Span = tuple[int, int]


def marker(found: Found) -> str:
    """What stands in the place of something that holds a secret."""
    return f"[withheld: holds {found}]"


def is_json(text: str) -> bool:
    """Whether `text` looks like JSON, whole or cut off."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"')


def withheld(text: str, found: Found, finder: Finder) -> str:
    """`text`, which holds what was found, without its smallest parts that do."""
    return _Search(finder, SHARE * len(text) + SLACK).withheld(text, found)


@dataclass(slots=True)
class _Search:
    """One text's search; where it would take too long, larger parts are withheld."""

    finder: Finder
    volume: int

    def withheld(self, text: str, found: Found) -> str:
        if is_json(text):
            return self._in(text, found, _values(text), 0) or _quoted(found)
        return self._in_lines(text) or marker(found)

    def _holds(self, text: str) -> Found | None:
        if self.volume < len(text):
            return Found(("something that takes too long to be found",))
        self.volume -= len(text)
        return self.finder.holds(text)

    def _in(self, text: str, found: Found, spans: list[Span], depth: int) -> str | None:
        """A JSON text without the values among `spans` that hold a secret; None where that is not enough."""
        hits = self._hits(text, spans, 0, len(spans))
        if not hits or depth > DEEPEST:
            return None
        hits = self._with_neighbours(text, spans, hits)
        parts = [self._value(text[slice(*spans[at])], found, depth) for at, found in sorted(hits.items())]
        places = [spans[at] for at in sorted(hits)]
        if self._holds(_replaced(text, places, ["" for _ in places])):
            return None
        return _replaced(text, places, parts)

    def _value(self, text: str, found: Found, depth: int) -> str:
        if text[0] in "[{":
            return self._in(text, found, _values(text, 1), depth + 1) or _quoted(found)
        return _quoted(found)

    def _hits(self, text: str, spans: list[Span], first: int, last: int) -> dict[int, Found]:
        """Which of `spans` hold a secret by themselves, by number: halves that hold none are not looked into."""
        found = self._holds(_lines(text, spans[first:last])) if spans else None
        if found is None or last - first == 1:
            return {first: found} if found else {}
        middle = (first + last) // 2
        return self._hits(text, spans, first, middle) | self._hits(text, spans, middle, last)

    def _with_neighbours(self, text: str, spans: list[Span], hits: dict[int, Found]) -> dict[int, Found]:
        """`hits` and what stands beside them, as long as it continues the secret."""
        known = dict(hits)
        for at, found in hits.items():
            for step in (-1, 1):
                last, extent = at, self._extent(text[slice(*spans[at])], found)
                while 0 <= last + step < len(spans) and last + step not in known:
                    first, end = sorted((at, last + step))
                    more = self._extent(_lines(text, spans[first : end + 1]), found)
                    if more <= extent:
                        break
                    last, extent = last + step, more
                    known[last] = found
        return known

    def _extent(self, text: str, found: Found) -> int:
        """How much of what was found a text holds: read as it is, or in the same codings or a hex dump's."""
        self.volume -= len(text)
        ways = {found.codings, ("a hex dump", *found.codings[1:]) if found.codings else ("a hex dump",)}
        return max(self.finder.extent(text, one) for one in ways) if self.volume > 0 else 0

    def _in_lines(self, text: str) -> str | None:
        """A text without the lines that hold a secret; None where that is not enough."""
        spans = [match.span() for match in _LINE.finditer(text)]
        hits = self._with_neighbours(text, spans, self._hits(text, spans, 0, len(spans)))
        parts = [self._line(text[slice(*spans[at])], found) for at, found in sorted(hits.items())]
        places = [spans[at] for at in sorted(hits)]
        for _ in range(MOST_BLOCKS):
            if not self._holds(_replaced(text, places, ["" for _ in places])):
                return _replaced(text, places, parts)
            block = self._block(text, [one for one in spans if one not in places])
            if block is None:
                return None
            places, parts = _with(places, parts, *block)
        return None

    def _block(self, text: str, spans: list[Span]) -> tuple[list[Span], Found] | None:
        """The shortest row of lines that holds a secret together, though none does alone."""
        ends = _first(len(spans), lambda size: bool(self._holds(_lines(text, spans[:size]))))
        if ends is None:
            return None
        most = _first(ends, lambda size: bool(self._holds(_lines(text, spans[ends - size : ends]))))
        if most is None:
            return None
        found = self._holds(_lines(text, spans[ends - most : ends]))
        return (spans[ends - most : ends], found) if found else None

    def _line(self, line: str, found: Found) -> str:
        """A line without its quoted strings that hold a secret, or nothing of it."""
        spans = [match.span() for match in _QUOTED.finditer(line)]
        hits = self._hits(line, spans, 0, len(spans))
        places = [spans[at] for at in hits]
        if not hits or self._holds(_replaced(line, places, ["" for _ in places])):
            return marker(found)
        return _replaced(line, places, [_quoted(one) for one in hits.values()])


def _quoted(found: Found) -> str:
    return f'"{marker(found)}"'


def _lines(text: str, spans: list[Span]) -> str:
    return "\n".join(text[start:end] for start, end in spans)


def _first(size: int, holds: Callable[[int], bool]) -> int | None:
    """The smallest number up to `size` for which `holds` is true, as it is for all above; None if for none."""
    if not holds(size):
        return None
    low, high = 1, size
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _with(
    places: list[Span], parts: list[str], block: list[Span], found: Found
) -> tuple[list[Span], list[str]]:
    """The places with those of a block among them; its first line says what was withheld."""
    texts = [marker(found), *("" for _ in block[1:])]
    both = sorted([*zip(places, parts, strict=True), *zip(block, texts, strict=True)])
    return [place for place, _ in both], [part for _, part in both]


def _replaced(text: str, places: list[Span], parts: list[str]) -> str:
    """`text` with each place, in order, replaced by its part."""
    pieces, at = [], 0
    for (start, end), part in zip(places, parts, strict=True):
        pieces += [text[at:start], part]
        at = end
    return "".join([*pieces, text[at:]])


def _values(text: str, inside: int = 0) -> list[Span]:
    """The values, names and containers directly in a JSON text, or in the container whose opening it begins with."""
    return list(_direct(text, inside))


def _direct(text: str, inside: int) -> Iterator[Span]:
    depth, begun = 0, 0
    end = len(text) - 1 if inside and text[-1:] in "]}" else len(text)
    for match in _TOKEN.finditer(text, inside, end):
        token = match[0]
        if token in "[{":
            begun = begun if depth else match.start()
            depth += 1
        elif token in "]}":
            depth -= 1
            if not depth:
                yield begun, match.end()
            depth = max(depth, 0)
        elif not depth:
            yield match.span()
    if depth:
        yield begun, end
