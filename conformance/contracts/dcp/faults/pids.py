"""Faults about the pids: shared, changing, mixed up."""

from __future__ import annotations

import uuid

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest

fault = Collection()


@fault("issuer-pid-shared", "All requests have the same issuerPid.", must="DCP-S14")
class Shared(Behaviour):
    def issuer_pid(self, found: CredentialRequest) -> object:
        return "urn:uuid:7d4f6a52-4c02-4d8e-a5ec-0e6b0c2f9a10"


@fault("issuer-pid-of-state", "Finished requests share an issuerPid.", must="DCP-S14")
class OfState(Behaviour):
    def issuer_pid(self, found: CredentialRequest) -> object:
        return "issuance-0" if found.state != "RECEIVED" else super().issuer_pid(found)


@fault("issuer-pid-example", "The pids are those of the document's example.", must="DCP-S14")
class Example(Behaviour):
    def issuer_pid(self, found: CredentialRequest) -> object:
        return "issuerPid"

    def holder_pid(self, found: CredentialRequest) -> object:
        return "holderPid"


class Counts(Behaviour):
    """Counts the documents."""

    def prepare(self) -> None:
        super().prepare()
        self._shown = 0

    def document(self, found: CredentialRequest) -> dict[str, object]:
        self._shown += 1
        return super().document(found)


@fault("issuer-pid-new-each-read", "Each read makes a new issuerPid.", must="DCP-S13")
class NewIssuerPid(Counts):
    def issuer_pid(self, found: CredentialRequest) -> object:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self._shown}").urn


@fault("holder-pid-new-each-read", "Each read makes a new holderPid.", must="DCP-S13")
class NewHolderPid(Counts):
    def holder_pid(self, found: CredentialRequest) -> object:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self._shown}").urn


@fault("holder-pid-sometimes-another", "Every fifth read has another request's holderPid.", must="DCP-S13")
class SometimesAnother(Counts):
    def holder_pid(self, found: CredentialRequest) -> object:
        return self.new_pid("holder", "other") if self._shown % 5 == 0 else found.holder_pid


@fault(
    "pids-swapped-sometimes",
    "Every third read has the pids the wrong way round.",
    must="DCP-S13",
)
class SwappedSometimes(Counts):
    def document(self, found: CredentialRequest) -> dict[str, object]:
        members = super().document(found)
        if self._shown % 3 == 0:
            members["issuerPid"], members["holderPid"] = members["holderPid"], members["issuerPid"]
        return members


@fault(
    "pids-of-last-asked",
    "A read has the pids of the request that was read before.",
    must="DCP-S13",
)
class OfLastAsked(Behaviour):
    _last: CredentialRequest | None = None

    def document(self, found: CredentialRequest) -> dict[str, object]:
        last, self._last = self._last or found, found
        return {**super().document(found), "issuerPid": last.issuer_pid, "holderPid": last.holder_pid}


@fault(
    "holder-pid-vanishes",
    "A finished request loses its holderPid after the first read.",
    must="DCP-S3 DCP-S11 DCP-S12",
)
class Vanishes(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._seen: set[str] = set()

    def document(self, found: CredentialRequest) -> dict[str, object]:
        members = super().document(found)
        if found.request_id in self._seen:
            del members["holderPid"]
        self._seen.add(found.request_id)
        return members


@fault("issuer-pid-renewed", "A second after the start every issuerPid is another one.", must="DCP-S13")
class Renewed(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._start = self.clock.monotonic()

    def issuer_pid(self, found: CredentialRequest) -> object:
        later = self.clock.monotonic() - self._start > 1.0
        return f"{found.issuer_pid}:2" if later else found.issuer_pid


@fault("issuer-pid-in-other-case", "issuerPid changes its letter case from read to read.", must="DCP-S13")
class OtherCase(Counts):
    def issuer_pid(self, found: CredentialRequest) -> object:
        return found.issuer_pid.upper() if self._shown % 2 else found.issuer_pid
