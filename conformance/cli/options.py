"""Turns what the operator typed into settings, limits and a target."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance.contract import Contract, Input
from conformance.errors import UsageProblem
from conformance.registry import contracts
from conformance.wire.exchange import Headers

if TYPE_CHECKING:
    from conformance.wire.route import Route

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


def route(command: F) -> F:
    """Give a command the options for the way to the deployment."""
    for one in reversed(_ROUTE):
        command = one(command)
    return command


_FILE = click.Path(path_type=Path)
_ROUTE = (
    click.option("--insecure", is_flag=True, help="Do not verify the TLS certificate."),
    click.option("--ca-file", type=_FILE, help="Verify TLS with the certificates in this file."),
    click.option("--client-cert", type=_FILE, help="Show this client certificate (PEM)."),
    click.option("--client-key", type=_FILE, help="The key of it, unless it is in the same file."),
    click.option("--client-key-password", metavar="SECRET", help="The password that opens the key."),
    click.option("--proxy", metavar="URL|env|none", default="env", show_default=True,
                 help="The proxy to go through; its URL may be a SECRET."),
)  # fmt: skip


def route_of(given: Mapping[str, Any]) -> Route:
    """The way to the deployment; raises UsageProblem when a file or the proxy cannot be used."""
    from conformance.wire.proxy import with_scheme
    from conformance.wire.redaction import resolve
    from conformance.wire.route import DIRECT, ENVIRONMENT, Route

    password, proxy = given["client_key_password"], given["proxy"]
    found = Route(
        insecure=given["insecure"],
        ca_file=given["ca_file"],
        client_cert=given["client_cert"],
        client_key=given["client_key"],
        client_key_password="" if password is None else resolve(password, "--client-key-password"),
        proxy=proxy if proxy in (ENVIRONMENT, DIRECT) else with_scheme(resolve(proxy, "--proxy")),
    )
    found.check()
    return found.absolute()
