"""Faults about @context."""

from __future__ import annotations

from typing import ClassVar

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import CONTEXT, Behaviour

fault = Collection()


class Contexts(Behaviour):
    """Gives @context another value."""

    value: ClassVar[object] = None

    def context(self) -> object:
        return self.value


@fault("context-null", "@context is null.", must="DCP-S3 DCP-S11 DCP-S12")
class Null(Contexts):
    pass


@fault("context-string", "@context is a bare string.", must="DCP-S4 DCP-S11")
class String(Contexts):
    value: ClassVar[object] = CONTEXT


@fault("context-object", "@context is an inline object.", must="DCP-S4 DCP-S11 DCP-S12")
class Inline(Contexts):
    value: ClassVar[object] = {"@vocab": "https://w3id.org/dspace-dcp/v1.0/"}


@fault("context-number", "@context is a number.", must="DCP-S4 DCP-S11 DCP-S12")
class Number(Contexts):
    value: ClassVar[object] = 1.0


@fault("context-nested", "@context is an array in an array.", must="DCP-S4 DCP-S11 DCP-S12")
class Nested(Contexts):
    value: ClassVar[object] = [[CONTEXT]]


@fault("context-null-entry", "@context has an entry that is null.", must="DCP-S4 DCP-S11 DCP-S12")
class NullEntry(Contexts):
    value: ClassVar[object] = [CONTEXT, None]


@fault("context-number-entry", "@context has an entry that is a number.", must="DCP-S4 DCP-S11 DCP-S12")
class NumberEntry(Contexts):
    value: ClassVar[object] = [CONTEXT, 1]


@fault("context-empty", "@context is an empty array.", must="DCP-S5 DCP-S11 DCP-S12")
class Empty(Contexts):
    value: ClassVar[object] = []


@fault("context-http", "The context's address begins with http.", must="DCP-S5 DCP-S11")
class Http(Contexts):
    value: ClassVar[object] = ["http://w3id.org/dspace-dcp/v1.0/dcp.jsonld"]


@fault("context-v08", "The context is that of version 0.8.", must="DCP-S5 DCP-S11")
class Version08(Contexts):
    value: ClassVar[object] = ["https://w3id.org/dspace-dcp/v0.8/dcp.jsonld"]


@fault("context-slash", "The context's address ends with a slash.", must="DCP-S5 DCP-S11")
class Slash(Contexts):
    value: ClassVar[object] = [CONTEXT + "/"]


@fault(
    "context-of-credentials",
    "The context is that of verifiable credentials.",
    must="DCP-S5 DCP-S11",
)
class OfCredentials(Contexts):
    value: ClassVar[object] = ["https://www.w3.org/ns/credentials/v2"]


@fault(
    "context-only-inline", "@context has one entry, an inline object.", must="DCP-S4 DCP-S5 DCP-S11 DCP-S12"
)
class OnlyInline(Contexts):
    value: ClassVar[object] = [{"@vocab": "https://w3id.org/dspace-dcp/v1.0/"}]


@fault(
    "context-redefines-type",
    "An inline context behind the protocol's gives the type another meaning.",
    must="DCP-S4 DCP-S12 DCP-S11",
)
class RedefinesType(Contexts):
    value: ClassVar[object] = [CONTEXT, {"CredentialStatus": "https://issuer.example/Status"}]


@fault(
    "context-redefines-prefix",
    "An inline context behind the protocol's gives its prefix another meaning.",
    must="DCP-S4 DCP-S12 DCP-S11",
)
class RedefinesPrefix(Contexts):
    value: ClassVar[object] = [CONTEXT, {"dcp": "https://issuer.example/"}]


@fault(
    "context-protects-type",
    "An inline context before the protocol's has the type protected, with another meaning.",
    must="DCP-S4 DCP-S12 DCP-S11",
)
class ProtectsType(Contexts):
    value: ClassVar[object] = [
        {"@protected": True, "CredentialStatus": "https://issuer.example/Status"},
        CONTEXT,
    ]


@fault(
    "context-hides-type",
    "An inline context behind the protocol's takes the type's meaning away.",
    must="DCP-S4 DCP-S12 DCP-S11",
)
class HidesType(Contexts):
    value: ClassVar[object] = [CONTEXT, {"CredentialStatus": None}]
