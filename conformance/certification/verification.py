"""Verifies bundles: who signed, that nothing was changed, and that the run is one of this suite, judged rightly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.certification import bundle, envelope
from conformance.certification.bundle import ATTESTATION, RESULTS, Altered, NoBundle
from conformance.certification.envelope import Envelope
from conformance.certification.examination import Check, State, examine
from conformance.certification.keys import Public, key_id
from conformance.certification.statement import OWN, canonical, digests, product_of, statement
from conformance.errors import UsageProblem
from conformance.outcome import Run
from conformance.rejudging import read as read_run
from conformance.report import writing
from conformance.wire import strict

PROVEN = {
    "signature": "whoever holds the named key signed exactly this",
    "integrity": "nothing in the bundle was changed since, and its reports are those of its results",
    "outcomes": "the recorded answers lead to these outcomes, judged again here",
    "requests": "the recorded requests are those that this suite sends, in an order and at times that it can",
}
NOT_PROVEN = (
    "that the answers came from the named deployment: whoever signed could have answered instead of it",
    "that the product, its version and the digest are what was deployed: the vendor says so",
    "who held the key: compare it with one that you have from its owner",
)


class Evidence(StrEnum):
    """Classes of evidence, by name."""

    NONE = "none"
    SELF_ATTESTED = "self-attested"
    WITNESSED = "witnessed"
    REPRODUCED = "reproduced"


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a bundle came to; `said` is the statement, as far as there is one."""

    checks: tuple[Check, ...]
    signers: tuple[str, ...] = ()
    said: Mapping[str, Any] | None = None
    run: Run | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is refused."""
        return tuple(f"{one.name}: {one.text}" for one in self.checks if one.state is State.REFUSED)

    @property
    def open(self) -> tuple[str, ...]:
        """What could not be checked."""
        return tuple(f"{one.name}: {one.text}" for one in self.checks if one.state is State.OPEN)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 refused, 3 undecided."""
        return 1 if self.reasons else 3 if self.open else 0

    @property
    def evidence(self) -> str:
        """The class of evidence that the bundle is by itself."""
        if self.reasons or not self.signers:
            return Evidence.NONE
        return Evidence.WITNESSED if len(self.signers) > 1 else Evidence.SELF_ATTESTED

    @property
    def proven(self) -> tuple[str, ...]:
        """What is proven, in words."""
        names = {one.name for one in self.checks if one.state is State.HOLDS}
        lost = {one.name for one in self.checks if one.state is State.REFUSED}
        return tuple(text for name, text in PROVEN.items() if name in names and not lost)


def verify(path: Path, keys: Sequence[Public] = ()) -> Verification:
    """Verify the bundle at `path`; every signature has to be by one of `keys`. Raises NoBundle for another file."""
    try:
        files = bundle.read(path)
        signed = envelope.read(files[ATTESTATION])
    except Altered as problem:
        return Verification((_refused(problem.message),))
    except NoBundle:
        raise
    except UsageProblem as problem:
        return Verification((Check("signature", State.REFUSED, problem.message),))
    signature, signers = _signatures(signed, keys)
    said = strict.parse(signed.payload).members or {}
    altered = [] if signature.state is State.REFUSED else list(_altered(files, said))
    if signature.state is State.REFUSED or altered:
        checks = (signature, *map(_refused, altered[:1]))
        return Verification(checks, signers, said)
    return _verified(files, signed, said, Verification((signature,), signers, said))


def _refused(text: str) -> Check:
    return Check("integrity", State.REFUSED, text)


def _altered(files: Mapping[str, bytes], said: Mapping[str, Any]) -> Iterator[str]:
    """Files with another digest than the statement says."""
    try:
        told = dict(said["predicate"][OWN]["files"])
    except (KeyError, TypeError, ValueError):
        yield "the statement does not say which files belong to it"
        return
    there = digests({name: data for name, data in files.items() if name != ATTESTATION})
    for name in sorted({*there, *map(str, told)}):
        if there.get(name) != told.get(name):
            yield f"{ascii(name)[1:60]} was changed, added or taken away since it was signed"


def _verified(
    files: Mapping[str, bytes], signed: Envelope, said: Mapping[str, Any], so_far: Verification
) -> Verification:
    """What the contents of a bundle come to, whose signature and digests are looked at."""
    try:
        run = read_run(files[RESULTS].decode("ascii"), RESULTS)
    except UnicodeDecodeError:
        return replace(so_far, checks=(*so_far.checks, _refused("results.json is not ASCII")))
    except UsageProblem as problem:
        return replace(so_far, checks=(*so_far.checks, _refused(problem.message)))
    return replace(so_far, checks=(*so_far.checks, *_contents(run, files, signed, said)), run=run)


