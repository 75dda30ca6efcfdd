"""Faults about the code of the answer to a known request."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest
from conformance.reference.behaviour import EMPTY, Answer, Refusal

fault = Collection()


class Coded(Behaviour):
    """Answers every known request with one code."""

    code = 200

    def read_code(self, found: CredentialRequest) -> int:
        return self.code


@fault("code-201", "A known request is answered with 201.", must="DCP-S1")
class Created(Coded):
    code = 201


@fault("code-202", "A known request is answered with 202.", must="DCP-S1")
class Accepted(Coded):
    code = 202


class ByState(Behaviour):
    """Answers requests in one state with another code."""

    state = "RECEIVED"
    code = 202

    def read_code(self, found: CredentialRequest) -> int:
        return self.code if found.state == self.state else 200


@fault("code-202-while-received", "A received request is answered with 202.", must="DCP-S1")
class AcceptedWhileReceived(ByState):
    pass


@fault(
    "code-303-when-issued", "An issued request is answered with a redirect to the credential.", must="DCP-S1"
)
class SeeOther(ByState):
    state, code = "ISSUED", 303


@fault(
    "code-422-when-rejected",
    "A rejected request is answered with 422 and the document.",
    must="DCP-S1 DCP-E5",
)
class Unprocessable(ByState):
    state, code = "REJECTED", 422


class Instead(Behaviour):
    """Answers requests in one state with something else."""

    state = "RECEIVED"
    instead: Answer | Refusal = Refusal(404, "There is no such credential.")

    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        found = self.lookup(self.normalize(request_id))
        return self.instead if isinstance(answer, Answer) and found and found.state == self.state else answer


@fault("code-404-while-received", "A request is found only once it is finished.", must="DCP-S1")
class HiddenWhileReceived(Instead):
    pass


@fault("code-404-when-rejected", "A rejected request is forgotten.", must="DCP-S1")
class ForgottenWhenRejected(Instead):
    state = "REJECTED"


@fault("code-204-while-received", "A received request is answered with 204 and no body.", must="DCP-S1")
class EmptyWhileReceived(Instead):
    instead = Answer(204, EMPTY)


@fault(
    "code-403-when-issued", "The token that opens other requests is refused for an issued one.", must="DCP-S1"
)
class RefusedWhenIssued(Instead):
    state = "ISSUED"
    instead = Refusal(403, "This credential has been issued.")


@fault("code-500-when-rejected", "A rejected request breaks the server.", must="DCP-S1")
class BrokenWhenRejected(Instead):
    state = "REJECTED"
    instead = Refusal(500, "KeyError: 'credential'")


@fault(
    "code-502-when-rejected",
    "A rejected request ends in a 502 of the gateway, time and again.",
    must="DCP-S1",
)
class BrokenBehindGateway(Instead):
    state = "REJECTED"
    instead = Refusal(502, "Internal server error")


@fault("code-500-for-urns", "A request whose id is a URN breaks the server.", must="DCP-S1")
class BrokenForUrns(Behaviour):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        broken = isinstance(answer, Answer) and request_id.startswith("urn:")
        return Refusal(500, "a UUID was expected") if broken else answer


@fault("code-404-for-urns", "A request whose id is a URN is not found.", must="DCP-S1")
class MissingForUrns(Behaviour):
    def normalize(self, request_id: str) -> str:
        return request_id.replace(":", "/")


@fault(
    "code-401-for-any-type",
    "Who does not ask for JSON is refused, with the token and without.",
    must="DCP-S1",
)
class RefusedUnlessJson(Behaviour):
    def authorize(self, request: Request) -> Refusal | None:
        asked = "json" in request.headers.get("accept", "")
        return super().authorize(request) if asked else self.wrong_token()


@fault("code-304", "A second read of a request is answered with 304.", must="DCP-S1")
class NotModified(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._shown: set[str] = set()

    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        if not isinstance(answer, Answer) or request_id not in self._shown:
            self._shown |= {request_id} if isinstance(answer, Answer) else set()
            return answer
        return Answer(304, EMPTY)


@fault("code-404-after-first-read", "A finished request is gone once it has been read.", must="DCP-S1")
class GoneAfterFirstRead(NotModified):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        return self.unknown_request() if isinstance(answer, Answer) and answer.status == 304 else answer
