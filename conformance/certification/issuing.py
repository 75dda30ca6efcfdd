"""Makes bundles of runs, and adds a witness's signature to one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from conformance import files
from conformance.certification import bundle, envelope
from conformance.certification.bundle import ATTESTATION, RESULTS
from conformance.certification.eligibility import limitations
from conformance.certification.envelope import Envelope
from conformance.certification.examination import State, examine
from conformance.certification.keys import Private
from conformance.certification.statement import Product, canonical, statement
from conformance.certification.verification import reports, verify
from conformance.errors import UsageProblem
from conformance.outcome import Run
from conformance.rejudging import LARGEST, read


class Refused(UsageProblem):
    """A run that gets no certificate; `reasons` says why."""

    def __init__(self, reasons: Iterable[str], hint: str = "") -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"no certificate: {self.reasons[0]}", hint=hint)


def certify(
    folder: Path, product: Product, key: Private, *, statement_only: bool = False, known: Iterable[str] = ()
) -> bytes:
    """A signed bundle of the run in `folder`; raises Refused when the run does not deserve one.

    With `statement_only` it says what the run lacks instead; `known` are secrets that must not be in it.
    """
    product.check()
    data, run = _results(folder)
    lacks = limitations(run)
    if lacks and not statement_only:
        raise Refused(lacks, hint="--statement states what the run came to, without calling it a certificate")
    wrong = [f"{one.name}: {one.text}" for one in examine(run, data, known) if one.state is not State.HOLDS]
    if wrong:
        raise Refused(wrong)
    beside = {RESULTS: data, **reports(run)}
    signed = Envelope(canonical(statement(run, product, beside))).signed_by(key)
    return bundle.pack({**beside, ATTESTATION: signed.render()})


def _results(folder: Path) -> tuple[bytes, Run]:
    path = folder / RESULTS
    if not path.is_file():
        raise UsageProblem(
            f"{folder} holds no {RESULTS}", hint="give the folder that a run left its reports in"
        )
    text = files.text(path, limit=LARGEST)
    return text.encode(), read(text, str(path))


def countersign(path: Path, key: Private) -> bytes:
    """The bundle at `path` with a witness's signature; raises Refused when all but its signature does not hold."""
    found = verify(path)
    wrong = [
        one for one in (*found.reasons, *found.open) if not one.startswith("signature: no key was given")
    ]
    if wrong:
        raise Refused(wrong)
    held = bundle.read(path)
    signed = envelope.read(held[ATTESTATION]).signed_by(key)
    return bundle.pack({**held, ATTESTATION: signed.render()})
