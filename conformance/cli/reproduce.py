"""`status-conformance reproduce`: the history of a cause, sent again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import options

if TYPE_CHECKING:
    from conformance.contract import Contract, Settings
    from conformance.outcome import Diagnosis, Run
    from conformance.replaying import Replayed

EXITS = {True: 1, False: 0, None: 3}
SAID = {True: "it shows", False: "it does not show", None: "undecided: not every request was answered"}


@click.command(context_settings={"max_content_width": 100})
@click.argument("file", metavar="RESULTS.json", type=click.Path(path_type=Path))
@click.argument("name", metavar="CAUSE-OR-ID")
@click.option("--base-url", metavar="URL", help="Another deployment than the one that was judged.")
@click.option("--header", multiple=True, metavar="NAME=SECRET", help="A header for every request.")
@click.option(
    "--timeout",
    type=options.Seconds(0.01, 3600),
    default=10.0,
    metavar="SECONDS",
    help="How long an answer may take.",
)
@options.contract_inputs
@options.route
@click.pass_context
def reproduce(ctx: click.Context, /, file: Path, name: str, base_url: str | None, **given: Any) -> None:
    """Send the shortest history of a cause in RESULTS.json again, on fresh ids, and say whether it shows.

    CAUSE-OR-ID is the id of a cause or of a requirement. Secrets have to be given again, as for the run. Exit codes: 1 it
    shows, 0 it does not, 2 usage error, 3 undecided, 4 unreachable.
    """
    from conformance.registry import find
    from conformance.rejudging import load
    from conformance.replaying import cause_of

    run = load(file)
    cause, contract = cause_of(run, name), find(run.contract)
    settings = _settings(run, contract, given)
    done, clean = _send(run, cause, contract, settings, base_url or run.base_url, given)
    if done is None:
        ctx.exit(4)
    _tell(done, clean)
    ctx.exit(EXITS[done.shown])


def _settings(run: Run, contract: Contract, given: Mapping[str, Any]) -> Settings:
    """The settings of the run with the secrets that were given again, and other fresh ids."""
    from conformance.provenance import read_settings

    recorded = read_settings(run.settings, contract, {})
    inputs = options.inputs_of(contract, {one: given[one] for one in options.parameters()})
    public = {one.name: recorded.many(one.name) for one in contract.inputs if not one.secret}
    return replace(recorded, inputs={**public, **inputs}, nonce=secrets.token_hex(8))


def _send(
    run: Run,
    cause: Diagnosis,
    contract: Contract,
    settings: Settings,
    base_url: str,
    given: Mapping[str, Any],
) -> tuple[Replayed | None, Callable[[str], str]]:
    """What came of the history; None, and a sentence on the terminal, when nobody answered."""
    from conformance.errors import Unreachable
    from conformance.replaying import replay
    from conformance.target import parse, redactor_for
    from conformance.wire.client import Client
    from conformance.wire.limits import Limits

    target = parse(base_url, contract, options.headers_of(given["header"]))
    route = options.route_of(given)
    redactor = redactor_for(contract, settings, target, route)
    limits = Limits(timeout=given["timeout"])
    client = Client(target.base_url, limits=limits, headers=target.headers, route=route)
    try:
        contract.module("driver").Driver(client, settings, redactor)
        return replay(contract, run, cause, settings, client, redactor), redactor.answer
    except Unreachable as problem:
        click.echo(f"undecided: {redactor.answer(problem.message)}")
        return None, redactor.answer
    finally:
        client.close()


def _tell(done: Replayed, clean: Callable[[str], str]) -> None:
    """Print each request with what came back, and what that says."""
    from conformance.evidence import received

    for number, one in enumerate(done.exchanges, 1):
        click.echo(f"{number}. {one.request.method} {clean(one.request.url)}")
        click.echo(f"   {clean(received(one))}")
    if done.finding.expected:
        click.echo(f"expected: {done.finding.expected}")
    click.echo(f"{SAID[done.shown]}: {done.finding.requirement}, {done.finding.message}")
