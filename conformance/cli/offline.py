"""`status-conformance check-har` and `check-vector`: judging without sending anything."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from conformance.cli import options
from conformance.registry import find


@click.command("check-har")
@click.argument("contract")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--base-url", metavar="URL", help="The base URL, where it cannot be told from the recording.")
@click.option("--output", type=click.Path(path_type=Path), help="The folder for the reports.")
@click.option(
    "--keep-header",
    "keep",
    multiple=True,
    metavar="NAME",
    help="A header, parameter or member that holds no credential, though it looks so.",
)
@options.overwrite
@click.pass_context
def check_har(
    ctx: click.Context,
    contract: str,
    file: Path,
    base_url: str | None,
    output: Path | None,
    keep: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Judge the traffic of CONTRACT that was recorded in the HAR 1.2 file FILE.

    What looks like a credential is withheld from the reports.
    """
    from conformance.cli.judging import tell
    from conformance.har import read
    from conformance.recorded import judge_recorded
    from conformance.report import writing

    recording = read(file)
    done = judge_recorded(find(contract), recording, file.name, base_url, keep)
    done = replace(done, hints=(*filter(None, [recording.remark]), *done.hints))
    with writing.claimed(output, done.contract, done.base_url, time.time(), overwrite=overwrite) as folder:
        tell(done, folder)
    ctx.exit(done.exit_code)


@click.command("check-vector")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def check_vector(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Judge wire vectors (FILES, or all that are shipped) and compare the outcomes with what they expect."""
    from conformance.vectors import differences, load, shipped

    wrong, paths = 0, files or tuple(shipped())
    for path in paths:
        found = differences(load(path))
        wrong += bool(found)
        for one in found:
            click.echo(f"{path}: {one.requirement} is {one.found}, not {one.expected}: {one.message}")
    click.echo(f"{len(paths) - wrong} of {len(paths)} vectors agree")
    ctx.exit(1 if wrong else 0)
