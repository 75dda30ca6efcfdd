"""`status-conformance requirements` and `explain`: what is demanded, and how it is assessed."""

from __future__ import annotations

import textwrap

import click

from conformance.catalogue import Catalogue, Requirement
from conformance.errors import UsageProblem
from conformance.proven import proofs
from conformance.registry import contracts, find


@click.command()
@click.argument("contract", required=False)
def requirements(contract: str | None) -> None:
    """List the requirements of CONTRACT, or of all contracts."""
    chosen = (find(contract),) if contract else contracts()
    for number, one in enumerate(chosen):
        click.echo(("\n" if number else "") + f"{one.title} ({one.name})\n")
        for requirement in one.catalogue.requirements:
            aside = "  (not assessed)" if requirement.not_assessed else ""
            click.echo(f"  {requirement.id:<8} {requirement.level:<6}  {requirement.title}{aside}")


@click.command()
@click.argument("requirement", metavar="ID")
def explain(requirement: str) -> None:
    """Explain the requirement ID: its source, where the suite is lenient, how it is assessed."""
    catalogue, found = _find(requirement)
    for line in explanation(catalogue, found):
        click.echo(line)


def _find(wanted: str) -> tuple[Catalogue, Requirement]:
    for contract in contracts():
        for one in contract.catalogue.requirements:
            if one.id.lower() == wanted.lower():
                return contract.catalogue, one
    raise UsageProblem(
        f"there is no requirement {wanted}", hint="`status-conformance requirements` lists them"
    )


def explanation(catalogue: Catalogue, one: Requirement) -> list[str]:
    """The entry as lines of at most 80 characters."""
    lines = [f"{one.id} ({one.level}) {one.title}", ""]
    lines += _paragraph("", one.statement)
    source = f"{one.source.document}, “{one.source.section}”: “{one.source.quote}”"
    lines += ["", *_paragraph("Source", source), *_paragraph("Document", catalogue.url)]
    lines += _paragraph("Assessed", (one.not_assessed and f"not: {one.not_assessed}") or one.assessment)
    if one.leniency:
        readings = " (two readings, both accepted)" if one.leniency.two_readings else ""
        lines += _paragraph("Lenient", f"{one.leniency.text}{readings} Because: {one.leniency.reason}")
    needs = ", ".join(f"--{name}" for name in one.needs) or "nothing"
    lines += _paragraph("Needs", needs) + _paragraph("Writes", "yes" if one.writes else "no")
    return lines + _paragraph("Proven by", ", ".join(proofs().get(one.id, ())))


def _paragraph(label: str, text: str) -> list[str]:
    first = f"  {label:<10}" if label else "  "
    return textwrap.wrap(
        text, 80, initial_indent=first, subsequent_indent=" " * len(first), break_long_words=False
    )
