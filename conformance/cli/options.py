"""Turns what the operator typed into settings, limits and a target."""

from __future__ import annotations

import math
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


class Seconds(click.FloatRange):
    """A finite number of seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a number of seconds.", param, ctx)
        return seconds


def overwrite(command: F) -> F:
    """Give a command the option that lets it replace reports."""
    text = "Replace the reports that the folder holds already."
    return click.option("--overwrite", is_flag=True, help=text)(command)


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
    from conformance.inputs import read

    return read(contract, {name.replace("_", "-"): values for name, values in given.items()})


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
    """JSON-LD contexts out of URL=FILE, read once; raises UsageProblem when a file is not there, or holds none."""
    from conformance.jsonld import context_in

    found = {}
    for text in given:
        url, equals, name = text.rpartition("=")
        if not equals or not url or not _exists(Path(name)):
            raise UsageProblem(f"--jsonld-context {text}: give it as URL=FILE, with a file that exists")
        context_in(Path(name))
        found[url] = Path(name)
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


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
    if insecure and ca_file:
        raise UsageProblem("--insecure and --ca-file exclude each other")
    if insecure:
        return False
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except ssl.SSLError:
        raise UsageProblem(
            f"--ca-file {ca_file} cannot be used: it holds no certificate in PEM form"
        ) from None
    except OSError as problem:
        raise UsageProblem(f"--ca-file {ca_file} cannot be used: {problem.strerror or problem}") from None
