"""Faults that show only in every third answer or so, or after many."""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    document,
    granted_instead,
    having,
    lacking,
    revoked_instead,
)
from conformance.reference.behaviour import Answer

fault = Collection()


class NowAndThen(Changes):
    """Changes every nth answer for the identities of one kind."""

    every = 3
    kinds: tuple[str, ...] = ("granted", "revoked")

    def prepare(self) -> None:
        super().prepare()
        self._answers = dict.fromkeys(("granted", "revoked"), 0)

    def of_any(self, answer: Answer) -> Answer:
        word = str(document(answer)["status"])
        self._answers[word] += 1
        return self.odd(answer) if word in self.kinds and self.is_odd(self._answers[word]) else answer

    def is_odd(self, number: int) -> bool:
        return number % self.every == 0

    def odd(self, answer: Answer) -> Answer:
        return answer


@fault(
    "flapping-granted",
    "Every third answer for a revoked identity is granted.",
    must="TY-R1 TY-R7",
)
class FlappingGranted(NowAndThen):
    kinds = ("revoked",)

    def odd(self, answer: Answer) -> Answer:
        return granted_instead(answer)


@fault(
    "flapping-revoked",
    "Every third answer for a granted identity is revoked.",
    must="TY-G1",
)
class FlappingRevoked(NowAndThen):
    kinds = ("granted",)

    def odd(self, answer: Answer) -> Answer:
        return revoked_instead(answer)


@fault("flapping-denied", "Every third answer for a granted identity is a bare 403.", must="TY-G1")
class FlappingDenied(NowAndThen):
    kinds = ("granted",)

    def odd(self, answer: Answer) -> Answer:
        return Answer(403, {"message": "Forbidden"})


@fault("flapping-empty", "Every third answer for a revoked identity has no body.", must="TY-R2")
class FlappingEmpty(NowAndThen):
    kinds = ("revoked",)

    def odd(self, answer: Answer) -> Answer:
        return Answer(403)


@fault("flapping-500", "Every third answer is a 500.", must="TY-G1 TY-R1")
class Flapping500(NowAndThen):
    def odd(self, answer: Answer) -> Answer:
        return Answer(500, {"message": "Internal Server Error"})


@fault("flapping-code", "Every third revocation comes with 200.", must="TY-R1 TY-C1")
class FlappingCode(NowAndThen):
    kinds = ("revoked",)

    def odd(self, answer: Answer) -> Answer:
        return replace(answer, status=200)


@fault("flapping-word", "Every third answer spells its word in capitals.", must="TY-G2 TY-R2")
class FlappingWord(NowAndThen):
    def odd(self, answer: Answer) -> Answer:
        return having(answer, status=str(document(answer)["status"]).upper())


@fault("flapping-consensus", "Every third consensus is a string.", must="TY-G3 TY-R3")
class FlappingConsensus(NowAndThen):
    def odd(self, answer: Answer) -> Answer:
        return having(answer, consensus=str(document(answer)["consensus"]))


@fault("flapping-time", "Every fourth revocation is in milliseconds.", must="TY-R5 TY-R7")
class FlappingTime(NowAndThen):
    every, kinds = 4, ("revoked",)

    def odd(self, answer: Answer) -> Answer:
        return having(answer, revoked=document(answer)["revoked"] * 1000)


@fault("flapping-timeless", "Every fifth revocation has no time.", must="TY-R4")
class FlappingTimeless(NowAndThen):
    every, kinds = 5, ("revoked",)

    def odd(self, answer: Answer) -> Answer:
        return lacking(answer, "revoked")


@fault("flapping-grant-with-time", "Every fifth grant has a time.", must="TY-G4")
class FlappingGrantTime(NowAndThen):
    every, kinds = 5, ("granted",)

    def odd(self, answer: Answer) -> Answer:
        return having(answer, revoked=0)


@fault("flapping-label", "Every third verdict is labelled text/html.", must="TY-C4")
class FlappingLabel(Changes):
    _answers = 0

    def media_type(self, answer: Answer) -> str | None:
        self._answers += "status" in document(answer)
        return "text/html" if self._answers % 3 == 0 else super().media_type(answer)
