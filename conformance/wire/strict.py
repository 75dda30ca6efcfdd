"""JSON as RFC 8259 means it, with what a lenient parser would have hidden."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

MISSING: Final = object()
MOST_DUPLICATES: Final = 10


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


class _Constant(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Constant(name)


@lru_cache(maxsize=128)
def parse(body: bytes) -> Document:
    """Read `body` as exactly one JSON value in UTF-8; never raises."""
    if not body.strip():
        return Document(MISSING, "the body is empty")
    bom = body.startswith(b"\xef\xbb\xbf")
    try:
        text = (body[3:] if bom else body).decode("utf-8")
    except UnicodeDecodeError as problem:
        return Document(MISSING, f"the body is not UTF-8 (byte {problem.start})", bom=bom)
    return _read(text, bom)


def _read(text: str, bom: bool) -> Document:
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(items)
        if len(members) < len(items):
            twice.extend(_repeated(items))
        return members

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except _Constant as constant:
        return Document(MISSING, f"the body holds {constant}, which is not JSON", bom=bom)
    except json.JSONDecodeError as problem:
        return Document(MISSING, _explain(problem), bom=bom)
    except RecursionError:
        return Document(MISSING, "the body is nested too deeply to be read", bom=bom)
    except ValueError:
        return Document(MISSING, "the body holds a number with too many digits to be read", bom=bom)
    return Document(value, duplicates=tuple(dict.fromkeys(twice))[:MOST_DUPLICATES], bom=bom)


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
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):
        return kind(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
