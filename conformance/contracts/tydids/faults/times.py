"""Faults about the time of a revocation, and about a revocation that does not last."""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    document,
    granted_instead,
    having,
    lacking,
)
from conformance.contracts.tydids.reference import EXAMPLE_REVOKED, Behaviour, Grant
from conformance.reference.behaviour import Answer

fault = Collection()
UNDONE = "TY-R1 TY-R7"


class Times(Behaviour):
    """Writes the time in another form."""

    def revoked_at(self, grant: Grant) -> object:
        return self.form(grant.revoked or EXAMPLE_REVOKED)

    def form(self, moment: int) -> object:
        return moment


@fault("revoked-string", "The time is a string of digits.", must="TY-R4")
class AString(Times):
    def form(self, moment: int) -> object:
        return str(moment)


@fault("revoked-iso", "The time is written as ISO 8601 says.", must="TY-R4")
class Iso(Times):
    def form(self, moment: int) -> object:
        return datetime.fromtimestamp(moment, UTC).isoformat()


@fault("revoked-date", "The time is a day.", must="TY-R4")
class Day(Times):
    def form(self, moment: int) -> object:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


@fault("revoked-null", "The time is null.", must="TY-R4")
class Null(Times):
    def form(self, moment: int) -> object:
        return None


@fault("revoked-true", "Instead of the time there is true.", must="TY-R4")
class ABoolean(Times):
    def form(self, moment: int) -> object:
        return True


@fault("revoked-fraction", "The time has a fraction.", must="TY-R4")
class AFraction(Times):
    def form(self, moment: int) -> object:
        return moment + 0.25


@fault("revoked-integral-float", "The time is written with .0 behind it.", must="TY-R4")
class AFloat(Times):
    def form(self, moment: int) -> object:
        return float(moment)


@fault("revoked-object", "The time is an object with seconds and nanoseconds.", must="TY-R4")
class AnObject(Times):
    def form(self, moment: int) -> object:
        return {"seconds": moment, "nanos": 0}


@fault("revoked-array", "The time is an array: there may be several.", must="TY-R4")
class AnArray(Times):
    def form(self, moment: int) -> object:
        return [moment]


@fault("revoked-missing", "A revocation has no time.", must="TY-R4")
class Missing(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return lacking(answer, "revoked")


@fault("revoked-renamed", "The time is called revokedAt.", must="TY-R4")
class Renamed(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return lacking(having(answer, revokedAt=document(answer)["revoked"]), "revoked")


@fault("revoked-milliseconds", "The time is in milliseconds.", must="TY-R5")
class Milliseconds(Times):
    def form(self, moment: int) -> object:
        return moment * 1000


@fault("revoked-microseconds", "The time is in microseconds.", must="TY-R5")
class Microseconds(Times):
    def form(self, moment: int) -> object:
        return moment * 1_000_000


@fault("revoked-nanoseconds", "The time is in nanoseconds.", must="TY-R5")
class Nanoseconds(Times):
    def form(self, moment: int) -> object:
        return moment * 1_000_000_000


@fault("revoked-as-digits-of-a-date", "The time is a date and a time written as one number.", must="TY-R5")
class DateDigits(Times):
    def form(self, moment: int) -> object:
        return int(datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M%S"))


@fault("revoked-zero", "The time is 0.", must="TY-R6")
class Zero(Times):
    def form(self, moment: int) -> object:
        return 0


@fault("revoked-negative", "The time is negative.", must="TY-R6")
class Negative(Times):
    def form(self, moment: int) -> object:
        return -moment


@fault("revoked-minus-one", "The time is -1: it is not known.", must="TY-R6")
class MinusOne(Times):
    def form(self, moment: int) -> object:
        return -1


@fault("revoked-end-of-time", "The time is the last one that 32 bits can hold.", must="TY-R6")
class EndOfTime(Times):
    def form(self, moment: int) -> object:
        return 2**31 - 1


@fault("revoked-ntp", "The time counts from 1900.", must="TY-R6")
class Ntp(Times):
    def form(self, moment: int) -> object:
        return moment + 2_208_988_800


@fault("revoked-tomorrow", "The time is that of the end of the notice, a day ahead.", must="TY-R6")
class Tomorrow(Behaviour):
    _end: int | None = None

    def revoked_at(self, grant: Grant) -> object:
        self._end = self._end or int(self.clock.time()) + 86_400
        return self._end


@fault("revoked-local-time", "The time of a revocation just now is in a zone two hours ahead.", must="TY-R6")
class LocalTime(Behaviour):
    _moment: int | None = None

    def revoked_at(self, grant: Grant) -> object:
        self._moment = self._moment or int(self.clock.time()) + 7200
        return self._moment


class Moving(Times):
    """Tells another time with every answer."""

    _answers = 0

    def form(self, moment: int) -> object:
        self._answers += 1
        return self.nth(self._answers, moment)

    def nth(self, answer: int, moment: int) -> int:
        return moment


@fault("revoked-now", "The time is that of the answer.", must="TY-R7")
class Now(Times):
    def form(self, moment: int) -> object:
        return int(self.clock.time())


@fault("revoked-ago", "The time is told as seconds that have passed.", must="TY-R7")
class Ago(Times):
    def form(self, moment: int) -> object:
        return int(self.clock.time()) - moment


@fault("revoked-days-ago", "The time is three years before that of the answer.", must="TY-R7")
class YearsAgo(Times):
    def form(self, moment: int) -> object:
        return int(self.clock.time()) - 3 * 365 * 86_400


@fault("revoked-creeps", "The time is a second later at every call.", must="TY-R7")
class Creeps(Moving):
    def nth(self, answer: int, moment: int) -> int:
        return moment + answer


@fault("revoked-two-times", "Every third answer tells the time of the day before.", must="TY-R7")
class TwoTimes(Moving):
    def nth(self, answer: int, moment: int) -> int:
        return moment - 86_400 * (answer % 3 == 0)


@fault("revoked-touched", "The first call sets the time anew; later calls tell that.", must="TY-R7")
class Touched(Moving):
    def nth(self, answer: int, moment: int) -> int:
        return moment + 3600 * (answer > 1)


class GrantedTime(Changes):
    """Gives a grant a time of revocation."""

    time: object = None

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return having(answer, revoked=self.time)


@fault("granted-revoked-null", "A grant has a revoked of null.", must="TY-G4")
class GrantedNull(GrantedTime):
    pass


@fault("granted-revoked-zero", "A grant has a revoked of 0.", must="TY-G4")
class GrantedZero(GrantedTime):
    time = 0


@fault("granted-revoked-false", "A grant has a revoked of false.", must="TY-G4")
class GrantedFalse(GrantedTime):
    time = False


@fault("granted-revoked-empty", "A grant has an empty revoked.", must="TY-G4")
class GrantedEmpty(GrantedTime):
    time = ""


@fault("granted-revoked-time", "A grant tells the time of an earlier revocation.", must="TY-G4")
class GrantedEarlier(GrantedTime):
    time = EXAMPLE_REVOKED


@fault(
    "revocation-undone",
    "The fourth call and all later ones find a revoked identity granted.",
    must=UNDONE,
)
class Undone(Changes):
    _calls = 0

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        self._calls += 1
        return granted_instead(answer) if self._calls > 3 else answer


@fault(
    "revocation-expires",
    "A second after it was first asked for, a revoked identity is granted.",
    must=UNDONE,
)
class Expires(Changes):
    _since: float | None = None

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        now = self.clock.time()
        self._since = self._since or now
        return granted_instead(answer) if now >= self._since + 1 else answer
