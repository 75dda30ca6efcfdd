"""`status-conformance serve` and `demo`: the reference deployment, and the suite against it."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli import options


@click.command()
@click.option("--host", metavar="ADDRESS", help="The address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port; 0 takes any free one.",
)
@click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep everything in this file; in memory otherwise.",
)
@click.option("--fault", multiple=True, metavar="ID", help="Give it this defect (repeatable).")
@click.option("--oddity", multiple=True, metavar="ID", help="Make it odd but right (repeatable).")
def serve(
    host: str | None, port: int, database: Path | None, fault: tuple[str, ...], oddity: tuple[str, ...]
) -> None:
    """Serve a correct deployment of all three contracts, until Ctrl-C; or one with faults and oddities."""
    from conformance.clock import SystemClock
    from conformance.defects import Fault, Oddity
    from conformance.reference.storage import Database
    from conformance.reference.wires import Place, serve_forever
    from conformance.showcase import chosen, showcase

    odd = [*chosen(fault, Fault), *chosen(oddity, Oddity)] if fault or oddity else []
    with Database(database) as storage:
        house = showcase(storage, SystemClock(), odd)

        def ready(place: Place) -> None:
            for one in odd:
                click.echo(f"{type(one).__name__} {one.id}: {one.description}")
            visits = [
                (v.contract.title, v.base_path, v.command(place.base_url, place.certificate))
                for v in house.visits
            ]
            for line in welcome(place.base_url, visits):
                click.echo(line)

        serve_forever(house.wire, house.app, host, port, ready=ready)


def welcome(base_url: str, visits: list[tuple[str, str, str]]) -> list[str]:
    """What a visitor is told at the start."""
    lines = [f"The reference deployment listens on {base_url} (Ctrl-C ends it).", ""]
    for title, path, command in visits:
        lines += [title, f"  base URL  {base_url}{path}", f"  judge it  {command}", ""]
    return [*lines, f"OpenAPI documents: {base_url}/openapi/CONTRACT.yaml"]


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder in which each contract gets its own.",
)
@options.overwrite
@click.pass_context
def demo(ctx: click.Context, output: Path | None, overwrite: bool) -> None:
    """Serve the reference deployment on a free loopback port and run all contracts against it."""
    from conformance.cli.judging import judge
    from conformance.clock import SystemClock
    from conformance.contract import Settings
    from conformance.efforts import most_seconds
    from conformance.fleet.summary import gravest
    from conformance.reference.server import serving
    from conformance.reference.storage import Database
    from conformance.runner import Plan
    from conformance.showcase import showcase
    from conformance.target import parse
    from conformance.wire.limits import Limits

    with Database(None) as storage:
        house = showcase(storage, SystemClock())
        with serving(house.app) as base_url:
            codes = []
            for visit in house.visits:
                target = parse(base_url + visit.base_path, visit.contract)
                settings = Settings(inputs=visit.inputs, nonce=_nonce())
                plan = Plan(target, settings, limits=Limits(deadline=most_seconds(settings)))
                folder = output / visit.contract.name if output else None
                codes.append(judge(visit.contract, plan, folder, overwrite=overwrite))
    ctx.exit(gravest(codes))


def _nonce() -> str:
    import secrets

    return secrets.token_hex(8)


@click.command()
@click.argument("contract", required=False)
def faults(contract: str | None) -> None:
    """List the named faults of CONTRACT, or of all, with what must catch them; then the oddities."""
    from conformance.registry import contracts, find
    from conformance.showcase import faults_of, oddities_of

    for one in (find(contract),) if contract else contracts():
        click.echo(f"{one.title}: faults\n")
        for fault in faults_of(one):
            click.echo(f"  {fault.id}  ({', '.join(fault.must)})\n      {fault.description}")
        click.echo(f"\n{one.title}: odd but right\n")
        for oddity in oddities_of(one):
            click.echo(f"  {oddity.id}\n      {oddity.description}")
        click.echo("")
