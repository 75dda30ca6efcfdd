"""Hundreds of ways to alter a bundle: each is refused, with a reason; those too that are signed by the rightful key."""

from __future__ import annotations

import base64
import copy
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from conformance.certification import bundle, envelope
from conformance.certification.bundle import ATTESTATION, RESULTS, NoBundle
from conformance.certification.statement import OWN
from conformance.certification.verification import Verification, verify
from conformance.report import writing

from .certified import KEY, WITNESS, cheated, packed, said, signed, unpacked

PUBLIC = [KEY.public_key()]
Tampering = tuple[str, bytes]


@cache
def files() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        return unpacked(packed(), Path(folder))


def judged(data: bytes, folder: Path) -> Verification:
    path = folder / "bundle.zip"
    path.write_bytes(data)
    return verify(path, PUBLIC)


def insist_on_refusal(tamperings: Iterator[Tampering], folder: Path) -> int:
    """Verify each; how many there were. What was not refused is told by its name."""
    names, taken = [], []
    for name, data in tamperings:
        names.append(name)
        assert data != packed(), name
        code, reasons = outcome(data, folder)
        if code not in (1, 2) or not all(one.partition(": ")[2] for one in reasons):
            taken.append(name)
    assert taken == []
    return len(names)


def outcome(data: bytes, folder: Path) -> tuple[int, tuple[str, ...]]:
    """The exit code of verifying, and the reasons."""
    try:
        found = judged(data, folder)
    except NoBundle as problem:
        return 2, (f"bundle: {problem.message}",)
    return found.exit_code, found.reasons or ("",)


def test_the_bundle_itself_is_verified(tmp_path: Path) -> None:
    found = judged(packed(), tmp_path)
    assert (found.reasons, found.open, found.exit_code) == ((), (), 0)
    assert found.evidence == "self-attested"


# The zip


