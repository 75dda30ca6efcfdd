"""Reads a fleet's configuration: TOML with a table for each deployment, and one for what they share."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance import files
from conformance.errors import UsageProblem
from conformance.registry import contracts, find

DEFAULT = Path("deployments.toml")
TABLES = ("defaults", "deployment")
OWN = ("name", "contract", "base-url")
SHAREABLE = ("contract",)
_LONGEST = 100
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,19}")
_QUOTED = re.compile(r"""'[^']*'?|"[^"]*"?|\(.*""", re.DOTALL)
_LONGEST_QUOTED = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One deployment as its table tells of it; `options` are named as on the command line and may hold secrets."""

    name: str
    contract: str
    base_url: str = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    shared: frozenset[str] = frozenset()
    """The options that come from `[defaults]`."""


def read(path: Path, known: Iterable[str]) -> tuple[Entry, ...]:
    """The deployments in the file `path`; `known` are the options there are.

    Raises UsageProblem with one sentence that names the table and the key. Values are never repeated in it, since
    they may be secrets.
    """
    document = _load(path)
    for number, key in enumerate(document, 1):
        if key not in TABLES:
            raise UsageProblem(f"{path}: there is no table {_told(key, number)}{_close(key, TABLES)}")
    options = frozenset(known)
    defaults = _table(document.get("defaults", {}), f"{path}: [defaults]", options | set(SHAREABLE))
    tables = document.get("deployment", [])
    if not isinstance(tables, list) or not tables:
        raise UsageProblem(
            f"{path} names no deployment", hint="each one is a table that begins with [[deployment]]"
        )
    entries = [_entry(path, number, table, defaults, options) for number, table in enumerate(tables, 1)]
    _insist_on_different_names(path, entries)
    return tuple(entries)


def place(path: Path, name: str) -> str:
    """How messages call the table of the deployment `name`."""
    return f"{path}: deployment {name!r}"


def _load(path: Path) -> dict[str, Any]:
    if not os.path.lexists(path):
        hint = "name the configuration with --config"
        raise UsageProblem(f"the configuration {path} does not exist", hint=hint)
    text = files.text(path, f"the configuration {path}")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as problem:
        raise UsageProblem(f"{path} is not TOML: {_reason(problem)}") from None
    except (ValueError, RecursionError):
        raise UsageProblem(
            f"{path} is not read: it is nested too deeply, or holds too long a number"
        ) from None


def _reason(problem: tomllib.TOMLDecodeError) -> str:
    """What is wrong and where, without repeating anything longer than a character of the file."""
    text, _, place = str(problem).rpartition(" (at ")
    quoted = max(map(len, _QUOTED.findall(text)), default=0) > _LONGEST_QUOTED
    return f"{'a key or a table is given twice' if quoted or not text else text} (at {place}"


def _table(table: object, where: str, known: frozenset[str]) -> dict[str, Any]:
    """A table with its keys spelt as on the command line: `api_key` is `api-key`."""
    if not isinstance(table, dict):
        raise UsageProblem(f"{where} is not a table")
    found: dict[str, Any] = {}
    for number, (written, value) in enumerate(table.items(), 1):
        key = written.replace("_", "-")
        if key not in known:
            raise UsageProblem(f"{where}: there is no key {_told(written, number)}{_close(key, known)}")
        if key in found:
            raise UsageProblem(f"{where}: the key {key} is given twice, as {key} and {key.replace('-', '_')}")
        found[key] = value
    return found


def _told(key: str, number: int) -> str:
    """A key as messages may repeat it: what is no plain word may be a secret in the wrong place."""
    plain = _WORD.fullmatch(key) is not None
    return key if plain else f"like number {number} here, which is not repeated since it may be a secret"


def _close(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def _entry(
    path: Path, number: int, table: object, defaults: Mapping[str, Any], options: frozenset[str]
) -> Entry:
    where = f"{path}: deployment {number}"
    named = table.get("name") if isinstance(table, dict) else None
    if isinstance(named, str) and _is_name(named):
        where = place(path, named)
    own = _table(table, where, options | set(OWN))
    name, contract, base_url = (_text(where, key, own.get(key, defaults.get(key))) for key in OWN)
    if not _is_name(name):
        hint = f"a name is one line of at most {_LONGEST} characters"
        raise UsageProblem(f"{where}: the key name holds no name", hint=hint)
    shared = _shared(where, contract, defaults)
    given = {key: value for key, value in own.items() if key not in OWN}
    return Entry(name, contract, base_url, {**shared, **given}, frozenset(set(shared) - set(given)))


def _text(where: str, key: str, value: object) -> str:
    shown = "base_url" if key == "base-url" else key
    if value is None:
        raise UsageProblem(f"{where}: the key {shown} is missing")
    if not isinstance(value, str) or not value.strip():
        raise UsageProblem(f"{where}: the key {shown} takes text, not {kind(value)}")
    return value


def _is_name(name: str) -> bool:
    return name.isprintable() and bool(name.strip()) and len(name) <= _LONGEST


def _shared(where: str, contract: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults for a deployment of `contract`: without the inputs that only other contracts have."""
    try:
        own = {one.name for one in find(contract).inputs}
    except UsageProblem as problem:
        told = problem.message if _WORD.fullmatch(contract) else "it names no contract"
        raise UsageProblem(f"{where}: the key contract: {told}", hint=problem.hint) from None
    foreign = {one.name for other in contracts() for one in other.inputs} - own
    return {key: value for key, value in defaults.items() if key not in foreign and key not in SHAREABLE}


def _insist_on_different_names(path: Path, entries: Iterable[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise UsageProblem(f"{place(path, entry.name)}: the key name: another deployment has this name")
        seen.add(entry.name)


def kind(value: object) -> str:
    """What a TOML value is, in words that do not repeat it."""
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
