"""conformance.jsonld: offline expansion, and our context beside the official one."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageProblem
from conformance.jsonld import DCP_CONTEXT, Expansion, expand

NAMESPACE = "https://w3id.org/dspace-dcp/v1.0/"
OFFICIAL = Path(__file__).resolve().parents[2] / "shared" / "spec" / "dcp.jsonld"
STATUS: dict[str, Any] = {
    "@context": [DCP_CONTEXT],
    "type": "CredentialStatus",
    "issuerPid": "urn:uuid:1",
    "holderPid": "holderPid",
    "status": "RECEIVED",
}
OTHER = "https://context.example/other"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("expansion went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_the_documented_message_is_one_credential_status() -> None:
    assert expand(STATUS, {}) == Expansion(
        nodes=[
            {
                "@type": [NAMESPACE + "CredentialStatus"],
                NAMESPACE + "issuerPid": [{"@id": "urn:uuid:1"}],
                NAMESPACE + "holderPid": [{"@id": "https://base.invalid/holderPid"}],
                NAMESPACE + "status": [{"@id": NAMESPACE + "RECEIVED"}],
            }
        ]
    )


def test_a_context_that_nobody_provided_is_missing() -> None:
    found = expand(STATUS | {"@context": [DCP_CONTEXT, OTHER]}, {})
    assert (found.missing_context, found.undecided, found.nodes) == (OTHER, True, [])


def test_a_context_that_was_provided_is_used(tmp_path: Path) -> None:
    file = tmp_path / "other.jsonld"
    file.write_text('{"@context": {"note": "https://context.example/note"}}')
    found = expand(STATUS | {"@context": [OTHER, DCP_CONTEXT], "note": "x"}, {OTHER: file})
    assert found.problem is None
    assert found.nodes[0]["https://context.example/note"] == [{"@value": "x"}]


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    import os

    file = tmp_path / "other.jsonld"
    for number in (1, 2):
        file.write_text(json.dumps({"@context": {"note": f"https://context.example/{number}"}}))
        os.utime(file, ns=(number, number))
        found = expand({"@context": OTHER, "note": "x"}, {OTHER: file})
        assert list(found.nodes[0]) == [f"https://context.example/{number}"]


def test_a_provided_context_that_needs_another_tells_which(tmp_path: Path) -> None:
    file = tmp_path / "other.jsonld"
    file.write_text('{"@context": ["https://context.example/third"]}')
    found = expand(STATUS | {"@context": [DCP_CONTEXT, OTHER]}, {OTHER: file})
    assert found.missing_context == "https://context.example/third"


@pytest.mark.parametrize("content", ["", "[]", "{", "\xff"])
def test_a_file_that_is_no_context_is_the_operators_problem(content: str, tmp_path: Path) -> None:
    file = tmp_path / "other.jsonld"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(UsageProblem, match=r"other\.jsonld"):
        expand(STATUS, {OTHER: file})


def test_a_file_that_is_not_there_is_the_operators_problem(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        expand(STATUS, {OTHER: tmp_path / "none"})


@pytest.mark.parametrize("term", ["type", "id", "dcp", "CredentialStatus"])
def test_a_protected_term_cannot_be_redefined(term: str) -> None:
    found = expand(STATUS | {"@context": [DCP_CONTEXT, {term: "https://context.example/mine"}]}, {})
    assert found.problem is not None
    assert "protected term" in found.problem
    assert not found.undecided


@pytest.mark.parametrize("document", ["https://context.example/document", None, 1, True])
def test_only_containers_are_expanded(document: object) -> None:
    assert expand(document, {}) == Expansion(problem="is neither a JSON object nor an array")


def test_a_deep_document_is_undecided() -> None:
    deep: object = "x"
    for _ in range(5_000):
        deep = [deep]
    found = expand(STATUS | {"dcp:note": deep}, {})
    assert found.undecided
    assert found.problem == "is nested too deeply to be expanded"


def test_a_failing_processor_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyld import jsonld

    monkeypatch.setattr(jsonld, "expand", lambda *_: {}["x"])
    found = expand(STATUS, {})
    assert found.undecided
    assert found.problem == "the JSON-LD processor failed: KeyError"


def test_a_document_is_not_changed() -> None:
    before = json.dumps(STATUS)
    expand(STATUS, {})
    assert json.dumps(STATUS) == before


def with_context(*entries: object, **members: object) -> dict[str, Any]:
    return STATUS | {"@context": [DCP_CONTEXT, *entries]} | members


ODD: dict[str, object] = {
    "plain": STATUS,
    "bare string context": STATUS | {"@context": DCP_CONTEXT},
    "twice the context": with_context(DCP_CONTEXT),
    "object in front": STATUS | {"@context": [{"status": "https://context.example/status"}, DCP_CONTEXT]},
    "object in front redefines type": STATUS
    | {"@context": [{"type": "https://context.example/t"}, DCP_CONTEXT]},
    "status redefined behind": with_context({"status": "https://context.example/status"}),
    "status nulled behind": with_context({"status": None}),
    "type redefined": with_context({"type": "https://context.example/type"}),
    "type redefined alike": with_context({"type": "@type"}),
    "dcp redefined": with_context({"dcp": "https://context.example/"}),
    "dcp redefined alike": with_context({"dcp": NAMESPACE}),
    "cred redefined": with_context({"cred": "https://context.example/"}),
    "xsd redefined": with_context({"xsd": "https://context.example/"}),
    "CredentialStatus redefined": with_context({"CredentialStatus": "https://context.example/"}),
    "context nulled": with_context(None),
    "vocab": with_context({"@vocab": "https://context.example/"}),
    "vocab and unknown members": with_context({"@vocab": "https://context.example/"}, note="x", id="urn:x"),
    "base": with_context({"@base": "https://base.example/"}),
    "base null": with_context({"@base": None}),
    "language": with_context({"@language": "en"}),
    "propagate": with_context({"@propagate": False}),
    "id": STATUS | {"id": "urn:uuid:2"},
    "@id": STATUS | {"@id": "urn:uuid:2"},
    "both ids": STATUS | {"@id": "urn:uuid:2", "id": "urn:uuid:3"},
    "both types": STATUS | {"@type": "dcp:CredentialStatus"},
    "duplicate status": STATUS | {"dcp:status": "ISSUED"},
    "duplicate status by IRI": STATUS | {NAMESPACE + "status": {"@id": NAMESPACE + "ISSUED"}},
    "two statuses": STATUS | {"status": ["RECEIVED", "ISSUED"]},
    "unknown members": STATUS | {"error": "x", "dcp:note": 1, "cred:issuer": "urn:x"},
    "compact iri of xsd": STATUS | {"dcp:note": {"@type": "xsd:string", "@value": "x"}},
    "nested node": STATUS | {"dcp:note": {"type": "CredentialStatus", "status": "ISSUED", "issuerPid": "x"}},
    "nested node without type": STATUS | {"dcp:note": {"status": "ISSUED", "issuerPid": "x"}},
    "graph": {
        "@context": [DCP_CONTEXT],
        "@graph": [{k: v for k, v in STATUS.items() if k != "@context"}] * 2,
    },
    "array of messages": [STATUS, STATUS | {"status": "REJECTED"}],
    "no type": {key: value for key, value in STATUS.items() if key != "type"},
    "no context": {key: value for key, value in STATUS.items() if key != "@context"},
    "only context": {"@context": [DCP_CONTEXT]},
    "term definition is broken": with_context({"note": {"@id": 1}}),
    "reverse": STATUS | {"@reverse": {"dcp:note": "urn:x"}},
    "included": STATUS | {"@included": [{"type": "CredentialStatus", "status": "ISSUED"}]},
    "unknown keyword": STATUS | {"@surprise": "x"},
    "missing context": with_context(OTHER),
}
for name in ("type", "issuerPid", "holderPid", "status"):
    for number, value in enumerate(
        [
            None,
            "",
            "@id",
            "@type",
            "@none",
            "a b",
            "..",
            "?q",
            "#f",
            "_:b",
            "urn:x",
            "dcp:ISSUED",
            "cred:x",
            "xsd:string",
            "RECEIVED",
            "REJECTED",
            "ISSUED",
            "PENDING",
            "received",
            "CredentialStatus",
            "dcp:CredentialStatus",
            0,
            1.5,
            True,
            [],
            {},
            ["RECEIVED"],
            {"@id": "x"},
            {"@value": "x"},
            {"@list": ["x"]},
            {"id": "dcp:ISSUED"},
            NAMESPACE + "ISSUED",
            ["CredentialStatus"],
            ["CredentialStatus", "cred:VerifiableCredential"],
            "é",
            "a:b:c",
        ]
    ):
        ODD[f"{name} {number} {value!r}"] = STATUS | {name: value}


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="the official context is not here")
def test_our_context_means_what_the_official_one_means() -> None:
    official = {DCP_CONTEXT: OFFICIAL}
    differing = {
        name: (expand(document, {}), expand(document, official))
        for name, document in ODD.items()
        if expand(document, {}) != expand(document, official)
    }
    assert differing == {}
    found = [expand(document, {}) for document in ODD.values()]
    assert sum(one.problem is None for one in found) > 80
    assert sum(one.problem is not None for one in found) > 15


def test_our_context_defines_only_what_a_status_needs() -> None:
    from conformance.resources import folder

    context = json.loads((folder("schemas") / "dcp" / "dcp.jsonld").read_text())["@context"]
    assert set(context) == {"@version", "@protected", "id", "type", "dcp", "cred", "xsd", "CredentialStatus"}


@pytest.mark.parametrize(
    "document",
    [
        {"@context": [DCP_CONTEXT] * 101},
        {"@context": [DCP_CONTEXT, {f"t{n}": f"https://e.example/{n}" for n in range(600)}]},
        {"@context": [DCP_CONTEXT], "x": list(range(5_001))},
        {"@context": [DCP_CONTEXT], "x": "a" * 100_001},
        {
            "@context": [DCP_CONTEXT, {"n": {"@id": "https://e.example/n", "@context": [DCP_CONTEXT] * 90}}],
            "n": [{"@context": [DCP_CONTEXT] * 20}] * 10,
        },
    ],
    ids=["contexts", "terms", "values", "string", "scoped contexts"],
)
def test_what_is_more_than_we_expand_is_undecided_before_the_processor_sees_it(
    document: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.jsonld._expanded", lambda *_: pytest.fail("it was called"))
    found = expand(document, {})
    assert found.undecided
    assert found.problem is not None
    assert "than this suite expands" in found.problem