def _zipped(entries: list[tuple[str, bytes]], **changed: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", changed.pop("compression", zipfile.ZIP_STORED)) as archive:
        archive.comment = changed.pop("comment", b"")
        for name, data in entries:
            entry = zipfile.ZipInfo(name, changed.get("moment", bundle.MOMENT))
            entry.create_system, entry.external_attr = 3, changed.get("mode", 0o644) << 16
            entry.compress_type = archive.compression
            archive.writestr(entry, data)
    return made.getvalue()


def zips() -> Iterator[Tampering]:
    data, entries = packed(), sorted(files().items())
    for share in (0, 1, 20, 50, 90, 99):
        yield f"cut at {share} %", data[: len(data) * share // 100]
    for at in range(0, len(data), len(data) // 60):
        yield f"byte {at} flipped", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    for at in range(1, 60):
        yield (
            f"byte {at} from the end flipped",
            data[:-at] + bytes([data[-at] ^ 0x41]) + data[len(data) - at + 1 :],
        )
    yield "bytes in front", b"MZ" + data
    yield "bytes behind", data + b"\n"
    yield "reversed", _zipped(entries[::-1])
    yield "comment", _zipped(entries, comment=b"hello")
    yield "compressed", _zipped(entries, compression=zipfile.ZIP_DEFLATED)
    yield "other times", _zipped(entries, moment=(2026, 1, 1, 0, 0, 0))
    yield "a symbolic link", _zipped(entries, mode=0o120777)
    for name, _ in entries:
        yield f"{name} left out", _zipped([one for one in entries if one[0] != name])
        yield f"{name} emptied", _zipped([(one, b"" if one == name else content) for one, content in entries])
        yield f"{name} with a line more", _zipped([(o, c + b"\n" if o == name else c) for o, c in entries])
        yield f"{name} elsewhere", _zipped([(f"../{o}" if o == name else o, c) for o, c in entries])
        with pytest.warns(UserWarning, match="Duplicate name"):
            yield f"{name} twice", _zipped([*entries, (name, b"{}")])
    for name in (
        "../evil",
        "/etc/passwd",
        "a\\b",
        "evil.html",
        "RESULTS.JSON",
        "\N{ZERO WIDTH SPACE}results.json",
    ):
        yield f"{name} added", _zipped([*entries, (name, b"")])


# The envelope


def envelopes() -> Iterator[Tampering]:
    whole = files()
    data = json.loads(whole[ATTESTATION])

    def written(change: Callable[[Any], object]) -> bytes:
        changed = copy.deepcopy(data)
        change(changed)
        return bundle.pack({**whole, ATTESTATION: json.dumps(changed, indent=1).encode() + b"\n"})

    own = data["signatures"][0]
    yield "another type", written(lambda one: one.update(payloadType="application/json"))
    yield "no type", written(lambda one: one.pop("payloadType"))
    yield "no payload", written(lambda one: one.pop("payload"))
    yield "a payload that is no text", written(lambda one: one.update(payload=1))
    yield "no signature", written(lambda one: one.update(signatures=[]))
    yield "signatures that are none", written(lambda one: one.update(signatures={"a": 1}))
    yield "signed twice", written(lambda one: one["signatures"].append(own))
    yield (
        "a stranger's signature beside it",
        written(lambda one: one["signatures"].append({**own, "keyid": "00"})),
    )
    yield "another key's name", written(lambda one: one["signatures"][0].update(keyid="ab" * 32))
    yield "no key's name", written(lambda one: one["signatures"][0].update(keyid=""))
    yield "a member more", written(lambda one: one.update(more=1))
    yield "a member more in a signature", written(lambda one: one["signatures"][0].update(cert="x"))
    yield "not base64", written(lambda one: one["signatures"][0].update(sig="?"))
    yield "an empty signature", written(lambda one: one["signatures"][0].update(sig=""))
    yield (
        "the payload spelt otherwise",
        written(lambda one: one.update(payload=one["payload"].rstrip("=") + "\n")),
    )
    yield (
        "a doubled member",
        bundle.pack({**whole, ATTESTATION: whole[ATTESTATION].replace(b"{", b'{"payload":"",', 1)}),
    )
    yield "written tightly", bundle.pack({**whole, ATTESTATION: json.dumps(data).encode()})
    sig = base64.b64decode(own["sig"])
    for at in range(0, len(sig), 4):
        other = base64.b64encode(sig[:at] + bytes([sig[at] ^ 4]) + sig[at + 1 :]).decode()
        yield (
            f"byte {at} of the signature",
            written(lambda one, other=other: one["signatures"][0].update(sig=other)),
        )


# Every member


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to everything in JSON that is no object and no list with something in it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path_ for name, one in pairs for path_ in leaves(one, (*path, name))]
    yield from found or [path]


def kinds(value: Any) -> list[tuple[Any, ...]]:
    """A path of every kind: those that differ in their indexes only are of one, and its middle one is taken."""
    found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for path in leaves(value):
        found.setdefault(tuple("*" if isinstance(one, int) else one for one in path), []).append(path)
    return [paths[len(paths) // 2] for paths in found.values()]


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        swapped = value[:-1] + ("1" if value[-1:] != "1" else "2")
        return {"sha256:": "sha256:00"}.get(value, swapped)
    return [value] if value is None else ["more"]


def changed(data: Any, path: tuple[Any, ...], *, remove: bool = False) -> Any:
    """JSON with one value changed, or gone."""
    found = copy.deepcopy(data)
    place = found
    for one in path[:-1]:
        place = place[one]
    if remove:
        place.pop(path[-1])
    else:
        place[path[-1]] = other(place[path[-1]])
    return found


def members() -> Iterator[Tampering]:
    """Results and statements with one member changed, signed by nobody, by a stranger, and by the rightful key."""
    whole, statement = files(), said(files())
    data = json.loads(whole[RESULTS])
    for path in kinds(data):
        for remove in (False, True):
            text = json.dumps(changed(data, path, remove=remove), indent=1).encode() + b"\n"
            yield f"results {path} {remove}", bundle.pack({**whole, RESULTS: text})
    for path in kinds(statement):
        for remove in (False, True):
            payload = changed(statement, path, remove=remove)
            yield f"statement {path} {remove}, by a stranger", signed(payload, whole, WITNESS)
            if path[-1] not in ("vendor", "product", "productVersion", "sha256") or remove:
                yield f"statement {path} {remove}, by the vendor", signed(payload, whole)


def test_no_zip_is_taken_but_the_one_that_was_made(tmp_path: Path) -> None:
    assert insist_on_refusal(zips(), tmp_path) > 120


def test_no_envelope_is_taken_but_the_one_that_was_signed(tmp_path: Path) -> None:
    assert insist_on_refusal(envelopes(), tmp_path) > 30


def test_no_member_can_be_changed(tmp_path: Path) -> None:
    assert insist_on_refusal(members(), tmp_path) > 200


# What the rightful key signs, too


EVERY = 13
"""Every how manieth exchange is altered."""


@cache
def results_of() -> dict[str, Any]:
    """A results.json with fewer exchanges, whose bundle is a statement."""
    with TemporaryDirectory() as folder:
        found: dict[str, Any] = json.loads(unpacked(packed(quick=True), Path(folder))[RESULTS])
    return found


def _moved(one: dict[str, Any], seconds: float) -> None:
    one["started"] += seconds
    one["ended"] += seconds


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "number": lambda one: one.update(number=one["number"] + 1),
    "sent earlier": lambda one: _moved(one, -5.0),
    "sent later": lambda one: _moved(one, 20.0),
    "ended before it began": lambda one: one.update(ended=one["started"] - 0.001),
    "took longer": lambda one: one.update(ended=one["ended"] + 400.0),
    "intent": lambda one: one["intent"].update(
        sample="granted" if one["intent"]["sample"] != "granted" else "revoked"
    ),
    "intent more": lambda one: one["intent"].update(more="x"),
    "address": lambda one: one["request"].update(url=one["request"]["url"] + "0"),
    "method": lambda one: one["request"].update(method="HEAD"),
    "body": lambda one: one["request"].update(body={"text": "{}"}),
    "header": lambda one: one["request"]["headers"].append(["X-More", "1"]),
    "header's value": lambda one: one["request"]["headers"][-1].__setitem__(1, "other"),
    "check": lambda one: one.update(check=one["check"] + "x"),
    "requirements": lambda one: one.update(
        requirements=["TY-C1"] if one["requirements"] != ["TY-C1"] else []
    ),
    "writes": lambda one: one.update(writes=True),
    "repeated": lambda one: one.update(superseded=True),
    "redirected": lambda one: one.update(superseded=True, redirected=True),
    "part": lambda one: one.update(part="robustness"),
    "no answer": lambda one: one.update(response=None, failure="the connection broke (ReadError)"),
    "crash": lambda one: one["response"].update(status=500, body={"text": "oops"}),
}


def _numbered(data: dict[str, Any]) -> dict[str, Any]:
    for number, one in enumerate(data["exchanges"], 1):
        one["number"] = number
    return data


def exchanges() -> Iterator[Tampering]:
    """Runs with altered exchanges, in bundles whose signature and digests are right."""
    for at in range(0, len(results_of()["exchanges"]), EVERY):
        for name, change in CHANGES.items():
            data = copy.deepcopy(results_of())
            change(data["exchanges"][at])
            yield f"exchange {at}: {name}", cheated(data)
        dropped, doubled, swapped = (copy.deepcopy(results_of()) for _ in range(3))
        del dropped["exchanges"][at]
        doubled["exchanges"].insert(at, copy.deepcopy(doubled["exchanges"][at]))
        first, second = (swapped["exchanges"][one % len(swapped["exchanges"])] for one in (at, at + 5))
        same = first["request"] == second["request"]
        first["request"], second["request"] = second["request"], first["request"]
        yield f"exchange {at}: dropped", cheated(_numbered(dropped))
        yield f"exchange {at}: doubled", cheated(_numbered(doubled))
        if not same:
            yield f"exchange {at}: another one's request", cheated(swapped)


@pytest.fixture
def _few_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles of nothing but results, which are made faster; those that all tests share are whole."""
    packed()
    results_of()
    monkeypatch.setattr("conformance.report.writing.FILES", {RESULTS: writing.FILES[RESULTS]})


@pytest.mark.usefixtures("_few_reports")
def test_no_exchange_can_be_altered_even_by_who_signs(tmp_path: Path) -> None:
    assert judged(cheated(results_of()), tmp_path).exit_code == 0
    assert insist_on_refusal(exchanges(), tmp_path) > 60


TOLD = (
    "scope",
    "settings",
    "verdict",
    "headline",
    "reason",
    "exit_code",
    "counts",
    "requirements",
    "remarks",
    "duration",
)


def told() -> Iterator[Tampering]:
    """Runs that tell something else than what follows from their exchanges, signed by the vendor."""
    for path in kinds(results_of()):
        if path[0] in TOLD and path[:1] != ("settings",):
            data = changed(results_of(), path)
            try:
                yield f"results {path}", cheated(data)
            except Exception:
                continue
    for name in ("nonce", "seed", "effort", "granted", "revoked", "watch", "consistency-window"):
        for member in ("value", "default", "kind"):
            data = copy.deepcopy(results_of())
            one = next(one for one in data["settings"] if one["name"] == name)
            one[member] = "secret" if member == "kind" else other(one[member])
            yield f"setting {name}: {member}", cheated(data)


@pytest.mark.usefixtures("_few_reports")
def test_nothing_else_can_be_told_than_what_follows(tmp_path: Path) -> None:
    # A shorter window leads to the same outcomes, and nothing is drawn in a quick run.
    honest = {"setting consistency-window: value", "setting seed: value"}
    lies = ((name, data) for name, data in told() if name not in honest)
    assert insist_on_refusal(lies, tmp_path) > 30


def test_a_stranger_cannot_sign_for_the_vendor(tmp_path: Path) -> None:
    found = judged(signed(said(files()), files(), WITNESS), tmp_path)
    assert [one for one in found.reasons if "signed by another key" in one] == list(found.reasons)
    assert envelope.read(files()[ATTESTATION]).payload
    assert said(files())["predicate"][OWN]["kind"] == "certificate"
