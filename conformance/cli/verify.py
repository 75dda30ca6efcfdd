"""`status-conformance verify`: what a bundle proves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.errors import UsageProblem

if TYPE_CHECKING:
    from conformance.certification.verification import Verification

WORDS = {0: "verified", 1: "refused", 3: "undecided"}


@click.command(context_settings={"max_content_width": 100})
@click.argument(
    "bundles", metavar="BUNDLE [BUNDLE]", type=click.Path(path_type=Path), nargs=-1, required=True
)
@click.option(
    "--key", type=click.Path(path_type=Path), multiple=True, help="A signer's public key (repeatable)."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def verify(ctx: click.Context, bundles: tuple[Path, ...], key: tuple[Path, ...], as_json: bool) -> None:
    """Verify BUNDLE without any network: its signature, its files, and the run in it, judged and sent again in memory.

    Two bundles of different signers that name the same digest and have the same outcomes are a reproduction. Every key
    that signed has to be given. Exit codes: 0 verified, 1 refused, 2 not a bundle or a usage error, 3 undecided, as
    without a key.
    """
    from conformance.certification import verification
    from conformance.certification.keys import read_public

    if len(bundles) > 2:
        raise UsageProblem("verify takes one bundle, or two that are compared")
    keys = [read_public(one) for one in key]
    found = [verification.verify(one, keys) for one in bundles]
    unlike = list(verification.disagreements(*found)) if len(found) == 2 else []
    code = max((one.exit_code for one in found), key=(0, 3, 1).index)
    code = 1 if unlike else code
    if as_json:
        click.echo(json.dumps(_json(bundles, found, unlike, code), indent=1))
    else:
        for path, one in zip(bundles, found, strict=True):
            _tell(path, one)
        _tell_together(found, unlike, code)
    ctx.exit(code)


def _tell(path: Path, found: Verification) -> None:
    """Print what came of a bundle; a stranger wrote some of the words."""
    from conformance.certification.verification import NOT_PROVEN

    click.echo(_line(f"{path}: {WORDS[found.exit_code]}{_about(found)}"))
    for one in found.checks:
        click.echo(_line(f"  {one.state:11}  {one.name}: {one.text}"))
    if found.exit_code != 1:
        click.echo("proven:")
        for text in found.proven:
            click.echo(f"  {text}")
        click.echo("not proven:")
        for text in NOT_PROVEN:
            click.echo(f"  {text}")
        click.echo(f"evidence: {found.evidence}")


def _line(text: str) -> str:
    """`text` on one line, and without what steers a terminal."""
    from conformance.report.text import visible

    return visible(text).replace("\n", " ")


def _about(found: Verification) -> str:
    """What the statement says, for a bundle that is not refused."""
    from conformance.certification.statement import OWN

    if found.exit_code == 1 or not found.said:
        return ""
    own = found.said["predicate"][OWN]
    lacks = f" ({'; '.join(own['limitations'])})" if own["limitations"] else ""
    what = f"{own['vendor']} {own['product']} {own['productVersion']}"
    return f", a {own['kind']}: {what} is {own['verdict']} with {own['contract']}{lacks}"


def _tell_together(found: list[Verification], unlike: list[str], code: int) -> None:
    if len(found) < 2:
        return
    for text in unlike:
        click.echo(_line(f"not reproduced: {text}"))
    if not unlike and code == 0:
        click.echo("evidence together: reproduced")


def _json(
    bundles: tuple[Path, ...], found: list[Verification], unlike: list[str], code: int
) -> dict[str, Any]:
    from conformance.certification.verification import NOT_PROVEN, Evidence

    together = Evidence.REPRODUCED if len(found) == 2 and not unlike and code == 0 else None
    return {
        "format": "status-conformance/verification",
        "version": 1,
        "result": WORDS[code],
        "exit_code": code,
        "together": together,
        "disagreements": unlike,
        "bundles": [
            {
                "file": str(path),
                "result": WORDS[one.exit_code],
                "evidence": one.evidence,
                "signers": list(one.signers),
                "checks": [{"name": x.name, "state": x.state.value, "text": x.text} for x in one.checks],
                "proven": list(one.proven) if one.exit_code != 1 else [],
                "not_proven": list(NOT_PROVEN),
                "statement": dict(one.said) if one.said else None,
            }
            for path, one in zip(bundles, found, strict=True)
        ],
    }
