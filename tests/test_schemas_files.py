"""The contract documents: valid by validators that are not ours, with examples that are true to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.readers import read_from_filename

from conformance.resources import folder

SCHEMAS = folder("schemas")
SHARED = Path(__file__).resolve().parents[2] / "shared"
CONTRACTS = ["dcp", "open-attestation", "tydids"]
FILES = sorted(SCHEMAS.rglob("*.schema.json"))
BODIES = [file for file in FILES if file.parent != SCHEMAS]
NAMES = [str(file.relative_to(SCHEMAS)) for file in FILES]
HOME = "https://status-conformance.dev/schemas/"
DCP = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def openapi(contract: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (SCHEMAS / contract / "openapi.yaml").read_text(encoding="utf-8")
    )
    return document


def validator(contract: str, name: str) -> Draft202012Validator:
    return Draft202012Validator(read(SCHEMAS / contract / f"{name}.schema.json"))


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_schema_is_valid(file: Path) -> None:
    schema = read(file)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_schema_is_valid_for_another_validator(file: Path) -> None:
    pytest.importorskip("jsonschema_rs").meta.validate(read(file))


def test_ids_are_unique_and_follow_the_path() -> None:
    assert [read(file)["$id"] for file in FILES] == [HOME + name for name in NAMES]


@pytest.mark.parametrize("file", BODIES, ids=lambda file: file.name)
def test_body_schemas_explain_themselves_and_their_members(file: Path) -> None:
    schema = read(file)
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]
    assert all(member["description"] for member in schema["properties"].values())


@pytest.mark.parametrize("file", BODIES, ids=lambda file: file.name)
def test_examples_of_a_schema_are_valid(file: Path) -> None:
    schema = read(file)
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)
        Draft202012Validator(schema).validate(example | {"a member nobody documented": None})


@pytest.mark.parametrize("file", BODIES, ids=lambda file: file.name)
def test_every_required_member_is_needed(file: Path) -> None:
    schema = read(file)
    for name in schema["required"]:
        lacking = {key: value for key, value in schema["examples"][0].items() if key != name}
        assert not Draft202012Validator(schema).is_valid(lacking)
        assert not Draft202012Validator(schema).is_valid(lacking | {name: None})


@pytest.mark.parametrize("contract", CONTRACTS)
def test_openapi_is_valid(contract: str) -> None:
    document, base = read_from_filename(str(SCHEMAS / contract / "openapi.yaml"))
    OpenAPIV31SpecValidator(document, base_uri=base).validate()
    assert document["openapi"].startswith("3.1.")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("contract", CONTRACTS)
def test_schemathesis_loads_the_openapi(contract: str) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    loaded = schemathesis.openapi.from_path(str(SCHEMAS / contract / "openapi.yaml"))
    operations = [operation.ok() for operation in loaded.get_all_operations()]
    assert {operation.definition.raw["operationId"] for operation in operations} == operation_ids(contract)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_openapi_examples_are_valid(contract: str) -> None:
    document = openapi(contract)
    seen = 0
    for content in media(document):
        for example in content["examples"].values():
            value = resolved(document, example)["value"]
            assert any(
                Draft202012Validator(schema).is_valid(value) for schema in schemas_of(contract, content)
            )
            seen += 1
    assert seen >= 2


@pytest.mark.parametrize("contract", CONTRACTS)
def test_openapi_parameter_examples_are_valid(contract: str) -> None:
    document = openapi(contract)
    parameters = [resolved(document, one) for one in found(document["paths"], "parameters")]
    assert parameters
    for parameter in parameters:
        for example in parameter["examples"].values():
            Draft202012Validator(parameter["schema"]).validate(example["value"])


@pytest.mark.parametrize("contract", CONTRACTS)
def test_openapi_links_lead_to_operations(contract: str) -> None:
    document = openapi(contract)
    links = [
        resolved(document, one)
        for response in responses(document)
        for one in response.get("links", {}).values()
    ]
    assert links
    assert {link["operationId"] for link in links} <= operation_ids(contract)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_openapi_uses_every_body_schema(contract: str) -> None:
    text = (SCHEMAS / contract / "openapi.yaml").read_text(encoding="utf-8")
    unused = {
        file.name for file in BODIES if file.parent.name == contract and f"$ref: {file.name}" not in text
    }
    assert unused == ({"credential-status-message.schema.json"} if contract == "dcp" else set())


def operation_ids(contract: str) -> set[str]:
    return {
        operation["operationId"]
        for path in openapi(contract)["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post"}
    }


def responses(document: dict[str, Any]) -> list[dict[str, Any]]:
    operations = [
        path[method] for path in document["paths"].values() for method in ("get", "post") if method in path
    ]
    return [resolved(document, one) for operation in operations for one in operation["responses"].values()]


def media(node: object) -> Iterator[dict[str, Any]]:
    """Every media type object below a node."""
    if isinstance(node, dict):
        yield from (node["content"].values() if isinstance(node.get("content"), dict) else ())
        for child in node.values():
            yield from media(child)


def found(node: object, name: str) -> Iterator[Any]:
    """Every entry of the arrays called `name` below a node."""
    if isinstance(node, dict):
        yield from (node[name] if isinstance(node.get(name), list) else ())
        for child in node.values():
            yield from found(child, name)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node, or what its reference within the document leads to."""
    if "$ref" not in node:
        return node
    target: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return target


