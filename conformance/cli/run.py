"""`status-conformance run`: judge one deployment."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.catalogue import Level
from conformance.cli import fleet, options
from conformance.cli.judging import judge
from conformance.contract import Contract, Effort, Settings
from conformance.efforts import most_requests, most_seconds
from conformance.errors import UsageProblem
from conformance.registry import find
from conformance.target import Target, parse

if TYPE_CHECKING:
    from conformance.expectations import Expected
    from conformance.runner import Plan

LEVELS = {"must": Level.MUST, "should": Level.SHOULD}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, read from the command line."""

    contract: Contract
    target: Target
    settings: Settings
    given: dict[str, Any] = field(repr=False)


@click.command(context_settings={"max_content_width": 100})
@click.argument("contract", required=False)
@click.argument("base_url", required=False)
@options.contract_inputs
@click.option("--read-only", is_flag=True, help="Never write; the verdict speaks of reading only.")
@click.option("--only", multiple=True, metavar="ID", help="Report only this requirement (repeatable).")
@click.option("--level", type=click.Choice(list(LEVELS)), help="Report only this level and what binds more.")
@click.option("--output", type=click.Path(path_type=Path), help="The folder for the reports.")
@options.overwrite
@click.option("--header", multiple=True, metavar="NAME=SECRET", help="A header for every request.")
@click.option("--jsonld-context", multiple=True, metavar="URL=FILE", help="A JSON-LD context, from a file.")
@click.option(
    "--consistency-window",
    type=options.Seconds(0, 600),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a write may take to show.",
)
@click.option(
    "--watch",
    type=options.Seconds(0, 600),
    metavar="SECONDS",
    help="Look last at least this long after the first answer.  [default: 5, quick 0, deep 30]",
)
@click.option(
    "--clock-tolerance",
    type=options.Seconds(0),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How far the deployment's clock may be off.",
)
@click.option(
    "--timeout",
    type=options.Seconds(0.01, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an answer may take.",
)
@click.option("--rate", metavar="N/s", help="Send at most this many requests a second.")
@click.option(
    "--effort",
    type=click.Choice([one.value for one in Effort]),
    default="standard",
    show_default=True,
    help="How much to send: some 40, 120 or 1,000 requests.",
)
@click.option(
    "--fuzz", type=click.IntRange(0), metavar="N", help="Send exactly N generated requests instead."
)
@click.option(
    "--robustness", is_flag=True, help="Also send what nobody should; gives remarks, never a verdict."
)
@click.option(
    "--max-requests",
    type=click.IntRange(1),
    metavar="N",
    help="Send at most this many requests.  [default: 1000, with --effort deep 2500]",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Independent requests in flight together.",
)
@click.option(
    "--deadline",
    type=options.Seconds(0.1, 604_800),
    metavar="SECONDS",
    help="End the run after this time.  [default: 120, with --effort deep 600]",
)
@options.route
@click.option(
    "--certificate", is_flag=True, help="Run as a certificate demands: watch for 30 s, and loosen nothing."
)
@click.option(
    "--expected-failures",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Known breaches (TOML): 0 when there are only those, 1 when one is new, gone or expired.",
)
@click.option("--nonce", metavar="TEXT", help="Derive fresh ids from this, to repeat a run exactly.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, metavar="N", help="Draw generated values from this."
)
@click.option("--plan", is_flag=True, help="Print what would be sent, and send nothing.")
@fleet.options
@click.pass_context
def run(ctx: click.Context, /, contract: str | None, base_url: str | None, **given: Any) -> None:
    """Run the checks of CONTRACT against the deployment at BASE_URL, or with --all those of a configuration.

    CONTRACT is one of open-attestation, dcp, tydids. A SECRET is a literal, env:NAME or file:PATH.

    \b
    status-conformance run open-attestation https://staging.example/status --api-key env:API_KEY
    status-conformance run dcp https://issuer.example --token env:TOKEN --request issued=ID
    status-conformance run tydids https://api.example/v2.0 --granted 0x… --revoked 0x…
    """
    if given["all"]:
        if given["expected_failures"]:
            raise UsageProblem("--expected-failures goes with a run of one deployment, not with --all")
        ctx.exit(fleet.judge_all(ctx, plan_of))
    begun = time.monotonic()
    fleet.insist_on_one(ctx, contract, base_url)
    asked = _read(find(str(contract)), str(base_url), given)
    expected = _expected(asked)
    if given["plan"]:
        return _print_plan(asked)
    plan = replace(_plan(asked), begun=begun)
    _tell_what_is_missing(asked.contract, plan)
    ctx.exit(judge(asked.contract, plan, given["output"], overwrite=given["overwrite"], expected=expected))
    return None


def _expected(asked: Asked) -> tuple[Expected, ...] | None:
    """The breaches that are known; None where nobody said so."""
    from conformance.expectations import load

    path: Path | None = asked.given["expected_failures"]
    return load(path, asked.contract) if path else None


def plan_of(contract: str, base_url: str, given: dict[str, Any]) -> Plan:
    """The plan that a command's parameters come to."""
    return _plan(_read(find(contract), base_url, given))


def _tell_what_is_missing(contract: Contract, plan: Plan) -> None:
    """Print what a run will lack before it sends anything."""
    from conformance.doctor.examination import beforehand
    from conformance.doctor.line import State
    from conformance.doctor.text import tell

    for line in beforehand(contract, plan):
        if line.state is State.PROBLEM:
            for text in tell(line, "note"):
                click.echo(text)


def _read(contract: Contract, base_url: str, given: dict[str, Any]) -> Asked:
    inputs = options.inputs_of(contract, {name: given[name] for name in options.parameters()})
    settings = Settings(
        inputs=inputs,
        read_only=given["read_only"],
        consistency_window=given["consistency_window"],
        clock_tolerance=given["clock_tolerance"],
        jsonld_contexts=options.contexts_of(given["jsonld_context"]),
        nonce=given["nonce"] or secrets.token_hex(8),
        seed=given["seed"],
        effort=Effort(given["effort"]),
        fuzz=given["fuzz"],
        robustness=given["robustness"],
        watch=_watch(given),
    )
    return Asked(contract, parse(base_url, contract, options.headers_of(given["header"])), settings, given)


def _watch(given: dict[str, Any]) -> float | None:
    """Seconds to watch; None for what the effort says."""
    if given["watch"] is not None or not given["certificate"]:
        watch: float | None = given["watch"]
        return watch
    from conformance.certification.eligibility import LEAST_WATCH

    return LEAST_WATCH


def _plan(asked: Asked) -> Plan:
    from conformance.runner import Plan
    from conformance.session import Narrowing
    from conformance.wire.limits import Limits

    given = asked.given
    only = tuple(name.strip() for text in given["only"] for name in text.split(",") if name.strip())
    limits = Limits(
        timeout=given["timeout"],
        max_requests=given["max_requests"] or most_requests(asked.settings),
        rate=options.rate_of(given["rate"]),
        deadline=given["deadline"] or most_seconds(asked.settings),
        concurrency=given["concurrency"],
    )
    level = LEVELS.get(given["level"] or "")
    plan = Plan(asked.target, asked.settings, Narrowing(only, level), limits, route=options.route_of(given))
    if given["certificate"]:
        _insist_on_strictness(asked.contract, plan)
    return plan


def _insist_on_strictness(contract: Contract, plan: Plan) -> None:
    """Refuse options with which a run gets no certificate."""
    from conformance.certification.eligibility import hindrances
    from conformance.provenance import settings_of
    from conformance.runner import way_of
    from conformance.session import scope_of

    settings = settings_of(contract, plan.settings, plan.limits, way=way_of(plan))
    found = hindrances(scope_of(contract, plan.settings, plan.narrowing), settings)
    if found:
        raise UsageProblem(f"with --certificate, {found[0]}", hint="leave out that option, or --certificate")


def _print_plan(asked: Asked) -> None:
    from conformance.rehearsal import rehearse
    from conformance.report.plan import lines

    done = rehearse(asked.contract, _plan(asked))
    if not done.exchanges:
        raise UsageProblem(
            "nothing would be sent: every check in scope lacks something", hint="; ".join(done.hints)
        )
    for line in lines(done.exchanges):
        click.echo(line)
