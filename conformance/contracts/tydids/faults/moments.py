"""Faults that show only the first time, the second time, or later."""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    document,
    granted_instead,
    having,
    revoked_instead,
)
from conformance.contracts.tydids.reference import Grant
from conformance.reference.behaviour import Answer

fault = Collection()


class FirstTime(Changes):
    """Changes the first answer for each identity, or all but the first."""

    first = True

    def prepare(self) -> None:
        super().prepare()
        self._asked: set[str] = set()

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return self.timely(answer, grant)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return self.timely(answer, grant)

    def timely(self, answer: Answer, grant: Grant) -> Answer:
        first = grant.identity not in self._asked
        self._asked.add(grant.identity)
        return self.odd(answer) if first is self.first else answer

    def odd(self, answer: Answer) -> Answer:
        return answer


@fault(
    "first-call-granted",
    "The first call for an identity is granted, before it has been looked up.",
    must="TY-R1",
)
class FirstGranted(FirstTime):
    def odd(self, answer: Answer) -> Answer:
        return granted_instead(answer)


@fault(
    "first-call-pending",
    "The first call for an identity is answered with 202: it is being looked up.",
    must="TY-G1 TY-R1",
)
class FirstPending(FirstTime):
    def odd(self, answer: Answer) -> Answer:
        return Answer(202, {"status": "pending"})


@fault(
    "second-call-string",
    "From the second call on the consensus comes from a cache, as a string.",
    must="TY-G3 TY-R3",
)
class SecondString(FirstTime):
    first = False

    def odd(self, answer: Answer) -> Answer:
        return having(answer, consensus=str(document(answer)["consensus"]))


@fault("second-call-200", "From the second call on a cache answers with 200.", must="TY-R1 TY-C1")
class Second200(FirstTime):
    first = False

    def odd(self, answer: Answer) -> Answer:
        return replace(answer, status=200)


@fault("second-call-304", "From the second call on the answer is 304.", must="TY-G1 TY-R1")
class Second304(FirstTime):
    first = False

    def odd(self, answer: Answer) -> Answer:
        return Answer(304)


@fault(
    "second-call-cached-consensus",
    "The consensus is the one of the first call for the identity.",
    must="TY-C3",
)
class CachedConsensus(Changes):
    def prepare(self) -> None:
        super().prepare()
        self._kept: dict[str, int] = {}

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return self.cached(answer, grant)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return self.cached(answer, grant)

    def cached(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=self._kept.setdefault(grant.identity, int(self.clock.time() * 1000)))


@fault(
    "forgotten-is-granted",
    "A revoked identity is granted unless one of the two calls before was for it.",
    must="TY-R1 TY-R7",
)
class Forgotten(Changes):
    def prepare(self) -> None:
        super().prepare()
        self._recent: list[str] = []

    def verdict(self, identity: str) -> Answer:
        usual = super().verdict(identity)
        answer = usual if isinstance(usual, Answer) else Answer(usual.status, {"detail": usual.detail})
        known, self._recent = (
            self.canonical(identity) in self._recent,
            [*self._recent[-1:], self.canonical(identity)],
        )
        return granted_instead(answer) if answer.status == 403 and not known else answer


class Later(Changes):
    """Changes every answer once a second has passed since the first."""

    _since: float | None = None

    def of_any(self, answer: Answer) -> Answer:
        now = self.clock.time()
        self._since = self._since or now
        return self.odd(answer) if now >= self._since + 1 else answer

    def odd(self, answer: Answer) -> Answer:
        return answer


@fault("later-string", "A second after the first call the consensus becomes a string.", must="TY-G3 TY-R3")
class LaterString(Later):
    def odd(self, answer: Answer) -> Answer:
        return having(answer, consensus=str(document(answer)["consensus"]))


@fault("later-revoked", "A second after the first call everybody is revoked.", must="TY-G1")
class LaterRevoked(Later):
    def odd(self, answer: Answer) -> Answer:
        return revoked_instead(answer) if answer.status == 200 else answer
