"""Faults about whose verdict it is: identities that are ignored, remembered or mixed up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    granted_instead,
    having,
    lacking,
    revoked_instead,
)
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
PAUSE = 0.004
MIXED = "TY-I1 TY-G1 TY-R1"


@fault("everybody-granted", "Every call is granted, whatever is asked for.", must="TY-I1 TY-R1 TY-I2 TY-I3")
class EverybodyGranted(Behaviour):
    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        return self.granted(Grant(""))


@fault("everybody-revoked", "Every call is revoked, whatever is asked for.", must="TY-I1 TY-G1 TY-I2 TY-I4")
class EverybodyRevoked(Behaviour):
    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        return self.revoked(Grant("", 1_722_722_789))


@fault("known-granted", "Every identity that is one is granted.", must="TY-I1 TY-R1")
class KnownGranted(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return granted_instead(answer)


@fault("known-revoked", "Every identity that is one is revoked.", must="TY-I1 TY-G1")
class KnownRevoked(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return revoked_instead(answer)


@fault(
    "only-known-granted", "A revocation is never looked up; who is not known gets 404.", must="TY-I1 TY-R1"
)
class OnlyKnownGranted(KnownGranted):
    def unknown(self, identity: str) -> Answer | Refusal:
        return Refusal(404, "This identity is not known.")


class Remembers(Behaviour):
    """Remembers verdicts under a key that is not the identity."""

    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[object, Answer | Refusal] = {}

    def verdict(self, identity: str) -> Answer | Refusal:
        usual = super().verdict(identity)
        if not isinstance(usual, Answer):
            return usual
        return self._kept.setdefault(self.key(identity), usual)

    def key(self, identity: str) -> object:
        return identity


@fault("first-verdict-kept", "The first verdict is kept for everybody.", must="TY-I1 TY-R1")
class FirstKept(Remembers):
    def key(self, identity: str) -> object:
        return ""


@fault("verdict-kept-by-prefix", "Verdicts are kept under the first two characters.", must="TY-I1 TY-R1")
class KeptByPrefix(Remembers):
    def key(self, identity: str) -> object:
        return identity[:2]


@fault("verdict-kept-by-length", "Verdicts are kept under the length of the identity.", must="TY-I1 TY-R1")
class KeptByLength(Remembers):
    def key(self, identity: str) -> object:
        return len(identity)


@fault("verdict-of-the-call-before", "Every answer is that to the call before.", must=MIXED)
class CallBefore(Behaviour):
    _last: Answer | Refusal | None = None

    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        usual = super().read(request, resource, body)
        told, self._last = self._last or usual, usual
        return told


@fault(
    "identity-of-the-call-before",
    "Every verdict is on the identity of the call before.",
    must=MIXED,
)
class IdentityBefore(Behaviour):
    _last = ""

    def verdict(self, identity: str) -> Answer | Refusal:
        asked, self._last = self._last or identity, identity
        return super().verdict(asked)


@fault(
    "revocation-sticks",
    "After a revoked identity the next one is revoked as well.",
    must="TY-I1 TY-G1",
)
class Sticks(Changes):
    _was_revoked = False

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        sticks, self._was_revoked = self._was_revoked, False
        return revoked_instead(answer) if sticks else answer

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        self._was_revoked = True
        return answer


@fault(
    "grant-sticks",
    "After a granted identity the next one is granted as well.",
    must="TY-I1 TY-R1",
)
class GrantSticks(Changes):
    _was_granted = False

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        self._was_granted = True
        return answer

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        sticks, self._was_granted = self._was_granted, False
        return granted_instead(answer) if sticks else answer


@fault(
    "refusal-sticks",
    "After a refusal the next revoked identity is granted.",
    must="TY-R1 TY-R7",
)
class RefusalSticks(Changes):
    _refused = False

    def verdict(self, identity: str) -> Answer | Refusal:
        usual = super().verdict(identity)
        sticks, self._refused = self._refused, isinstance(usual, Refusal)
        return (
            granted_instead(usual) if sticks and isinstance(usual, Answer) and usual.status == 403 else usual
        )

    def missing_identity(self) -> Answer | Refusal:
        self._refused = True
        return super().missing_identity()


@fault(
    "verdict-kept-for-a-moment",
    "A verdict is kept for the next eight calls, whoever is asked for.",
    must=MIXED,
)
class KeptForAMoment(Behaviour):
    _kept: Answer | None = None
    _calls = 0

    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        self._calls += 1
        if self._kept is None or self._calls % 9 == 0:
            usual = super().read(request, resource, body)
            self._kept = usual if isinstance(usual, Answer) else None
            return usual
        return self._kept


class Shares(Behaviour):
    """Keeps something about each call where other calls that are under way find it."""

    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[int, Any] = {}

    async def before(self, request: Request) -> None:
        self._kept[id(request)] = request.query_params.get("identity")
        await asyncio.sleep(PAUSE)

    async def after(self, request: Request, response: Response) -> Response:
        await asyncio.sleep(PAUSE)
        found = self.changed(request, response)
        await asyncio.sleep(PAUSE)
        del self._kept[id(request)]
        return found

    def changed(self, request: Request, response: Response) -> Response:
        return response

    def of_another(self, mine: object) -> Any:
        """What a call that is under way has kept, if it is not the same; None if there is none."""
        return next((kept for kept in list(self._kept.values()) if kept and kept != mine), None)


@fault("concurrent-identity", "A call takes the identity of another that is under way.", must=MIXED)
class ConcurrentIdentity(Shares):
    def identity(self, request: Request) -> str | Answer | Refusal:
        usual = super().identity(request)
        return self.of_another(usual) or usual if isinstance(usual, str) else usual


class SharesAnswers(Shares):
    """Keeps the answers that have a verdict."""

    async def before(self, request: Request) -> None:
        self._kept[id(request)] = None
        await asyncio.sleep(PAUSE)

    def read(self, request: Request, resource: str, body: bytes) -> Answer | Refusal:
        usual = super().read(request, resource, body)
        self._kept[id(request)] = usual if isinstance(usual, Answer) else None
        return usual

    def changed(self, request: Request, response: Response) -> Response:
        mine = self._kept[id(request)]
        other = self.of_another(mine) if mine else None
        return self.mixed(request, mine, other) if other else response

    def mixed(self, request: Request, mine: Answer, other: Answer) -> Response:
        return self.respond(request, other)


@fault("concurrent-answer", "A call gets the answer to another that is under way.", must=MIXED)
class ConcurrentAnswer(SharesAnswers):
    pass


@fault(
    "concurrent-code",
    "A call gets the code of another that is under way.",
    must="TY-G1 TY-R1 TY-C1",
)
class ConcurrentCode(SharesAnswers):
    def mixed(self, request: Request, mine: Answer, other: Answer) -> Response:
        return self.respond(request, replace(mine, status=other.status))


class Crowded(Shares):
    """Answers otherwise when several calls are under way."""

    def verdict(self, identity: str) -> Answer | Refusal:
        usual = super().verdict(identity)
        crowd = len(self._kept) > 1 and isinstance(usual, Answer)
        return self.crowded(usual) if crowd and isinstance(usual, Answer) else usual

    def crowded(self, answer: Answer) -> Answer:
        return answer


@fault("crowded-crash", "Of several calls at the same time some end in a 500.", must="TY-G1 TY-R1")
class CrowdedCrash(Crowded):
    def crowded(self, answer: Answer) -> Answer:
        return Answer(500, {"message": "connection pool exhausted"})


@fault("crowded-null", "Of several calls at the same time some get a consensus of null.", must="TY-G3 TY-R3")
class CrowdedNull(Crowded):
    def crowded(self, answer: Answer) -> Answer:
        return having(answer, consensus=None)


@fault(
    "crowded-granted",
    "Of several calls at the same time some are granted, whoever is asked for.",
    must="TY-R1 TY-R7",
)
class CrowdedGranted(Crowded):
    def crowded(self, answer: Answer) -> Answer:
        return granted_instead(answer)


@fault("crowded-timeless", "Of several calls at the same time some revocations have no time.", must="TY-R4")
class CrowdedTimeless(Crowded):
    def crowded(self, answer: Answer) -> Answer:
        return lacking(answer, "revoked")


@fault(
    "crowded-code",
    "Of several calls at the same time some come with 200, whatever they say.",
    must="TY-R1 TY-C1",
)
class CrowdedCode(Crowded):
    def crowded(self, answer: Answer) -> Answer:
        return replace(answer, status=200)
