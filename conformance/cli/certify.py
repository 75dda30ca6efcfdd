"""`status-conformance certify`: a run in a signed bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.errors import UsageProblem

if TYPE_CHECKING:
    from conformance.certification.keys import Private

NEEDED = ("vendor", "product", "product_version")


@click.command(context_settings={"max_content_width": 100})
@click.argument("folder", metavar="[RUN_DIR]", type=click.Path(path_type=Path), required=False)
@click.option("--vendor", help="Who makes the product.")
@click.option("--product", help="What was tested.")
@click.option("--product-version", metavar="TEXT", help="The version of it that was deployed.")
@click.option(
    "--subject", metavar="sha256:…", default="", help="The digest of the release or image that was deployed."
)
@click.option(
    "--key", type=click.Path(path_type=Path), required=True, help="The key that signs; keygen makes one."
)
@click.option("--key-password", metavar="SECRET", help="The password that opens the key.")
@click.option(
    "--output", metavar="X.zip", type=click.Path(path_type=Path), help="The bundle.  [default: RUN_DIR.zip]"
)
@click.option("--overwrite", is_flag=True, help="Replace the bundle that is there already.")
@click.option(
    "--statement",
    is_flag=True,
    help="State what the run came to, whatever that is; it is no certificate then.",
)
@click.option(
    "--secret",
    multiple=True,
    metavar="SECRET",
    help="Look for this in the results, in any spelling (repeatable).",
)
@click.option(
    "--countersign", metavar="BUNDLE", type=click.Path(path_type=Path), help="Witness a bundle: sign it, too."
)
@click.pass_context
def certify(ctx: click.Context, /, folder: Path | None, **given: Any) -> None:
    """Put the run in RUN_DIR into a signed bundle that others verify; or countersign one.

    \b
    status-conformance run tydids https://api.example/v2.0 … --certificate --output run
    status-conformance certify run --vendor Acme --product Registry --product-version 2.1 --key acme.key

    The run has to be conformant, of the whole contract, with nothing loosened, and to have watched for 30 s; the suite has
    to be the one that made it. Exit codes: 0 done, 1 the run gets no certificate, 2 usage error. A SECRET is a literal,
    env:NAME or file:PATH.
    """
    from conformance.certification import bundle, issuing
    from conformance.certification.statement import Product

    if (folder is None) is (given["countersign"] is None):
        raise UsageProblem("give RUN_DIR, or --countersign BUNDLE")
    key, output = _key(given), _output(folder, given)
    bundle.insist_on_room(output, overwrite=given["overwrite"] or output == given["countersign"])
    try:
        if folder is None:
            data = issuing.countersign(given["countersign"], key)
        else:
            vendor, name, version = (_needed(given, one) for one in NEEDED)
            product = Product(vendor, name, version, given["subject"])
            data = issuing.certify(
                folder, product, key, statement_only=given["statement"], known=_secrets(given)
            )
    except issuing.Refused as refused:
        _tell(refused.reasons, refused.hint)
        ctx.exit(1)
    bundle.write(output, data)
    click.echo(f"bundle: {output}")
    click.echo(f"verify it with: status-conformance verify {output} --key {given['key']}.pub")


def _key(given: dict[str, Any]) -> Private:
    from conformance.certification import keys
    from conformance.wire.redaction import resolve

    password = given["key_password"]
    return keys.read_private(given["key"], "" if password is None else resolve(password, "--key-password"))


def _output(folder: Path | None, given: dict[str, Any]) -> Path:
    """Where the bundle goes: beside the run, or in the place of the one that is countersigned."""
    named: Path | None = given["output"]
    if named is not None:
        return named
    if folder is None:
        witnessed: Path = given["countersign"]
        return witnessed
    place = folder.resolve()
    return place.with_name(f"{place.name or 'run'}.zip")


def _needed(given: dict[str, Any], name: str) -> str:
    value: str | None = given[name]
    if value is None:
        raise UsageProblem(
            f"--{name.replace('_', '-')} is missing", hint="a certificate says whose product it is about"
        )
    return value


def _secrets(given: dict[str, Any]) -> list[str]:
    from conformance.wire.redaction import resolve

    return [resolve(one, "--secret") for one in given["secret"]]


def _tell(reasons: tuple[str, ...], hint: str) -> None:
    from conformance.report.text import visible

    click.echo("status-conformance: no certificate", err=True)
    for reason in reasons:
        click.echo(visible(f"  {reason}"), err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
