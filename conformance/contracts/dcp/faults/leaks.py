"""Faults about what errors give away."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
ANY = "SELECT id FROM dcp_requests ORDER BY id LIMIT 1"


class Tells(Behaviour):
    """Adds something to the body of an error."""

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        answer = super().refuse(request, refusal)
        resource = self.resource(request)
        found = self.lookup(self.normalize(resource)) if isinstance(resource, str) else None
        return Answer(answer.status, self.told(answer.value, refusal, found), answer.headers)

    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return body


@fault("refusal-shows-document", "Somebody without the token gets 401 and the document.", must="DCP-E5")
class ShowsDocument(Tells):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return self.document(found) if refusal.status == 401 and found else body


@fault("refusal-shows-pid", "The message of a 401 names the request by its issuerPid.", must="DCP-E5")
class ShowsPid(Tells):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return {"detail": f"no access to issuance {found.issuer_pid}"} if found else body


@fault("refusal-shows-holder-pid", "The message of a 401 holds the holderPid, deep inside.", must="DCP-E5")
class ShowsHolderPid(Tells):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return {"error": {"trace": [{"request": {"holder": found.holder_pid}}]}} if found else body


class KnowsAll(Tells):
    """Knows some request that nobody asked for."""

    def some(self) -> CredentialRequest:
        row = self.database.row(ANY, ())
        assert row
        found = self.lookup(row[0])
        assert found
        return found


@fault("unknown-shows-similar", "The 404 proposes another request by its pid.", must="DCP-E5")
class ShowsSimilar(KnowsAll):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return {"detail": f"did you mean {self.some().issuer_pid}?"} if refusal.status == 404 else body


@fault("unknown-shows-document", "The 404 has a CredentialStatus that is REJECTED.", must="DCP-E5")
class ShowsStatus(Tells):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        made = CredentialRequest("", "REJECTED", "none", "none")
        return self.document(made) if refusal.status == 404 else body


@fault("unknown-shows-empty-document", "The 404 has a CredentialStatus without pids.", must="DCP-E5")
class ShowsEmptyStatus(Tells):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return {"type": "CredentialStatus", "status": None} if refusal.status == 404 else body


@fault("odd-shows-trace", "The refusal of a malformed id shows what the server holds.", must="DCP-E5")
class ShowsTrace(KnowsAll):
    def told(self, body: object, refusal: Refusal, found: CredentialRequest | None) -> object:
        return (
            {"trace": f"lookup failed; cache={{'{self.some().holder_pid}': …}}"}
            if refusal.status == 400
            else body
        )
