"""Turns what the operator typed into settings, limits and a target."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.contract import Contract, Input
from conformance.errors import UsageProblem
from conformance.registry import contracts
from conformance.wire.exchange import Headers

F = TypeVar("F", bound=Callable[..., Any])
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PERIODS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def contract_inputs(command: F) -> F:
    """Give a command one option for every input of every contract."""
    merged: dict[str, tuple[Input, list[str]]] = {}
    for contract in contracts():
        for one in contract.inputs:
            merged.setdefault(one.name, (one, []))[1].append(contract.name)
    for one, names in reversed(merged.values()):
        command = _option(one, names)(command)
    return command


def _option(one: Input, names: list[str]) -> Callable[[F], F]:
    default = f" [default: {one.default}]" if one.default is not None else ""
    kind = click.Choice(one.choices) if one.choices else None
    text = f"({', '.join(names)}) {one.help}{default}"
    return click.option(
        f"--{one.name}", multiple=True, metavar=None if kind else one.metavar, type=kind, help=text
    )


def parameters() -> set[str]:
    """The names of the parameters that are inputs of some contract."""
    return {one.name.replace("-", "_") for contract in contracts() for one in contract.inputs}


def inputs_of(contract: Contract, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The contract's inputs out of a command's parameters; raises UsageProblem for another contract's option."""
    from conformance.wire.redaction import resolve

    own = {one.name: one for one in contract.inputs}
    inputs: dict[str, tuple[str, ...]] = {}
    for parameter, values in given.items():
        name = parameter.replace("_", "-")
        if not values:
            continue
        if name not in own:
            raise UsageProblem(f"--{name} is not an option of {contract.name}", hint=_offers(contract))
        one = own[name]
        if not one.repeatable and len(values) > 1:
            raise UsageProblem(f"--{name} can be given once")
        inputs[name] = tuple(resolve(v, f"--{name}") if one.secret else _plain(one, v) for v in values)
    return inputs


def _offers(contract: Contract) -> str:
    return f"{contract.name} takes {', '.join('--' + one.name for one in contract.inputs)}"


def _plain(one: Input, value: str) -> str:
    if not value.strip():
        raise UsageProblem(f"--{one.name} is empty")
    if one.number and not (value.isascii() and value.isdigit()):
        raise UsageProblem(f"--{one.name} takes a whole number, not {value!r}")
    if one.prefix_choices:
        _check_prefix(one, value)
    return value


def _check_prefix(one: Input, value: str) -> None:
    """Refuse a word before `=` that looks like a state but is none; ids may hold `=` themselves."""
    word, equals, rest = value.partition("=")
    if not equals or word in one.prefix_choices:
        if equals and not rest:
            raise UsageProblem(f"--{one.name} {value}: the id is missing")
        return
    if word.isalpha():
        hint = f"the states are {', '.join(one.prefix_choices)}; an id alone is fine too"
        raise UsageProblem(f"--{one.name} {value}: there is no state called {word}", hint=hint)


def headers_of(given: Iterable[str]) -> Headers:
    """Headers out of NAME=SECRET; raises UsageProblem for what is none."""
    from conformance.wire.redaction import resolve

    found = []
    for text in given:
        name, equals, reference = text.partition("=")
        if not equals or not HEADER_NAME.fullmatch(name):
            raise UsageProblem("--header takes NAME=SECRET, such as X-Gateway=env:GATEWAY_KEY")
        found.append((name, resolve(reference, f"--header {name}")))
    return tuple(found)


def contexts_of(given: Iterable[str]) -> dict[str, Path]:
    """JSON-LD contexts out of URL=FILE; raises UsageProblem when a file is not there."""
    found = {}
    for text in given:
        url, equals, name = text.rpartition("=")
        if not equals or not url or not Path(name).is_file():
            raise UsageProblem(f"--jsonld-context {text}: give it as URL=FILE, with a file that exists")
        found[url] = Path(name)
    return found


def rate_of(text: str | None) -> float | None:
    """Requests a second out of `5/s`, `300/m` or `5`; raises UsageProblem for anything else."""
    if text is None:
        return None
    number, _, period = text.partition("/")
    try:
        rate = float(number) / PERIODS[period.strip().lower() or "s"]
    except (KeyError, ValueError):
        rate = 0.0
    if not 0 < rate < 1e6:
        raise UsageProblem(f"--rate {text}: give it as 5/s or 300/m")
    return rate


def verify_of(insecure: bool, ca_file: Path | None) -> ssl.SSLContext | bool:
    """How to verify TLS; raises UsageProblem when the CA file holds no certificate."""
    if insecure:
        return False
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as problem:
        raise UsageProblem(f"--ca-file {ca_file} cannot be used: {problem}") from None
