"""Faults about the members of the message, one by one."""

from __future__ import annotations

from typing import ClassVar

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest

fault = Collection()
JSONLD = "DCP-S12"


class Changes(Behaviour):
    """Changes the document."""

    def document(self, found: CredentialRequest) -> dict[str, object]:
        return self.change(super().document(found), found)

    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return members


class Renames(Changes):
    """Gives members another name, or takes them away."""

    names: ClassVar[dict[str, str | None]] = {}

    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        renamed = {self.names.get(name, name): value for name, value in members.items()}
        return {name: value for name, value in renamed.items() if name is not None}


@fault("context-called-context", "@context is called context.", must="DCP-S3 DCP-S11 DCP-S12")
class ContextCalledContext(Renames):
    names: ClassVar[dict[str, str | None]] = {"@context": "context"}


@fault("type-called-at-type", "type is called @type.", must="DCP-S3 DCP-S11")
class TypeCalledAtType(Renames):
    names: ClassVar[dict[str, str | None]] = {"type": "@type"}


@fault("pids-in-snake-case", "The pids are called issuer_pid and holder_pid.", must="DCP-S3 DCP-S11 DCP-S12")
class SnakeCase(Renames):
    names: ClassVar[dict[str, str | None]] = {"issuerPid": "issuer_pid", "holderPid": "holder_pid"}


@fault("issuer-pid-missing", "There is no issuerPid.", must="DCP-S3 DCP-S11 DCP-S12")
class IssuerPidMissing(Renames):
    names: ClassVar[dict[str, str | None]] = {"issuerPid": None}


@fault("holder-pid-missing", "There is no holderPid.", must="DCP-S3 DCP-S11 DCP-S12")
class HolderPidMissing(Renames):
    names: ClassVar[dict[str, str | None]] = {"holderPid": None}


@fault("status-missing", "There is no status.", must="DCP-S3 DCP-S11 DCP-S12")
class StatusMissing(Renames):
    names: ClassVar[dict[str, str | None]] = {"status": None}


@fault("status-called-state", "status is called state.", must="DCP-S3 DCP-S11 DCP-S12")
class StatusCalledState(Renames):
    names: ClassVar[dict[str, str | None]] = {"status": "state"}


@fault("names-expanded", "The members have the protocol's full IRIs as names.", must="DCP-S3 DCP-S11 DCP-S12")
class Expanded(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        prefix = "https://w3id.org/dspace-dcp/v1.0/"
        return {name if name[0] == "@" else prefix + name: value for name, value in members.items()}


class Types(Behaviour):
    """Gives type another value."""

    value: ClassVar[object] = None

    def type_name(self) -> object:
        return self.value


@fault("type-null", "type is null.", must="DCP-S3 DCP-S11 DCP-S12")
class TypeNull(Types):
    pass


@fault("type-array", "type is an array with the right word.", must="DCP-S6 DCP-S11")
class TypeArray(Types):
    value: ClassVar[object] = ["CredentialStatus"]


@fault("type-another", "type is the name of the request message.", must="DCP-S6 DCP-S11 DCP-S12")
class TypeAnother(Types):
    value: ClassVar[object] = "CredentialRequestMessage"


@fault("type-iri", "type is the protocol's IRI.", must="DCP-S6 DCP-S11 DCP-S12")
class TypeIri(Types):
    value: ClassVar[object] = "https://w3id.org/dspace-dcp/v1.0/CredentialStatus"


@fault("type-lower-case", "type begins with a small letter.", must="DCP-S6 DCP-S11 DCP-S12")
class TypeLowerCase(Types):
    value: ClassVar[object] = "credentialStatus"


class Pids(Behaviour):
    """Gives one of the pids another value."""

    side = "issuer"

    def issuer_pid(self, found: CredentialRequest) -> object:
        pid = super().issuer_pid(found)
        return self.pid(pid) if self.side == "issuer" else pid

    def holder_pid(self, found: CredentialRequest) -> object:
        pid = super().holder_pid(found)
        return self.pid(pid) if self.side == "holder" else pid

    def pid(self, pid: object) -> object:
        return None


@fault("issuer-pid-null", "issuerPid is null.", must="DCP-S3 DCP-S11 DCP-S12")
class IssuerPidNull(Pids):
    pass


@fault("holder-pid-null", "holderPid is null.", must="DCP-S3 DCP-S11 DCP-S12")
class HolderPidNull(Pids):
    side = "holder"


class Numbers(Pids):
    """A pid is the number of a row."""

    def pid(self, pid: object) -> object:
        return sum(str(pid).encode())


@fault("issuer-pid-number", "issuerPid is a number.", must="DCP-S7 DCP-S11")
class IssuerPidNumber(Numbers):
    pass


@fault("holder-pid-number", "holderPid is a number.", must="DCP-S8 DCP-S11")
class HolderPidNumber(Numbers):
    side = "holder"


class Objects(Pids):
    """A pid is an object with an id."""

    def pid(self, pid: object) -> object:
        return {"@id": pid}


@fault("issuer-pid-object", "issuerPid is an object with an @id.", must="DCP-S7 DCP-S11")
class IssuerPidObject(Objects):
    pass


@fault("holder-pid-object", "holderPid is an object with an @id.", must="DCP-S8 DCP-S11")
class HolderPidObject(Objects):
    side = "holder"


@fault("holder-pid-false", "holderPid is false where there is none.", must="DCP-S8 DCP-S11")
class HolderPidFalse(Pids):
    side = "holder"

    def pid(self, pid: object) -> object:
        return False


@fault("issuer-pid-empty", "issuerPid is an empty string.", must="DCP-S7")
class IssuerPidEmpty(Pids):
    def pid(self, pid: object) -> object:
        return ""


@fault(
    "issuer-pid-missing-when-rejected", "A rejected request has no issuerPid.", must="DCP-S3 DCP-S11 DCP-S12"
)
class MissingWhenRejected(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        gone = found.state == "REJECTED"
        return {name: value for name, value in members.items() if not (gone and name == "issuerPid")}


@fault("issuer-pid-keyword", "issuerPid looks like a keyword of JSON-LD.", must=JSONLD)
class IssuerPidKeyword(Pids):
    def pid(self, pid: object) -> object:
        return f"@{str(pid)[-12:].translate(str.maketrans('0123456789', 'ghijklmnop'))}"


@fault("type-twice", "There is an @type besides type, and it says something else.", must=JSONLD)
class TypeTwice(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return {**members, "@type": "https://issuer.example/Status"}


@fault("status-twice", "There is a second status under its prefixed name.", must=JSONLD)
class StatusTwice(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return {**members, "dcp:status": {"@id": "dcp:RECEIVED"}}
