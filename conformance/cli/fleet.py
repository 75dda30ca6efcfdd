"""`status-conformance run --all`: judge every deployment of a configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from conformance.cli.options import Seconds
from conformance.errors import UsageProblem

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.cli.deployments import PlanOf
    from conformance.fleet.summary import Fleet
    from conformance.fleet.task import Row, Task

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_TABLE = 40
_OPTIONS = (
    click.option("--all", is_flag=True, help="Judge every deployment of the configuration. "
                 "The exit code is the gravest of all: 5, 1, 4, 3, 0 in this order."),
    click.option("--config", type=click.Path(path_type=Path), default=Path("deployments.toml"), show_default=True,
                 metavar="FILE", help="The configuration for --all."),
    click.option("--jobs", type=click.IntRange(1, 1024), help="Runs at a time with --all [default: 4 a processor]."),
    click.option("--cluster", metavar="ADDRESS", help="Let the workers of this Dask cluster make the runs of --all."),
    click.option("--task-timeout", type=Seconds(0.1), default=300.0, show_default=True, metavar="SECONDS",
                 help="End a run of --all that takes longer."),
)  # fmt: skip
_NAMES = ("config", "jobs", "cluster", "task_timeout")
_STYLES = {0: "green", 1: "bold red", 3: "magenta", 4: "magenta", 5: "bold red"}


def options(command: F) -> F:
    """Give a command the options of `--all`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def insist_on_one(context: click.Context, *addresses: str | None) -> None:
    """Refuse a run of one deployment that lacks an argument, or has an option of `--all`."""
    for name in _NAMES:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageProblem(f"--{name.replace('_', '-')} goes with --all")
    if None in addresses:
        hint = "or --all, with the deployments in a configuration"
        raise UsageProblem("give CONTRACT and BASE_URL", hint=hint)


def judge_all(context: click.Context, plan_of: PlanOf) -> int:
    """Judge every deployment of the configuration and leave the reports; the exit code.

    `plan_of` makes a plan of a contract's name, a base URL and the command's parameters. After Ctrl-C or a
    termination signal the reports tell what there is; then click.Abort is raised.
    """
    from conformance.cli.deployments import tasks_of
    from conformance.cli.judging import interruptible
    from conformance.report import writing
    from conformance.report.screen import console

    given = context.params
    if given["contract"] is not None:
        raise UsageProblem("--all takes its deployments from the configuration, not from the command line")
    path: Path = given["config"]
    screen, place = console(), (given["output"], "fleet", f"//{path.stem}", time.time())
    with interruptible() as interrupted:
        with writing.claimed(*place, overwrite=given["overwrite"]) as folder:
            tasks = tasks_of(context, path, folder, plan_of)
            _clear(tasks, overwrite=given["overwrite"])
            with _executor(given, len(tasks)) as executor:
                done = _run(tasks, executor, folder, screen)
        interrupted.finish()
        _tell(done, screen)
    if interrupted():
        raise click.Abort
    return done.exit_code


def _executor(given: dict[str, Any], tasks: int) -> AbstractContextManager[Executor]:
    if given["cluster"]:
        if given["jobs"]:
            raise UsageProblem("--jobs is for this machine: it cannot go with --cluster")
        from conformance.fleet import cluster

        return cluster.executor(given["cluster"])
    from conformance.fleet.execution import default_jobs, local

    return local(min(given["jobs"] or default_jobs(), tasks))


def _clear(tasks: Sequence[Task], *, overwrite: bool) -> None:
    """Remove the reports of an earlier fleet, so that none of them is taken for one of this, or insist on none."""
    from conformance.report import writing

    folders = [task.folder for task in tasks]
    if overwrite:
        writing.clear(*folders)
    else:
        writing.insist_on_room(*folders)


def _run(tasks: Sequence[Task], executor: Executor, folder: Path, console: Console) -> Fleet:
    from conformance.fleet.summary import Fleet
    from conformance.fleet.task import interrupted_row

    started, rows = time.time(), dict[str, "Row"]()
    try:
        for row in _streamed(tasks, executor):
            rows[row.name] = row
            _print_row(row, len(rows), len(tasks), console)
    except KeyboardInterrupt:
        console.print("interrupted: the runs that had not ended are incomplete")
    everything = tuple(rows.get(task.name) or interrupted_row(task) for task in tasks)
    return Fleet(everything, started, time.time(), folder.absolute())


def _streamed(tasks: Sequence[Task], executor: Executor) -> Iterator[Row]:
    """Rows as they come; one whose reports did not get here, from a worker that shares no files, says so."""
    from conformance.fleet.execution import execute

    for row in execute(tasks, executor):
        if row.folder is not None and not row.folder.is_dir():
            hint = "its reports are on the worker: the folder for the reports is not shared with it"
            row = replace(row, folder=None, hint=row.hint or hint)
        yield row


def _tell(done: Fleet, screen: Console) -> None:
    """Print what the fleet came to, then write it down: what goes wrong with one leaves the other."""
    try:
        _print_table(done, screen)
    finally:
        _write(done)


def _write(done: Fleet) -> None:
    from conformance.fleet import combined, summary
    from conformance.report import writing

    writing.write(done.folder / "fleet.json", summary.render(done))
    writing.write(done.folder / "fleet.md", summary.markdown(done))
    combined.write(done, done.folder / "junit.xml")


def _print_row(row: Row, number: int, total: int, console: Console) -> None:
    from conformance.report.text import count, duration

    sent = "" if row.requests is None else f"{count(row.requests, 'request')} in "
    facts = f"{row.contract}, {sent}{duration(row.seconds)}"
    _say(console, f"[{number}/{total}] ", (row.verdict, _STYLES[row.exit_code]), f"  {row.name}  ({facts})")
    if row.exit_code:
        _say(console, f"    {row.reason}")
    if row.hint:
        _say(console, f"    {row.hint}")


def _print_table(done: Fleet, console: Console) -> None:
    """All deployments, the gravest first; of a long fleet only those that are not simply conformant."""
    from conformance.fleet.summary import broken, tally
    from conformance.report.text import duration

    shown = [row for row in done.by_gravity if row.exit_code or len(done.rows) <= LONGEST_TABLE]
    widths = [
        max((len(text) for text in column), default=0) for column in zip(*map(_cells, shown), strict=True)
    ]
    _say(console, "")
    for row in shown:
        verdict, name, contract = (text.ljust(width) for text, width in zip(_cells(row), widths, strict=True))
        what = ", ".join(broken(row)) or (row.reason if row.exit_code else "")
        _say(console, (verdict, _STYLES[row.exit_code]), f"  {name}  {contract}  {what}".rstrip())
    _say(console, "" if shown else "every deployment is conformant")
    _say(console, f"{tally(done)}  ({len(done.rows)} in {duration(done.ended - done.started)})")
    _say(console, f"report: {done.folder / 'fleet.md'}")


def _cells(row: Row) -> tuple[str, str, str]:
    return row.verdict, row.name, row.contract


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    """Print one line in characters that the console has; nothing in it steers the terminal."""
    from rich.text import Text

    from conformance.report.text import visible

    pairs = ((one, "") if isinstance(one, str) else one for one in parts)
    encoding = console.encoding
    fit = [
        (visible(text).encode(encoding, "backslashreplace").decode(encoding), style) for text, style in pairs
    ]
    console.print(Text.assemble(*fit), soft_wrap=True)
