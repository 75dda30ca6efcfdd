"""Near misses: what resembles a key, a token or an id, made by a few operators, each with the shell expression that makes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

ALPHABETS = ("0123456789", "abcdef", "ABCDEF", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ")
CASES = {"swapped": "A-Za-z a-zA-Z", "lower": "A-Z a-z", "upper": "a-z A-Z"}
"""Ways to change letter case, with the arguments of `tr` that do so."""
LONG_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """The characters of a text from `start` to `end`, in another letter `case` or `reversed` if so said."""

    start: int
    end: int
    case: str = ""
    reversed: bool = False

    def of(self, text: str) -> str:
        """The characters themselves."""
        part = text[self.start : self.end]
        part = {"swapped": part.swapcase, "lower": part.lower, "upper": part.upper}.get(
            self.case, lambda: part
        )()
        return part[::-1] if self.reversed else part

    def expression(self, variable: str, length: int) -> str:
        """The shell expression for them, for use within double quotes."""
        if (self.start, self.end, self.case, self.reversed) == (0, length, "", False):
            return f"${{{variable}}}"
        script = [f'printf %s "${variable}"']
        if (self.start, self.end) != (0, length):
            script.append(f"cut -c{self.start + 1}-{self.end}")
        if self.case:
            script.append(f"tr {CASES[self.case]}")
        return f"$({' | '.join([*script, 'rev'] if self.reversed else script)})"


Piece = str | Cut


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A text that is nearly another one: its `name`, the same in words (`what`), its `value`, and how a shell makes it."""

    name: str
    what: str
    value: str
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a near miss is made: literal pieces and cuts of the text."""

    name: str
    what: str
    pieces: tuple[Piece, ...]

    def make(self, text: str, variable: str) -> NearMiss:
        """The near miss of `text`, which a shell finds in `variable`."""
        cuts = [piece for piece in self.pieces if isinstance(piece, str) or piece.start < piece.end]
        value = "".join(piece if isinstance(piece, str) else piece.of(text) for piece in cuts)
        parts = (p if isinstance(p, str) else p.expression(variable, len(text)) for p in cuts)
        return NearMiss(self.name, self.what, value, "".join(parts))


def near_misses(text: str, variable: str = "TEXT", fixed: Collection[int] = ()) -> list[NearMiss]:
    """What resembles `text`, each once, the most telling first; the characters at `fixed` places are never changed.

    Left out is what HTTP would change on its way (blanks at an end), and what is the text after all.
    """
    made = (recipe.make(text, variable) for recipe in _recipes(text, fixed))
    usable = (one for one in made if one.value != text and one.value.strip() == one.value)
    return list({one.value: one for one in reversed(list(usable))}.values())[::-1]


def _recipes(text: str, fixed: Collection[int]) -> Iterator[Recipe]:
    yield from _ends(text, fixed)
    yield from _lengths(text)
    yield from _letter_case(text)
    yield from _groups(text, fixed)
    yield from _orders(text)


def _ends(text: str, fixed: Collection[int]) -> Iterator[Recipe]:
    """One character changed at either end and in the middle."""
    places = {"last": len(text) - 1, "first": 0, "middle": len(text) // 2}
    for name, place in places.items():
        free = _near(place, text, fixed)
        if free is not None:
            yield _changed(text, free, f"{name} character changed", f"with its {name} character changed")


def _near(place: int, text: str, fixed: Collection[int]) -> int | None:
    """The nearest place that holds a letter or digit that may be changed."""
    free = [at for at, sign in enumerate(text) if at not in fixed and sign.isascii() and sign.isalnum()]
    return min(free, key=lambda at: abs(at - place), default=None)


def _changed(text: str, place: int, name: str, what: str) -> Recipe:
    return Recipe(name, what, (Cut(0, place), other(text[place]), Cut(place + 1, len(text))))


def other(letter: str) -> str:
    """Another letter of the same kind, so that a hexadecimal text stays one."""
    for alphabet in ALPHABETS:
        if letter in alphabet:
            return alphabet[(alphabet.index(letter) + len(alphabet) // 2) % len(alphabet)]
    return "a"


def _lengths(text: str) -> Iterator[Recipe]:
    """Dropped, added, repeated: at either end; and the halves."""
    end, half = len(text), len(text) // 2
    whole = Cut(0, end)
    yield Recipe("cut short", "without its last character", (Cut(0, end - 1),))
    yield Recipe("extended", "with a character added at its end", (whole, "0"))
    yield Recipe("first half", "cut off in its middle", (Cut(0, half),))
    yield Recipe("beheaded", "without its first character", (Cut(1, end),))
    yield Recipe("preceded", "with a character added in front", ("0", whole))
    yield Recipe("second half", "without its first half", (Cut(half, end),))
    yield Recipe("last repeated", "with its last character repeated", (whole, Cut(end - 1, end)))
    yield Recipe("repeated", "written twice", (whole, whole))


def _letter_case(text: str) -> Iterator[Recipe]:
    """The whole, and a part, in another letter case."""
    end = len(text)
    yield Recipe("other case", "in the other letter case", (Cut(0, end, "swapped"),))
    for case in ("lower", "upper"):
        yield Recipe(f"{case} case", f"in {case} case", (Cut(0, end, case),))
    letters = [at for at, sign in enumerate(text) if sign.isascii() and sign.isalpha()]
    if letters:
        at = letters[-1]
        pieces = (Cut(0, at), Cut(at, at + 1, "swapped"), Cut(at + 1, end))
        yield Recipe("one letter's case", "with the case of one letter changed", pieces)


def _groups(text: str, fixed: Collection[int]) -> Iterator[Recipe]:
    """One character changed in every group of letters and digits, and every group left out."""
    groups = [match.span() for match in re.finditer(r"[0-9A-Za-z]+", text)]
    for number, (start, end) in enumerate(groups if len(groups) > 1 else (), 1):
        free = _near(start + (end - start) // 2, text, {*fixed, *range(start), *range(end, len(text))})
        if free is not None:
            yield _changed(
                text, free, f"group {number} changed", f"with a character changed in its group {number}"
            )


def _orders(text: str) -> Iterator[Recipe]:
    """Neighbours swapped, everything backwards, and digits alone."""
    pairs = [at for at, (one, two) in enumerate(pairwise(text)) if one != two]
    for name, at in {"last": pairs[-1:], "first": pairs[:1]}.items():
        for place in at if len(text) >= LONG_ENOUGH else ():
            swapped = (
                Cut(0, place),
                Cut(place + 1, place + 2),
                Cut(place, place + 1),
                Cut(place + 2, len(text)),
            )
            yield Recipe(f"{name} two swapped", f"with its {name} two unlike characters swapped", swapped)
    yield Recipe("backwards", "written backwards", (Cut(0, len(text), reversed=True),))
    digits = "".join(str(at % 10) for at in range(1, len(text) + 1))
    yield Recipe("all digits", "of as many characters, all of them digits", (digits,))
