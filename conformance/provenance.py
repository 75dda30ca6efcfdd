"""What a run was made with: every setting that can change an outcome beside its default, and who judged."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from enum import Enum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.catalogue import Level
from conformance.contract import Contract, Effort, Input, Settings
from conformance.efforts import most_requests, most_seconds
from conformance.errors import UsageProblem
from conformance.outcome import Kind, Setting, Suite, Value
from conformance.resources import PACKAGE, folder
from conformance.wire.limits import Limits

LIBRARIES = ("httpx", "httpcore", "h11", "jsonschema", "PyLD", "hypothesis", "schemathesis", "pytest")
"""What has a say in an outcome: it sends, reads, draws or judges."""
CODE, DATA = frozenset({".py", ".ini"}), frozenset({".json", ".jsonld", ".yaml"})
"""Endings of the files that make up the suite."""
TELLING = frozenset({"certification", "cli", "doctor", "fleet", "proof", "report"})
"""Parts of the suite that have no say in an outcome."""
CHANCE = frozenset({"nonce", "seed"})
APART = frozenset({"inputs", "jsonld_contexts"})
"""Settings that are not recorded as they are."""


def suite(contract: Contract) -> Suite:
    """The programs and the requirements that judge."""
    digest = _checks(contract.folder)
    return Suite(__version__, contract.catalogue.digest, platform.python_version(), _libraries(), digest)


@cache
def _checks(own: Path) -> str:
    """A digest of every file that sends, reads or judges: the package, the schemas, and a contract's `own` folder."""
    schemas = folder("schemas")
    files = {f"conformance/{one}": PACKAGE / one for one in _below(PACKAGE, CODE) if _judges(one)}
    files |= {f"schemas/{one}": schemas / one for one in _below(schemas, DATA) if one != "proof.json"}
    if not own.is_relative_to(PACKAGE):
        files |= {f"{own.name}/{one}": own / one for one in _below(own, CODE | DATA)}
    lines = [f"{hashlib.sha256(files[name].read_bytes()).hexdigest()}  {name}\n" for name in sorted(files)]
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def _below(root: Path, endings: frozenset[str]) -> list[str]:
    return [one.relative_to(root).as_posix() for one in root.rglob("*") if one.suffix in endings]


def _judges(name: str) -> bool:
    return name.partition("/")[0] not in TELLING


@cache
def _libraries() -> Mapping[str, str]:
    return {name: found for name in LIBRARIES if (found := _version(name))}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def settings_of(
    contract: Contract,
    settings: Settings,
    limits: Limits,
    *,
    only: Sequence[str] = (),
    level: Level | None = None,
    way: Sequence[Setting] = (),
) -> tuple[Setting, ...]:
    """Every setting of a run; `way` are those of the way to the deployment."""
    return (
        *(_input(one, settings) for one in contract.inputs),
        Setting("only", Kind.OPTION, list(only), []),
        Setting("level", Kind.OPTION, level and level.value),
        *_fields(settings, settings),
        Setting("jsonld-context", Kind.OPTION, _digests(settings.jsonld_contexts), {}),
        *_fields(limits, settings),
        *way,
    )


def _input(one: Input, settings: Settings) -> Setting:
    given = settings.many(one.name)
    if one.secret:
        return Setting(one.name, Kind.SECRET, "given" if given else None)
    if one.repeatable:
        return Setting(one.name, Kind.INPUT, list(given), [])
    kind = Kind.INPUT if one.default is None else Kind.OPTION
    return Setting(one.name, kind, settings.one(one.name, one.default), one.default)


def _fields(record: Settings | Limits, settings: Settings) -> Iterator[Setting]:
    """The fields of a record, named like options, beside their defaults; some of them depend on the effort."""
    names = [one.name for one in fields(record) if one.name not in APART]
    values = {name: getattr(record, name) for name in names}
    usual = {name: getattr(type(record)(), name) for name in names}
    if isinstance(record, Limits):
        usual |= {"max_requests": most_requests(settings), "deadline": most_seconds(settings)}
    else:
        values["watch"], usual["watch"] = settings.watches, replace(settings, watch=None).watches
    for name in names:
        kind = Kind.CHANCE if name in CHANCE else Kind.OPTION
        yield Setting(name.replace("_", "-"), kind, _plain(values[name]), _plain(usual[name]))


def _plain(value: Any) -> Value:
    plain: Value = value.value if isinstance(value, Enum) else value
    return plain


def _digests(contexts: Mapping[str, Path]) -> dict[str, str]:
    return {url: digest_of(path) for url, path in contexts.items()}


def digest_of(path: Path) -> str:
    """A digest of a file's content; raises UsageProblem when it cannot be read."""
    try:
        return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise UsageProblem(f"{path} cannot be read: {problem.strerror or problem}") from None


def read_settings(recorded: Sequence[Setting], contract: Contract, contexts: Mapping[str, Path]) -> Settings:
    """The settings that a record tells of, for judging again; raises UsageProblem for what cannot be one.

    Of a secret it is only known whether it was given, which is all that a judge asks.
    """
    told = {one.name: one.value for one in recorded}
    inputs = {one.name: _values(one.name, told.get(one.name)) for one in contract.inputs}
    usual = Settings()
    values = {
        one.name: _value(name, told[name], getattr(usual, one.name), fractions="float" in str(one.type))
        for one in fields(Settings)
        if one.name not in APART and (name := one.name.replace("_", "-")) in told
    }
    given = {name: texts for name, texts in inputs.items() if texts}
    return Settings(inputs=given, jsonld_contexts=contexts, **values)


def _values(name: str, value: Value) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str) for one in values):
        raise UsageProblem(f"the recorded setting {name} is not text")
    return tuple(map(str, values))


def _value(name: str, value: Value, usual: Any, *, fractions: bool) -> Any:
    """A recorded value as of the same kind as the usual one; without a usual one it is a number, or none."""
    with suppress(ValueError, OverflowError):
        if isinstance(usual, Effort):
            return Effort(str(value))
        if type(value) is type(usual) or (usual is None and type(value) is int and not fractions):
            return value
        if fractions and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    raise UsageProblem(f"the recorded setting {name} cannot be {str(value)[:60]!r}")