def schemas_of(contract: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    choices = content["schema"].get("anyOf", [content["schema"]])
    return [read(SCHEMAS / contract / choice["$ref"]) for choice in choices]


STATUS = read(SCHEMAS / "dcp" / "credential-status.schema.json")["examples"][0]
VALUES: list[object] = [
    "x",
    "",
    0,
    1.5,
    True,
    None,
    [],
    {},
    ["x"],
    [DCP],
    [[DCP]],
    "RECEIVED",
    "REJECTED",
    "ISSUED",
]
VALUES += ["PENDING", "received", "CredentialStatus", ["CredentialStatus"], "dcp:CredentialStatus", DCP]
VALUES += [
    ["https://example.com/x", DCP],
    [DCP, DCP],
    [DCP, {}],
    [DCP, 1],
    [DCP, None],
    [DCP + "#"],
    [DCP, ["x"]],
]
INSTANCES = [STATUS | {name: value} for name in [*STATUS, "id", "error"] for value in VALUES]
INSTANCES += [{key: value for key, value in STATUS.items() if key != name} for name in STATUS]
INSTANCES += [*VALUES, [STATUS], {"status": "RECEIVED"}, {}, STATUS]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the protocol's own schemas are not here")
def test_the_message_schema_judges_as_the_protocols_own() -> None:
    from jsonschema import Draft201909Validator
    from referencing import Registry, Resource

    context = Resource.from_contents(read(SHARED / "spec" / "context-schema.json"))
    named = "https://w3id.org/dspace-dcp/v1.0/common/context-schema.json"
    registry = Registry().with_resource(named, context).with_resource(str(context.id()), context)
    official = Draft201909Validator(
        read(SHARED / "spec" / "credential-status-schema.json"), registry=registry
    )
    ours = validator("dcp", "credential-status-message")
    assert len({official.is_valid(one) for one in INSTANCES}) == 2
    assert [one for one in INSTANCES if ours.is_valid(one) != official.is_valid(one)] == []


def test_the_status_schema_differs_from_the_message_schema_only_in_inline_contexts() -> None:
    text, message = validator("dcp", "credential-status"), validator("dcp", "credential-status-message")
    differing = [one for one in INSTANCES if text.is_valid(one) != message.is_valid(one)]
    assert differing == [STATUS | {"@context": [DCP, {}]}]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the protocol's own example is not here")
def test_the_protocols_own_example_is_valid() -> None:
    assert validator("dcp", "credential-status-message").is_valid(
        read(SHARED / "spec" / "credential-status.json")
    )


@pytest.mark.parametrize(
    ("contract", "name", "instance"),
    [
        ("open-attestation", "write", {"status": "1"}),
        ("open-attestation", "write", {"status": -1}),
        ("open-attestation", "receipt", {"id": "abcd", "status": True, "timestamp": 1}),
        ("open-attestation", "receipt", {"id": "abcd", "status": 1, "timestamp": "1583395314532"}),
        ("open-attestation", "receipt", {"id": 1, "status": 1, "timestamp": 1}),
        ("open-attestation", "status", {"status": 1, "events": {}}),
        ("open-attestation", "status", {"status": 1, "events": [{"id": "abcd", "status": 1}]}),
        ("open-attestation", "status", {"status": False, "events": []}),
        ("open-attestation", "unwritten", {"status": 1}),
        ("open-attestation", "unwritten", {"status": False}),
        ("tydids", "granted", {"status": "Granted", "consensus": 1}),
        ("tydids", "granted", {"status": "granted", "consensus": "40856"}),
        ("tydids", "granted", {"status": "granted", "consensus": True}),
        ("tydids", "revoked", {"status": "revoked", "consensus": 1, "revoked": 1.5}),
        ("tydids", "revoked", {"status": "granted", "consensus": 1, "revoked": 1}),
    ],
)
def test_breaches_are_invalid(contract: str, name: str, instance: dict[str, Any]) -> None:
    assert not validator(contract, name).is_valid(instance)
