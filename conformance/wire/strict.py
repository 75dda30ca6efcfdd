"""JSON as RFC 8259 means it, with what a lenient parser would have hidden."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from conformance.wire.memory import Memory

MISSING: Final = object()
MOST_DUPLICATES: Final = 10
DIGITS: Final = 1000
"""Of a longer integer the first digits are kept: a number of that length, whose value nobody compares."""
DEPTH: Final = 64
"""Where a body is nested too deeply for the parser, what is nested deeper than this is left out."""
NESTING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{]+)|([\]}]+)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """What a body says when it is read as JSON: a value, or the reason why there is none.

    `duplicates` are member names that occur twice in one object, `bom` tells of a leading byte order mark;
    both are remarks, not problems (RFC 8259, sections 4 and 8.1).
    """

    value: Any
    problem: str | None = None
    duplicates: tuple[str, ...] = ()
    bom: bool = False

    @property
    def members(self) -> dict[str, Any] | None:
        """The value if it is an object, else None."""
        return self.value if isinstance(self.value, dict) else None


ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


class _Constant(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Constant(name)


def parse(body: bytes) -> Document:
    """Read `body` as exactly one JSON value in UTF-8; never raises."""
    known = _MEMORY.get(body)
    if known is None:
        known, weight = _parsed(body)
        _MEMORY.keep(body, known, len(body) + weight)
    return known


def _weight(text: str) -> int:
    """About how many bytes the value of `text` takes up, at most."""
    return 4 * len(text) + 80 * sum(map(text.count, ",[{"))


def _parsed(body: bytes) -> tuple[Document, int]:
    """What `body` says, and its weight."""
    if not body.strip():
        return Document(MISSING, "the body is empty"), 0
    bom = body.startswith(b"\xef\xbb\xbf")
    try:
        text = (body[3:] if bom else body).decode("utf-8")
    except UnicodeDecodeError as problem:
        return Document(MISSING, f"the body is not UTF-8 (byte {problem.start})", bom=bom), 0
    try:
        return _read(text, bom), _weight(text)
    except RecursionError:
        flat = _flat(text)
    if flat is None:
        return Document(MISSING, "the body is not JSON: it ends within an array or an object", bom=bom), 0
    return _read(flat, bom), _weight(flat)


def _read(text: str, bom: bool) -> Document:
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(items)
        if len(members) < len(items):
            twice.extend(_repeated(items))
        return members

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_fraction,
        )
    except _Constant as constant:
        return Document(MISSING, f"the body holds {constant}, which is not JSON", bom=bom)
    except json.JSONDecodeError as problem:
        return Document(MISSING, _explain(problem), bom=bom)
    return Document(value, duplicates=tuple(dict.fromkeys(twice))[:MOST_DUPLICATES], bom=bom)


def _integer(digits: str) -> int:
    return int(digits[:DIGITS])


def _fraction(digits: str) -> float:
    """A number with a fraction or an exponent; 1e400 is as large as there are."""
    return min(max(float(digits), -sys.float_info.max), sys.float_info.max)


def _flat(text: str) -> str | None:
    """A text that is nested too deeply for the parser with null for what is nested deeper than DEPTH; None where it never ends."""
    kept, depth, at = [], 0, 0
    for match in NESTING.finditer(text):
        opened, closed = len(match[1] or ""), len(match[2] or "")
        if depth <= DEPTH < depth + opened:
            kept += [text[at : match.start() + DEPTH - depth], "null"]
        if depth - closed <= DEPTH < depth:
            at = match.start() + depth - DEPTH
        depth += opened - closed
    return None if depth > DEPTH else "".join([*kept, text[at:]])


def _repeated(items: list[tuple[str, Any]]) -> list[str]:
    counts = Counter(name for name, _ in items)
    return sorted(name for name, count in counts.items() if count > 1)


def _explain(problem: json.JSONDecodeError) -> str:
    if problem.msg == "Extra data":
        return f"there are bytes after the JSON value (character {problem.pos})"
    return f"the body is not JSON: {problem.msg} (character {problem.pos})"


def integer_kind(value: object) -> str | None:
    """ "integer" for a JSON integer, "integral float" for 40856.0, None for all else, booleans included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float) and value.is_integer():
        return "integral float"
    return None


def kind(value: object) -> str:
    """What JSON calls `value`, with its article: "a string", "an object", "null"."""
    if value is MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a number with a fraction part"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def show(value: object, limit: int = 200) -> str:
    """`value` as JSON on one line, clipped to `limit` characters."""
    if value is MISSING:
        return "nothing"
    text = ""
    try:
        for part in ENCODER.iterencode(value):
            text += part
            if len(text) > limit:
                return text[: limit - 1] + "…"
    except (RecursionError, ValueError):
        return kind(value)
    return text


_MEMORY: Final[Memory[Document]] = Memory(12 * 1024 * 1024)
