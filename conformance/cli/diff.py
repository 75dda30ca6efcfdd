"""`status-conformance diff`: two runs beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformance.comparing import Change, Comparison
    from conformance.outcome import Run

NAMES = {"breaches": "new breach", "mended": "mended", "other": "changed", "judged": "judged otherwise"}


@click.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@click.option(
    "--fail-on", type=click.Choice(["new"]), help="End with 1 when something is broken that was not."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path, fail_on: str | None, as_json: bool) -> None:
    """Compare the runs OLD and NEW, each a results.json or the folder of one.

    Where suite, requirements or settings differ, the old exchanges are judged again as the new ones were: what comes out
    otherwise then did not change at the deployment. Exit codes: 0, or 1 with --fail-on new and a new breach; 2 usage error.
    """
    from conformance.comparing import compare
    from conformance.report.text import visible

    runs = [_load(path) for path in (old, new)]
    found = compare(*runs)
    if as_json:
        click.echo(json.dumps(_json(found), indent=1))
    else:
        for line in _lines(found):
            click.echo(visible(line))
    ctx.exit(1 if fail_on and found.breaches else 0)


def _load(path: Path) -> Run:
    from conformance.rejudging import load

    return load(path / "results.json" if path.is_dir() else path)


def _json(found: Comparison) -> dict[str, object]:
    return {"format": "status-conformance/diff", "version": 1, **asdict(found)}


def _lines(found: Comparison) -> Iterable[str]:
    for name, title in NAMES.items():
        for one in getattr(found, name):
            yield f"{title}: {_said(one)}"
    if found.reasons:
        yield "judged with other settings, or by another suite:"
        yield from (f"  {reason}" for reason in found.reasons)
    if not found.certain:
        yield "  the old exchanges cannot be judged again here: a change may come from that"
    yield f"unchanged: {found.unchanged}"


def _said(one: Change) -> str:
    message = f": {one.message}" if one.message and one.now in ("failed", "warned") else ""
    return (
        f"{one.requirement} ({one.title}) was {one.was or 'not there'}, is {one.now or 'not there'}{message}"
    )
