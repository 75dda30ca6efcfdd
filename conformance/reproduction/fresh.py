"""Fresh ids in the place of those that a history used: what resembled each other resembles each other again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from conformance.nearmiss import Cut, Piece
from conformance.wire.exchange import Exchange

ALIKE = 0.8
"""How much two ids have in common when one is made of the other."""
PREFIX = "0x"


@dataclass(frozen=True, slots=True)
class Fresh:
    """An id to be made anew, called `variable`: of random digits like those of `value`, or of pieces of another one."""

    variable: str
    value: str
    source: Fresh | None = None
    pieces: tuple[Piece, ...] = ()

    @property
    def expression(self) -> str:
        """The shell expression that makes one, for use within double quotes."""
        if self.source is None:
            prefix, digits = _parted(self.value)
            return prefix + _random(digits)
        made = self.source
        return "".join(
            piece if isinstance(piece, str) else piece.expression(made.variable, len(made.value))
            for piece in self.pieces
        )

    def make(self, seed: str) -> str:
        """One, derived from `seed`."""
        if self.source is not None:
            base = self.source.make(seed)
            return "".join(piece if isinstance(piece, str) else piece.of(base) for piece in self.pieces)
        prefix, digits = _parted(self.value)
        drawn = hashlib.sha512(f"{seed}:{self.variable}".encode()).hexdigest()
        drawn = str(int(drawn, 16)) if digits.isdigit() else drawn
        made = drawn[: len(digits)].ljust(len(digits), "7")
        return prefix + (made.upper() if digits == digits.upper() else made)


def _parted(value: str) -> tuple[str, str]:
    start = len(PREFIX) if value[:2].lower() == PREFIX else 0
    return value[:start], value[start:]


def _random(digits: str) -> str:
    """A shell expression for as many random digits of the same kind."""
    length = len(digits)
    if digits.isdigit():
        return f"$(od -An -N{2 * length} -tu1 /dev/urandom | tr -dc 0-9 | cut -c1-{length})"
    cut = f" | cut -c1-{length}" if length % 2 else ""
    upper = " | tr a-f A-F" if digits == digits.upper() else ""
    return f"$(openssl rand -hex {(length + 1) // 2}{cut}{upper})"


def fresh(ids: Iterable[str]) -> list[Fresh]:
    """For each id, in order, how to make one like it."""
    found: list[Fresh] = []
    for value in dict.fromkeys(ids):
        made = next((pair for one in found if one.source is None and (pair := _pieces(one, value))), None)
        found.append(Fresh(f"H{len(found) + 1}", value, *(made or ())))
    return found


def _pieces(one: Fresh, value: str) -> tuple[Fresh, tuple[Piece, ...]] | None:
    """How `value` is made of an earlier id: in another letter case, or but for a few characters."""
    length = len(one.value)
    cases = {"swapped": one.value.swapcase(), "upper": one.value.upper(), "lower": one.value.lower()}
    for case, text in cases.items():
        if value == text:
            return one, (Cut(0, length, case),)
    matcher = SequenceMatcher(None, one.value, value, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    return one, tuple(
        Cut(start, end) if tag == "equal" else value[there:upto]
        for tag, start, end, there, upto in matcher.get_opcodes()
    )


def renamed(exchange: Exchange, names: Mapping[str, str], base_url: str, base: str) -> Exchange:
    """The exchange with its request, and what was meant by it, about other ids and below another base URL."""
    request = exchange.request
    url = base + request.url.removeprefix(base_url) if request.url.startswith(base_url) else request.url
    body = _replaced(request.body.decode("latin-1"), names).encode("latin-1")
    intent = {key: _replaced(value, names) for key, value in exchange.intent.items()}
    return replace(exchange, request=replace(request, url=_replaced(url, names), body=body), intent=intent)


def _replaced(text: str, names: Mapping[str, str]) -> str:
    for old in sorted(names, key=len, reverse=True):
        text = text.replace(old, names[old])
    return text


def ids_of(history: Sequence[Exchange], kept: Iterable[str]) -> list[str]:
    """The ids that the run made for itself in `history`: the hashes, but for those that the operator named."""
    known = set(kept)
    found = (one.intent.get("hash", "") for one in history)
    return [one for one in dict.fromkeys(found) if one and one not in known]