def _signatures(signed: Envelope, keys: Sequence[Public]) -> tuple[Check, tuple[str, ...]]:
    """Whether all signatures are by known keys, and which those are."""
    names = [one.key_id for one in signed.signatures]
    if len(set(names)) < len(names):
        return Check("signature", State.REFUSED, "a key has signed twice"), ()
    if not keys:
        shown = ", ".join(ascii(name)[1:17] for name in names)
        return Check("signature", State.OPEN, f"no key was given to verify it with (it names {shown}…)"), ()
    for one in signed.signatures:
        key = next((key for key in keys if key_id(key) == one.key_id), None)
        if key is None:
            text = f"it is signed by another key than the given one: {ascii(one.key_id)[1:17]}…"
            return Check("signature", State.REFUSED, text), ()
        if not signed.holds(one, key):
            return Check(
                "signature", State.REFUSED, f"the signature of {one.key_id[:16]}… is not of this statement"
            ), ()
    return Check(
        "signature", State.HOLDS, f"signed by {' and '.join(f'{name[:16]}…' for name in names)}"
    ), tuple(names)


def _contents(
    run: Run, files: Mapping[str, bytes], signed: Envelope, said: Mapping[str, Any]
) -> Iterator[Check]:
    """Look at the contents, what is quick first: what contradicts itself is not judged."""
    reasons = list(_differences(run, files, signed, said))
    if reasons:
        yield _refused("; ".join(reasons[:5]))
        return
    found = tuple(examine(run, files[RESULTS]))
    yield from found
    if any(one.state is not State.HOLDS for one in found):
        return
    made = reports(run)
    wrong = [
        name for name in sorted({*made, *files} - {RESULTS, ATTESTATION}) if made.get(name) != files.get(name)
    ]
    text = "nothing was changed since it was signed; the statement and the reports are those of the results"
    yield (
        _refused(f"{wrong[0]} is not what follows from results.json")
        if wrong
        else Check("integrity", State.HOLDS, text)
    )


def _differences(
    run: Run, files: Mapping[str, bytes], signed: Envelope, said: Mapping[str, Any]
) -> Iterator[str]:
    """Where the statement is not that of its files."""
    try:
        expected = statement(
            run, product_of(said), {name: data for name, data in files.items() if name != ATTESTATION}
        )
    except UsageProblem as problem:
        yield problem.message
        return
    yield from _unlike(expected, said, "")
    if canonical(expected) != signed.payload:
        yield "the statement is not written as this suite writes it"


def _unlike(expected: Any, said: Any, where: str) -> Iterator[str]:
    """The members that differ, named by their path."""
    if isinstance(expected, dict) and isinstance(said, dict):
        for name in sorted({*expected, *map(str, said)}):
            yield from _unlike(
                expected.get(name), said.get(name), f"{where}/{name if name != OWN else 'certificate'}"
            )
    elif expected != said or type(expected) is not type(said):
        yield f"the statement's {ascii(where)[1:80]} is not what follows from the files"


def reports(run: Run) -> dict[str, bytes]:
    """The reports that belong into a bundle, made of its results."""
    made = {name: render(run) for name, render in writing.FILES.items() if name != RESULTS}
    return {name: data if isinstance(data, bytes) else b"".join(data) for name, data in made.items()}


def disagreements(first: Verification, second: Verification) -> Iterable[str]:
    """Why two bundles are no reproduction of each other; nothing when they are."""
    if first.run is None or second.run is None or not first.said or not second.said:
        yield "one of them cannot be read"
        return
    subjects = [one["subject"][0]["digest"]["sha256"] for one in (first.said, second.said)]
    if any(one["predicate"][OWN]["subject"] == RESULTS for one in (first.said, second.said)):
        yield "not both name the digest of what was deployed (certify --subject)"
    elif subjects[0] != subjects[1]:
        yield "they are about different digests"
    if first.signers and set(first.signers) & set(second.signers):
        yield "the same key signed both"
    if first.run.exchanges == second.run.exchanges:
        yield "they hold the same run"
    yield from _other_outcomes(first.run, second.run)


def _other_outcomes(first: Run, second: Run) -> Iterator[str]:
    if first.contract != second.contract:
        yield "they are about different contracts"
        return
    one, two = ({x.requirement.id: x.outcome for x in run.results} for run in (first, second))
    for name in sorted({*one, *two}):
        if one.get(name) is not two.get(name):
            yield f"{name} is {one.get(name) or 'not there'} in one, {two.get(name) or 'not there'} in the other"
