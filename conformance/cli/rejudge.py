"""`status-conformance rejudge`: the exchanges of a report, judged again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", metavar="RESULTS.json", type=click.Path(path_type=Path))
@click.option(
    "--jsonld-context", multiple=True, metavar="URL=FILE", help="A JSON-LD context of the run, from a file."
)
@click.pass_context
def rejudge(ctx: click.Context, file: Path, jsonld_context: tuple[str, ...]) -> None:
    """Judge the exchanges in RESULTS.json again, with the settings that stand there, and compare the outcomes.

    Nothing is sent. Exit codes: 0 every outcome is the same, 1 some differ, 2 it is no results.json, 3 this suite
    cannot judge it, such as one with other requirements.
    """
    from conformance import __version__
    from conformance.cli.options import contexts_of
    from conformance.rejudging import NotAgain, load, rejudge

    run = load(file)
    try:
        found = rejudge(run, contexts_of(jsonld_context))
    except NotAgain as problem:
        click.echo(f"status-conformance: {problem.message}", err=True)
        click.echo(f"  {problem.hint}", err=True)
        ctx.exit(3)
    if run.suite.version != __version__:
        click.echo(f"recorded by status-conformance {run.suite.version}, judged again by {__version__}")
    for one in found:
        click.echo(f"{one.requirement}: was {one.was or 'not there'}, is {one.now or 'not there'}")
    same = len(run.results) - len(found)
    click.echo(f"{same} of {len(run.results)} outcomes are the same")
    ctx.exit(1 if found else 0)
