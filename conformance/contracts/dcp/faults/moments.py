"""Faults that show only now and then, or only when several requests are in flight together."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
MOMENT = 0.004
"""Seconds that a request waits halfway, so that another one can come between."""


class InFlight(Behaviour):
    """Knows which other reads with the token are in flight."""

    def prepare(self) -> None:
        super().prepare()
        self._flying: list[Request] = []

    async def before(self, request: Request) -> None:
        if super().authorize(request) is None:
            self._flying.append(request)
        await asyncio.sleep(MOMENT)

    async def after(self, request: Request, response: Response) -> Response:
        self._flying = [one for one in self._flying if one is not request]
        return response

    def others(self, request: Request) -> list[Request]:
        """The reads with the token, besides this one, that are under way."""
        return [one for one in self._flying if one is not request]


@fault(
    "in-flight-documents-mixed-up",
    "Reads in flight together get each other's documents.",
    must="DCP-S10 DCP-S13",
)
class DocumentsMixedUp(InFlight):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        for other in self.others(request):
            resource = self.resource(other)
            known = isinstance(resource, str) and self.lookup(resource) and self.lookup(request_id)
            if known and isinstance(resource, str):
                return super().read(request, resource, body)
        return super().read(request, request_id, body)


@fault(
    "in-flight-token-mixed-up",
    "While a read with the token is in flight, everybody is let in.",
    must="DCP-E1 DCP-E2",
)
class TokenMixedUp(InFlight):
    def authorize(self, request: Request) -> Refusal | None:
        return None if self.others(request) else super().authorize(request)


@fault("in-flight-refused", "A read that comes while another is in flight breaks the server.", must="DCP-S1")
class RefusedInFlight(InFlight):
    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        busy = isinstance(answer, Answer) and self.others(request)
        return Refusal(500, "database is locked") if busy else answer


class Counts(Behaviour):
    """Counts the reads, and now and then does something else."""

    every = 3

    def prepare(self) -> None:
        super().prepare()
        self._reads = 0

    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        answer = super().read(request, request_id, body)
        self._reads += isinstance(answer, Answer)
        return (
            self.instead(answer) if isinstance(answer, Answer) and self._reads % self.every == 0 else answer
        )

    def instead(self, answer: Answer) -> Answer | Refusal:
        return answer


@fault("now-and-then-500", "Every third read of a known request breaks the server.", must="DCP-S1")
class NowAndThenBreaks(Counts):
    def instead(self, answer: Answer) -> Answer | Refusal:
        return Refusal(500, "connection pool exhausted")


@fault("now-and-then-404", "Every third read of a known request gets 404.", must="DCP-S1")
class NowAndThenMissing(Counts):
    def instead(self, answer: Answer) -> Answer | Refusal:
        return self.unknown_request()


@fault("now-and-then-401", "Every fifth read with the token gets 401.", must="DCP-S1")
class NowAndThenRefused(Counts):
    every = 5

    def instead(self, answer: Answer) -> Answer | Refusal:
        return self.wrong_token()


@fault("now-and-then-403", "Every eleventh read with the token gets 403.", must="DCP-S1")
class NowAndThenForbidden(NowAndThenRefused):
    every = 11

    def instead(self, answer: Answer) -> Answer | Refusal:
        return Refusal(403, "Access denied.")


@fault(
    "token-now-and-then-refused",
    "Every 25th use of the token is refused, whatever is asked for.",
    must="DCP-S1",
)
class TokenNowAndThenRefused(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._used = 0

    def authorize(self, request: Request) -> Refusal | None:
        refusal = super().authorize(request)
        self._used += refusal is None
        return self.wrong_token() if refusal is None and self._used % 25 == 0 else refusal


@fault("documents-mixed-up", "Every sixth read has the document of another request.", must="DCP-S10 DCP-S13")
class EverySixthMixedUp(Counts):
    every = 6

    def read(self, request: Request, request_id: str, body: bytes) -> Answer | Refusal:
        known = [one.partition("=")[2] for one in self.inputs["request"]]
        other = known[known.index(request_id) - 1] if request_id in known else request_id
        return super().read(request, request_id if (self._reads + 1) % self.every else other, body)


@fault("request-forgotten", "An issued request is forgotten after three seconds.", must="DCP-S1")
class Forgotten(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._start = self.clock.monotonic()

    def lookup(self, request_id: str) -> CredentialRequest | None:
        found, late = super().lookup(request_id), self.clock.monotonic() - self._start > 3.0
        return None if found and late and found.state == "ISSUED" else found


@fault("now-and-then-null", "Every seventh body is null.", must="DCP-S3")
class NowAndThenNull(Counts):
    every = 7

    def instead(self, answer: Answer) -> Answer | Refusal:
        return Answer(200, None)


@fault("now-and-then-lower-case", "Every fourth status is in lower case.", must="DCP-S9 DCP-S11 DCP-S12")
class NowAndThenLowerCase(Counts):
    every = 4

    def instead(self, answer: Answer) -> Answer | Refusal:
        assert isinstance(answer.value, dict)
        return Answer(200, {**answer.value, "status": answer.value["status"].lower()})


@fault(
    "now-and-then-old-context",
    "Every fourth @context is that of another version.",
    must="DCP-S5 DCP-S11",
)
class NowAndThenOldContext(NowAndThenLowerCase):
    def instead(self, answer: Answer) -> Answer | Refusal:
        assert isinstance(answer.value, dict)
        return Answer(200, {**answer.value, "@context": ["https://w3id.org/dspace-dcp/v0.8/dcp.jsonld"]})


@fault("unknown-now-and-then-received", "Every third unknown request is RECEIVED.", must="DCP-E3 DCP-E4")
class UnknownNowAndThen(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._missed = 0

    def missing(self, request_id: str) -> Answer | Refusal:
        self._missed += 1
        if self._missed % 3:
            return super().missing(request_id)
        return Answer(200, self.document(CredentialRequest(request_id, "RECEIVED", "a", "b")))


@fault("read-after-unknown-missing", "The first read after an unknown id gets 404.", must="DCP-S1")
class MissingAfterUnknown(Behaviour):
    _missed = False

    def lookup(self, request_id: str) -> CredentialRequest | None:
        found = super().lookup(request_id)
        missed, self._missed = self._missed, found is None
        return None if missed else found
