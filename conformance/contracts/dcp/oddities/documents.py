"""Oddities about what is said of a known request."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.dcp.oddities.collection import Collection
from conformance.contracts.dcp.reference import CONTEXT, NAME, Behaviour, CredentialRequest
from conformance.reference.behaviour import Answer, Refusal
from conformance.resources import folder

oddity = Collection()
OTHER_CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://issuer.example/context.jsonld")


class Counts(Behaviour):
    """Counts how often each request was read."""

    def prepare(self) -> None:
        super().prepare()
        self._times: dict[str, int] = {}

    def document(self, found: CredentialRequest) -> dict[str, object]:
        self._times[found.request_id] = self._times.get(found.request_id, 0) + 1
        return super().document(found)


@oddity("finished-meanwhile", "A received request is issued while the run is under way.")
class FinishedMeanwhile(Counts):
    word = "ISSUED"

    def status(self, found: CredentialRequest) -> object:
        return self.word if found.state == "RECEIVED" and self._times[found.request_id] > 3 else found.state


@oddity("rejected-late", "A received request is rejected near the end of the run.")
class RejectedLate(FinishedMeanwhile):
    word = "REJECTED"

    def status(self, found: CredentialRequest) -> object:
        return self.word if found.state == "RECEIVED" and self._times[found.request_id] > 20 else found.state


@oddity("issued-while-watched", "A received request is issued three seconds after the first read.")
class IssuedWhileWatched(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._start = self.clock.monotonic()

    def status(self, found: CredentialRequest) -> object:
        late = self.clock.monotonic() - self._start > 3.0
        return "ISSUED" if late and found.state == "RECEIVED" else found.state


class Changes(Behaviour):
    """Changes the document."""

    def document(self, found: CredentialRequest) -> dict[str, object]:
        return self.change(super().document(found), found)

    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return members


@oddity("extra-members", "The document has members that the text does not name.")
class ExtraMembers(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        more = {"rejectionReason": "no proof", "updatedAt": 1.7e9, "links": [{"rel": "self"}], "note": None}
        return {"version": 1, **members, **more}


@oddity("node-id", "The document has an id, which JSON-LD takes for its name.")
class NodeId(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return {**members, "id": f"https://issuer.example/requests/{found.issuer_pid}"}


@oddity("reversed-members", "The members stand in reversed order.")
class ReversedMembers(Changes):
    def change(self, members: dict[str, object], found: CredentialRequest) -> dict[str, object]:
        return dict(reversed(members.items()))


@oddity("extra-context-behind", "Another context stands behind the protocol's.")
class ContextBehind(Behaviour):
    def context(self) -> object:
        return [CONTEXT, *OTHER_CONTEXTS]


@oddity("extra-context-before", "Another context stands before the protocol's.")
class ContextBefore(Behaviour):
    def context(self) -> object:
        return [*OTHER_CONTEXTS, CONTEXT]


@oddity(
    "extra-context-provided",
    "Another context stands beside the protocol's, and the operator provides it.",
    settings={"jsonld_contexts": {OTHER_CONTEXTS[0]: folder("schemas") / NAME / "dcp.jsonld"}},
)
class ContextProvided(Behaviour):
    def context(self) -> object:
        return [OTHER_CONTEXTS[0], CONTEXT]


@oddity("context-twice", "The protocol's context is listed twice.")
class ContextTwice(Behaviour):
    def context(self) -> object:
        return [CONTEXT, CONTEXT]


@oddity("inline-context", "An inline context object stands beside the strings.", warns="DCP-S4 DCP-S11")
class InlineContext(Behaviour):
    def context(self) -> object:
        return [CONTEXT, {"issuer": "https://issuer.example/terms#"}]


class Pids(Behaviour):
    """Has pids of another form."""

    def issuer_pid(self, found: CredentialRequest) -> object:
        return self.pid("issuance", found)

    def holder_pid(self, found: CredentialRequest) -> object:
        return self.pid("request", found)

    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side}-{found.request_id}"


@oddity("unicode-pids", "The pids hold characters outside ASCII, spaces and an emoji.")
class UnicodePids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side} žádost/申请 «{found.request_id}» 😀"


@oddity("url-pids", "The pids are URLs with a query and a fragment.")
class UrlPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"https://{side}.example/a?b={found.request_id}&c=%2F#d"


@oddity("number-like-pids", "The pids are strings of digits.")
class NumberPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return str(sum(f"{side}{found.request_id}".encode()))


@oddity("long-pids", "The pids have two thousand characters.")
class LongPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"{side}-{found.request_id}-".ljust(2000, "x")


@oddity(
    "pids-equal-request-id", "Both pids are the request's id, and errors repeat the id that was asked for."
)
class EchoedPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return found.request_id

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        answer = super().refuse(request, refusal)
        return Answer(answer.status, {"detail": "refused", "instance": request.url.path}, answer.headers)


@oddity("one-holder", "All requests come from one holder, who numbers none of them.")
class OneHolder(Behaviour):
    def holder_pid(self, found: CredentialRequest) -> object:
        return "did:web:holder.example"


@oddity("pids-like-words", "The pids are the words of the document's example, with a number.")
class WordPids(Pids):
    def pid(self, side: str, found: CredentialRequest) -> str:
        return f"issuerPid{len(found.state)}{found.state}" if side == "issuance" else "holderPid"
