"""Faults about the state: wrong words, wrong states, states that do not stay."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request

from conformance.contracts.dcp.faults.collection import Collection
from conformance.contracts.dcp.reference import Behaviour, CredentialRequest
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()


class Words(Behaviour):
    """Says the state in another way."""

    words: ClassVar[dict[str, object]] = {}

    def status(self, found: CredentialRequest) -> object:
        return self.words.get(found.state, found.state)


@fault("status-null", "The status of a received request is null.", must="DCP-S3 DCP-S11 DCP-S12")
class Null(Words):
    words: ClassVar[dict[str, object]] = {"RECEIVED": None}


@fault("status-pending", "A received request is PENDING.", must="DCP-S9 DCP-S11 DCP-S12")
class Pending(Words):
    words: ClassVar[dict[str, object]] = {"RECEIVED": "PENDING"}


@fault("status-delivered", "An issued request is DELIVERED.", must="DCP-S9 DCP-S11 DCP-S12")
class Delivered(Words):
    words: ClassVar[dict[str, object]] = {"ISSUED": "DELIVERED"}


@fault(
    "status-of-delivery",
    "A rejected request has the status of the delivery message.",
    must="DCP-S9 DCP-S11 DCP-S12",
)
class OfDelivery(Words):
    words: ClassVar[dict[str, object]] = {"REJECTED": "NOT_ISSUED"}


@fault("status-true", "The status of an issued request is true.", must="DCP-S9 DCP-S11 DCP-S12")
class Truth(Words):
    words: ClassVar[dict[str, object]] = {"ISSUED": True}


class Rewritten(Behaviour):
    """Writes every state in another way."""

    def status(self, found: CredentialRequest) -> object:
        return self.rewrite(found.state)

    def rewrite(self, word: str) -> object:
        return word


@fault("status-lower-case", "The status is in lower case.", must="DCP-S9 DCP-S11 DCP-S12")
class LowerCase(Rewritten):
    def rewrite(self, word: str) -> object:
        return word.lower()


@fault(
    "status-capitalised", "Only the first letter of the status is a capital.", must="DCP-S9 DCP-S11 DCP-S12"
)
class Capitalised(Rewritten):
    def rewrite(self, word: str) -> object:
        return word.capitalize()


@fault("status-iri", "The status is the protocol's IRI.", must="DCP-S9 DCP-S11 DCP-S12")
class Iri(Rewritten):
    def rewrite(self, word: str) -> object:
        return f"https://w3id.org/dspace-dcp/v1.0/{word}"


@fault("status-array", "The status is an array.", must="DCP-S9 DCP-S11 DCP-S12")
class InArray(Rewritten):
    def rewrite(self, word: str) -> object:
        return [word]


@fault("status-object", "The status is an object.", must="DCP-S9 DCP-S11 DCP-S12")
class InObject(Rewritten):
    def rewrite(self, word: str) -> object:
        return {"@id": word}


@fault("state-always-received", "Every request is RECEIVED.", must="DCP-S10")
class AlwaysReceived(Rewritten):
    def rewrite(self, word: str) -> object:
        return "RECEIVED"


@fault("state-rejected-is-issued", "A rejected request is reported as ISSUED.", must="DCP-S10")
class RejectedIsIssued(Words):
    words: ClassVar[dict[str, object]] = {"REJECTED": "ISSUED"}


@fault("state-rejected-is-received", "A rejected request is reported as RECEIVED.", must="DCP-S10")
class RejectedIsReceived(Words):
    words: ClassVar[dict[str, object]] = {"REJECTED": "RECEIVED"}


@fault("state-received-is-issued", "A request is ISSUED as soon as it is received.", must="DCP-S10")
class ReceivedIsIssued(Words):
    words: ClassVar[dict[str, object]] = {"RECEIVED": "ISSUED"}


@fault("state-swapped", "ISSUED and REJECTED are swapped.", must="DCP-S10")
class Swapped(Words):
    words: ClassVar[dict[str, object]] = {"ISSUED": "REJECTED", "REJECTED": "ISSUED"}


class Remembers(Behaviour):
    """Remembers what was read before."""

    def prepare(self) -> None:
        super().prepare()
        self._last = ""
        self._reads = 0
        self._times: dict[str, int] = {}

    def status(self, found: CredentialRequest) -> object:
        self._reads += 1
        times = self._times[found.request_id] = self._times.get(found.request_id, 0) + 1
        last, self._last = self._last, found.state
        return self.state(found.state, times, last)

    def state(self, state: str, times: int, last: str) -> str:
        return state


@fault(
    "state-of-last-asked",
    "A read reports the state of the request that was read before.",
    must="DCP-S10 DCP-S13",
)
class OfLastAsked(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return last or state


@fault(
    "state-goes-back", "A finished request is RECEIVED again from its third read on.", must="DCP-S10 DCP-S13"
)
class GoesBack(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return "RECEIVED" if times >= 3 else state


@fault("state-on-second-read", "Only the first read of a request tells its state.", must="DCP-S10 DCP-S13")
class OnSecondRead(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return state if times == 1 else "RECEIVED"


@fault("state-stale-at-first", "The first read of a finished request still says RECEIVED.", must="DCP-S10")
class StaleAtFirst(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return "RECEIVED" if times == 1 else state


@fault("state-flips", "A finished request is ISSUED and REJECTED by turns.", must="DCP-S10 DCP-S13")
class Flips(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return state if state == "RECEIVED" else ("ISSUED", "REJECTED")[times % 2]


@fault(
    "state-cycles", "Every read moves a request on to the next state, in a circle.", must="DCP-S10 DCP-S13"
)
class Cycles(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return ("RECEIVED", "ISSUED", "REJECTED")[times % 3]


@fault(
    "state-wrong-every-third", "Every third read of a finished request says RECEIVED.", must="DCP-S10 DCP-S13"
)
class EveryThird(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return "RECEIVED" if self._reads % 3 == 0 else state


@fault(
    "state-received-comes-back",
    "A request that was received is ISSUED, and RECEIVED again.",
    must="DCP-S10 DCP-S13",
)
class ReceivedComesBack(Remembers):
    def state(self, state: str, times: int, last: str) -> str:
        return "ISSUED" if state == "RECEIVED" and times in (3, 4) else state


@fault("state-fades", "After three seconds every request is RECEIVED.", must="DCP-S10 DCP-S13")
class Fades(Behaviour):
    def prepare(self) -> None:
        super().prepare()
        self._start = self.clock.monotonic()

    def status(self, found: CredentialRequest) -> object:
        return "RECEIVED" if self.clock.monotonic() - self._start > 3.0 else found.state


class AfterRefusal(Remembers):
    """Forgets a state when somebody was refused."""

    refused = False

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        self.refused = True
        return super().refuse(request, refusal)

    def state(self, state: str, times: int, last: str) -> str:
        refused, self.refused = self.refused, False
        return "REJECTED" if refused else state


@fault("state-after-refusal", "The first read after a refusal says REJECTED.", must="DCP-S10 DCP-S13")
class RejectedAfterRefusal(AfterRefusal):
    pass


@fault(
    "state-poisoned-by-unknown",
    "An unknown id turns the finished requests back to RECEIVED.",
    must="DCP-S10 DCP-S13",
)
class PoisonedByUnknown(Remembers):
    poisoned = False

    def missing(self, request_id: str) -> Answer | Refusal:
        self.poisoned = True
        return super().missing(request_id)

    def state(self, state: str, times: int, last: str) -> str:
        return "RECEIVED" if self.poisoned else state
