"""`status-conformance doctor`: what is in the way of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import run as running
from conformance.registry import find

if TYPE_CHECKING:
    from conformance.doctor.line import Report

NOT_HERE = frozenset({"plan", "all", "config", "jobs", "cluster", "task_timeout"})


def _doctor(ctx: click.Context, /, contract: str, base_url: str, **given: Any) -> None:
    """Look at what is in the way of a run of CONTRACT against BASE_URL.

    It sends at most ten requests, never writes, and takes the options of run, so that one word has to be
    changed. Exit codes: 0 no problem, 1 a problem, 2 usage error, 4 unreachable.
    """
    from conformance.doctor.examination import examine

    as_json = given.pop("json")
    report = examine(find(contract), running.plan_of(contract, base_url, given))
    for text in [_json(report)] if as_json else _text(report):
        click.echo(text)
    ctx.exit(report.exit_code)


def _params() -> list[click.Parameter]:
    """The arguments and options of run, without those of a fleet."""
    arguments: list[click.Parameter] = [click.Argument(["contract"]), click.Argument(["base_url"])]
    options = [
        one for one in running.run.params if isinstance(one, click.Option) and one.name not in NOT_HERE
    ]
    as_json = click.Option(["--json"], is_flag=True, help="Print JSON, for programs.")
    return [*arguments, *options, as_json]


doctor = click.Command(
    "doctor",
    context_settings={"max_content_width": 100},
    callback=click.pass_context(_doctor),
    params=_params(),
    help=_doctor.__doc__,
)


def _text(report: Report) -> Iterator[str]:
    from conformance.doctor.line import State
    from conformance.doctor.text import tell, wrapped
    from conformance.report.text import count, visible

    yield from wrapped(f"{report.contract} at {visible(report.base_url)}", "  ")
    for line in report.lines:
        yield from tell(line)
    problems = count(report.count(State.PROBLEM), "problem")
    yield f"{problems}, {report.count(State.UNKNOWN)} unknown, {count(report.requests, 'request')}"


def _json(report: Report) -> str:
    from conformance.report.text import well_formed

    document = {
        "contract": report.contract,
        "base_url": report.base_url,
        "exit_code": report.exit_code,
        "requests": report.requests,
        "lines": [asdict(one) for one in report.lines],
    }
    return well_formed(json.dumps(document, indent=2, ensure_ascii=False))
