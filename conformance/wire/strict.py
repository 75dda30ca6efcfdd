"""JSON as RFC 8259 means it, with what a lenient parser would have hidden."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

MISSING: Final = object()


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


@lru_cache(maxsize=256)
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
        names = [name for name, _ in items]
        twice.extend(sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else ())
        return dict(items)

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
    return Document(value, duplicates=tuple(twice), bom=bom)


def _repeats(names: list[str]) -> bool:
    return len(set(names)) != len(names)


def _explain(problem: json.JSONDecodeError) -> str:
    if problem.msg == "Extra data":
        return f"there are bytes after the JSON value (character {problem.pos})"
    return f"the body is not JSON: {problem.msg} (character {problem.pos})"


def integer_kind(value: object) -> str | None:
    """"integer" for a JSON integer, "integral float" for 40856.0, None for all else, booleans included."""
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
