"""Faults about the number of the latest consensus."""

from __future__ import annotations

import zlib

from conformance.contracts.tydids.faults.collection import Changes, Collection, document, having, lacking
from conformance.contracts.tydids.reference import EXAMPLE_CONSENSUS, Behaviour, Grant
from conformance.reference.behaviour import Answer

fault = Collection()
TYPES = "TY-G3 TY-R3"


class Counts(Behaviour):
    """Writes the number in another form."""

    def consensus(self) -> object:
        number = super().consensus()
        return self.form(number if isinstance(number, int) else 0)

    def form(self, number: int) -> object:
        return number


@fault("consensus-string", "The consensus is a string.", must=TYPES)
class AString(Counts):
    def form(self, number: int) -> object:
        return str(number)


@fault("consensus-boolean", "The consensus is true.", must=TYPES)
class ABoolean(Counts):
    def form(self, number: int) -> object:
        return True


@fault("consensus-null", "The consensus is null.", must=TYPES)
class Null(Counts):
    def form(self, number: int) -> object:
        return None


@fault("consensus-fraction", "The consensus has a fraction.", must=TYPES)
class AFraction(Counts):
    def form(self, number: int) -> object:
        return number + 0.5


@fault("consensus-integral-float", "The consensus is written with .0 behind it.", must=TYPES)
class AFloat(Counts):
    def form(self, number: int) -> object:
        return float(number)


@fault("consensus-hexadecimal", "The consensus is a hexadecimal string.", must=TYPES)
class Hexadecimal(Counts):
    def form(self, number: int) -> object:
        return hex(number)


@fault("consensus-word", "The consensus is the word latest.", must=TYPES)
class Latest(Counts):
    def form(self, number: int) -> object:
        return "latest"


@fault("consensus-object", "The consensus is an object with the number in it.", must=TYPES)
class AnObject(Counts):
    def form(self, number: int) -> object:
        return {"number": number}


@fault("consensus-array", "The consensus is an array with the number in it.", must=TYPES)
class AnArray(Counts):
    def form(self, number: int) -> object:
        return [number]


@fault("consensus-missing", "There is no consensus.", must=TYPES)
class Without(Changes):
    def of_any(self, answer: Answer) -> Answer:
        return lacking(answer, "consensus")


@fault("consensus-renamed", "The consensus is called block.", must=TYPES)
class Renamed(Changes):
    def of_any(self, answer: Answer) -> Answer:
        return lacking(having(answer, block=document(answer)["consensus"]), "consensus")


@fault("consensus-string-when-granted", "The consensus of a grant is a string.", must="TY-G3")
class StringWhenGranted(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=str(document(answer)["consensus"]))


@fault("consensus-missing-when-granted", "A grant has no consensus.", must="TY-G3")
class MissingWhenGranted(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return lacking(answer, "consensus")


@fault("consensus-missing-when-revoked", "A revocation has no consensus.", must="TY-R3")
class MissingWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return lacking(answer, "consensus")


@fault("consensus-null-when-revoked", "The consensus of a revocation is null.", must="TY-R3")
class NullWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=None)


@fault(
    "consensus-boolean-when-revoked", "The consensus of a revocation is false: there is none.", must="TY-R3"
)
class BooleanWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=False)


@fault("consensus-negative", "The consensus has a minus in front.", must="TY-C2")
class Negative(Counts):
    def form(self, number: int) -> object:
        return -number


@fault("consensus-minus-one", "The consensus is -1.", must="TY-C2")
class MinusOne(Counts):
    def form(self, number: int) -> object:
        return -1


@fault("consensus-minus-one-when-revoked", "The consensus of a revocation is -1.", must="TY-C2 TY-C3")
class MinusOneWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=-1)


@fault("consensus-int32", "The consensus is read as a signed number of 32 bits.", must="TY-C2")
class Int32(Counts):
    def form(self, number: int) -> object:
        return number + 2**31 - 2**32


class Numbered(Counts):
    """Makes the number out of how many answers have been given."""

    def prepare(self) -> None:
        super().prepare()
        self._answers = 0

    def form(self, number: int) -> object:
        self._answers += 1
        return self.nth(self._answers, number)

    def nth(self, answer: int, number: int) -> int:
        return number


@fault("consensus-counts-down", "The consensus falls by one with every answer.", must="TY-C3")
class CountsDown(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return EXAMPLE_CONSENSUS - answer


@fault(
    "consensus-one-back-every-third",
    "Every third answer tells the consensus before the latest.",
    must="TY-C3",
)
class EveryThird(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return number - (answer % 3 == 0)


@fault(
    "consensus-one-back-every-seventh", "Every seventh answer tells a consensus that is 50 old.", must="TY-C3"
)
class EverySeventh(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return number - 50 * (answer % 7 == 0)


@fault("consensus-of-two-nodes", "Two nodes answer in turns, and one is a hundred behind.", must="TY-C3")
class TwoNodes(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return number - 100 * (answer % 2)


@fault("consensus-wraps", "The consensus starts anew after every ten answers.", must="TY-C3")
class Wraps(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return answer % 10


@fault("consensus-random", "The consensus is a random number.", must="TY-C3")
class Random(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return zlib.crc32(str(answer).encode()) % 50_000


@fault("consensus-falls-once", "After twenty answers the consensus falls by thirty.", must="TY-C3")
class FallsOnce(Numbered):
    def nth(self, answer: int, number: int) -> int:
        return EXAMPLE_CONSENSUS + answer - 30 * (answer >= 20)


@fault("consensus-by-identity", "Each identity has its own count.", must="TY-C3")
class ByIdentity(Changes):
    def prepare(self) -> None:
        super().prepare()
        self._counts: dict[str, int] = {}

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return self.counted(answer, grant)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return self.counted(answer, grant)

    def counted(self, answer: Answer, grant: Grant) -> Answer:
        self._counts[grant.identity] = self._counts.get(grant.identity, 0) + 1
        return having(answer, consensus=self._counts[grant.identity])


@fault(
    "consensus-of-the-revocation", "A revocation tells the consensus of the moment of revoking.", must="TY-C3"
)
class OfTheRevocation(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=EXAMPLE_CONSENSUS)


@fault(
    "consensus-behind-when-revoked",
    "The consensus of a revocation is six less than that of a grant.",
    must="TY-C3",
)
class BehindWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=document(answer)["consensus"] - 6)


@fault("consensus-zero-when-revoked", "The consensus of a revocation is 0.", must="TY-C3")
class ZeroWhenRevoked(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, consensus=0)


@fault("consensus-of-the-second", "The consensus counts the milliseconds of the second.", must="TY-C3")
class OfTheSecond(Behaviour):
    def consensus(self) -> object:
        return int(self.clock.time() * 1000) % 1000


@fault("consensus-countdown", "The consensus is the time until the next one.", must="TY-C3")
class Countdown(Behaviour):
    def consensus(self) -> object:
        return 10**12 - int(self.clock.time() * 1000) % 10**12


@fault("consensus-restarts", "A second after the first answer the consensus starts from 0.", must="TY-C3")
class Restarts(Behaviour):
    _since: float | None = None

    def consensus(self) -> object:
        now = self.clock.time()
        self._since = self._since or now
        return super().consensus() if now < self._since + 1 else 0
