"""conformance.schema: what is said about instances that are not what their schema says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.errors import ResourceMissing
from conformance.schema import Violation, load_openapi, shown, violations

DCP = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
STATUS = {
    "@context": [DCP],
    "type": "CredentialStatus",
    "issuerPid": "i",
    "holderPid": "h",
    "status": "ISSUED",
}


def told(schema_name: str, instance: object) -> list[str]:
    return [str(violation) for violation in violations(schema_name, instance)]


@pytest.mark.parametrize(
    ("schema_name", "instance"),
    [
        ("open-attestation/receipt", {"id": "abcd", "status": 1, "timestamp": 1583395314532}),
        ("open-attestation/unwritten", {"status": 0}),
        ("open-attestation/status", {"status": 1, "events": [], "extra": None}),
        ("dcp/credential-status", STATUS),
        ("tydids/granted", {"status": "granted", "consensus": 40856}),
        ("tydids/granted", {"status": "granted", "consensus": 40856.0}),
    ],
)
def test_a_valid_instance_has_no_violation(schema_name: str, instance: object) -> None:
    assert violations(schema_name, instance) == []


def test_a_wrong_type_is_told_with_the_value() -> None:
    instance = {"status": "granted", "consensus": "40856"}
    assert violations("tydids/granted", instance) == [
        Violation("/consensus", '"40856" is a string, not an integer'),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "/consensus: true is a boolean, not an integer"),
        (1.5, "/consensus: 1.5 is a fraction, not an integer"),
        (None, "/consensus: is null, not an integer"),
        ([1], "/consensus: is an array, not an integer"),
        ({}, "/consensus: is an object, not an integer"),
    ],
)
def test_every_json_type_has_a_name(value: object, message: str) -> None:
    assert told("tydids/granted", {"status": "granted", "consensus": value}) == [message]


def test_missing_members_are_told_where_they_would_be() -> None:
    assert told("tydids/revoked", {"status": "revoked"}) == ["/consensus: is missing", "/revoked: is missing"]


def test_other_words_are_told_with_the_right_ones() -> None:
    assert told("tydids/revoked", {"status": "granted", "consensus": 1, "revoked": 1}) == [
        '/status: "granted" is not "revoked"'
    ]
    assert told("dcp/credential-status", STATUS | {"status": "PENDING"}) == [
        '/status: "PENDING" is none of "RECEIVED", "REJECTED", "ISSUED"'
    ]
    assert told("dcp/credential-status", STATUS | {"@context": []}) == [f'/@context: no entry is "{DCP}"']


def test_a_choice_of_types_is_told() -> None:
    assert "/@context/1: is an array, not a string or an object" in told(
        "dcp/credential-status", STATUS | {"@context": [DCP, []]}
    )


def test_a_root_of_another_type_has_an_empty_path() -> None:
    assert violations("tydids/granted", []) == [Violation("", "is an array, not an object")]
    assert told("tydids/granted", "granted") == ['"granted" is a string, not an object']


def test_keywords_without_a_sentence_of_their_own_are_told_as_the_validator_does() -> None:
    assert told("open-attestation/write", {"status": -1}) == ["/status: -1 is less than the minimum of 0"]


def test_long_values_are_clipped() -> None:
    (violation,) = violations("tydids/granted", {"status": "granted", "consensus": "9" * 10_000})
    assert len(violation.message) < 120
    assert "…" in violation.message


def test_values_that_do_not_print_are_escaped() -> None:
    assert shown("\x9b31m\ud800\u202e") == '"\\u009b31m\\ud800\\u202e"'
    assert shown("Zürich") == '"Zürich"'


def test_a_long_list_of_bad_entries_does_not_hide_another_member() -> None:
    found = told("open-attestation/status", {"status": "1", "events": [0] * 20_000})
    assert len(found) < 30
    assert '/status: "1" is a string, not an integer' in found


def test_a_deep_value_is_judged_without_a_fault() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    assert len(violations("tydids/granted", {"status": "granted", "consensus": deep})) == 1


def test_an_unknown_schema_is_missing() -> None:
    with pytest.raises(ResourceMissing, match=r"tydids/denied\.schema\.json"):
        violations("tydids/denied", {})


def test_openapi_is_handed_out_as_a_copy() -> None:
    load_openapi("tydids")["servers"].clear()
    assert load_openapi("tydids")["servers"]


def test_an_unknown_openapi_is_missing() -> None:
    with pytest.raises(ResourceMissing):
        load_openapi("nothing")


def test_the_validator_is_imported_only_when_it_is_used() -> None:
    code = "import sys, conformance.schema, conformance.jsonld; print([m for m in sys.modules if m in %r])"
    heavy = ("jsonschema", "referencing", "yaml", "pyld")
    done = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
