"""Faults that take what resembles an identity for it, or what resembles one for an identity."""

from __future__ import annotations

import re
import zlib

from starlette.requests import Request

from conformance.contracts.tydids.faults.collection import Collection, revoked_instead
from conformance.contracts.tydids.faults.inputs import Accepts, Reads
from conformance.contracts.tydids.faults.lookups import Finds, Raw
from conformance.contracts.tydids.reference import Behaviour
from conformance.reference.behaviour import Answer, Refusal

fault = Collection()
BOTH = "TY-I3 TY-I4"


@fault("found-without-the-last-digit", "The last character of an identity does not count.", must=BOTH)
class WithoutTheLast(Finds):
    def matches(self, given: str, known: str) -> bool:
        return known[:-1] == given.lower()[:-1]


@fault("found-without-the-first-digit", "The first digit of an address does not count.", must="TY-I4")
class WithoutTheFirst(Finds):
    def matches(self, given: str, known: str) -> bool:
        return (known[:2], known[3:]) == (given.lower()[:2], given.lower()[3:])


@fault("found-without-the-middle", "The digits in the middle of an address do not count.", must=BOTH)
class WithoutTheMiddle(Finds):
    def matches(self, given: str, known: str) -> bool:
        return (known[:18], known[24:]) == (given.lower()[:18], given.lower()[24:])


@fault("found-by-its-digits", "The order of digits does not count.", must="TY-I4")
class ByItsDigits(Finds):
    def matches(self, given: str, known: str) -> bool:
        return sorted(given.lower()) == sorted(known)


@fault("found-by-six-digits", "The first six digits of an address are enough.", must=BOTH)
class BySixDigits(Finds):
    def matches(self, given: str, known: str) -> bool:
        return given.lower()[:8] == known[:8]


@fault("found-in-what-is-longer", "An identity is found in what contains it.", must="TY-I3")
class InWhatIsLonger(Finds):
    def matches(self, given: str, known: str) -> bool:
        return known in given.lower()


@fault("found-from-the-right", "An identity is found by its end.", must="TY-I3")
class FromTheRight(Finds):
    def matches(self, given: str, known: str) -> bool:
        return len(given) > 8 and known.endswith(given.lower())


@fault("unknown-revoked-at-times", "One of three unknown identities is revoked.", must="TY-I4")
class UnknownAtTimes(Behaviour):
    def unknown(self, identity: str) -> Answer | Refusal:
        usual = super().unknown(identity)
        odd = zlib.crc32(identity.encode()) % 3 == 0
        return revoked_instead(usual) if odd and isinstance(usual, Answer) else usual


@fault("malformed-null", "The word null is an identity.", must="TY-I3")
class Null(Accepts):
    def passes(self, identity: str) -> bool:
        return identity in ("null", "undefined", "None")


@fault("malformed-bare-prefix", "The prefix of an address is one.", must="TY-I3")
class BarePrefix(Accepts):
    def passes(self, identity: str) -> bool:
        return identity == "0x"


@fault("malformed-digits-alone", "A number is an identity.", must="TY-I3")
class DigitsAlone(Accepts):
    def passes(self, identity: str) -> bool:
        return identity.isdecimal()


@fault("malformed-list", "Of a list, the first identity counts.", must="TY-I3")
class FirstOfAList(Reads):
    def taken(self, identity: str) -> str:
        return identity.partition(",")[0] or identity


@fault("malformed-leading-zeros", "Zeros in front of an address do not count.", must="TY-I3")
class LeadingZeros(Reads):
    def taken(self, identity: str) -> str:
        return "0" + identity.lstrip("0") if re.match("0+x", identity) else identity


@fault("malformed-quoted", "Quotation marks around an identity do not count.", must="TY-I3")
class Quoted(Reads):
    def taken(self, identity: str) -> str:
        return identity.strip("\"'") or identity


@fault("malformed-padded-with-zeros", "A short address is filled up with zeros.", must="TY-I3")
class FilledUp(Accepts):
    def passes(self, identity: str) -> bool:
        return re.fullmatch("0x[0-9a-fA-F]{1,39}", identity) is not None


@fault("malformed-long-cut", "What is longer than 64 characters is granted.", must="TY-I3")
class TooLong(Accepts):
    def passes(self, identity: str) -> bool:
        return len(identity) > 64


@fault("malformed-granted-at-times", "Every third malformed identity is granted.", must="TY-I3")
class MalformedAtTimes(Accepts):
    _calls = 0

    def passes(self, identity: str) -> bool:
        self._calls += 1
        return self._calls % 3 == 0


@fault("nobody-gets-a-page", "A call without an identity gets a page about the API.", must="TY-I2")
class NobodyPage(Behaviour):
    def missing_identity(self) -> Answer | Refusal:
        return Answer(200, {"docs": "https://example.test/docs"})


@fault("nobody-204", "A call without an identity gets 204.", must="TY-I2")
class Nobody204(Behaviour):
    def missing_identity(self) -> Answer | Refusal:
        return Answer(204)


@fault("nobody-granted-with-400", "A call without an identity gets 400 and granted.", must="TY-I2 TY-C1")
class NobodyGranted400(Behaviour):
    def missing_identity(self) -> Answer | Refusal:
        return Answer(400, {"status": "granted", "consensus": self.consensus()})


@fault("encoded-first-only", "An identity that begins percent-encoded is not known.", must="TY-I6")
class EncodedFirst(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        return Refusal(404, "Not known.") if raw.startswith("%30") else super().encoded(raw, request)


@fault("encoded-is-revoked", "A percent-encoded identity is revoked.", must="TY-I6")
class EncodedRevoked(Raw):
    def encoded(self, raw: str, request: Request) -> str | Answer | Refusal:
        long = raw.count("%") > 20
        return (
            revoked_instead(Answer(200, {"consensus": self.consensus()}))
            if long
            else super().encoded(raw, request)
        )
