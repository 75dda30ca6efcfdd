"""Faults about the word in the member status, and about where it stands."""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts.tydids.faults.collection import Changes, Collection, document, lacking
from conformance.contracts.tydids.reference import Behaviour
from conformance.reference.behaviour import Answer

fault = Collection()
BOTH = "TY-G2 TY-R2"


class Words(Behaviour):
    """Tells both verdicts in other words."""

    for_granted: object = "granted"
    for_revoked: object = "revoked"

    def granted_word(self) -> object:
        return self.for_granted

    def revoked_word(self) -> object:
        return self.for_revoked


@fault("status-upper-case", "The status is GRANTED or REVOKED.", must=BOTH)
class UpperCase(Words):
    for_granted, for_revoked = "GRANTED", "REVOKED"


@fault("status-capitalised", "The status is Granted or Revoked.", must=BOTH)
class Capitalised(Words):
    for_granted, for_revoked = "Granted", "Revoked"


@fault("status-blank-behind", "The status has a blank behind it.", must=BOTH)
class BlankBehind(Words):
    for_granted, for_revoked = "granted ", "revoked "


@fault("status-boolean", "The status is true or false.", must=BOTH)
class Booleans(Words):
    for_granted, for_revoked = True, False


@fault("status-number", "The status is 1 or 0.", must=BOTH)
class Numbers(Words):
    for_granted, for_revoked = 1, 0


@fault("status-code", "The status is the HTTP code.", must=BOTH)
class Codes(Words):
    for_granted, for_revoked = 200, 403


@fault("status-null", "The status is null.", must=BOTH)
class Nulls(Words):
    for_granted, for_revoked = None, None


@fault("status-active", "A grant is called active.", must="TY-G2")
class Active(Words):
    for_granted = "active"


@fault("status-approved", "A grant is called approved.", must="TY-G2")
class Approved(Words):
    for_granted = "approved"


@fault("status-withdrawn", "A revocation is called withdrawn.", must="TY-R2")
class Withdrawn(Words):
    for_revoked = "withdrawn"


@fault("status-not-granted", "A revocation is called not granted.", must="TY-R2")
class NotGranted(Words):
    for_revoked = "not granted"


@fault("status-valid", "The status is valid or invalid.", must=BOTH)
class Valid(Words):
    for_granted, for_revoked = "valid", "invalid"


@fault("status-german", "The status is in German.", must=BOTH)
class German(Words):
    for_granted, for_revoked = "erteilt", "widerrufen"


@fault("status-ok", "The status is ok or error.", must=BOTH)
class Fine(Words):
    for_granted, for_revoked = "ok", "error"


@fault("status-in-object", "The status is an object with the word in it.", must=BOTH)
class InObject(Words):
    for_granted, for_revoked = {"value": "granted"}, {"value": "revoked"}


@fault("status-in-array", "The status is an array with the word in it.", must=BOTH)
class InArray(Words):
    for_granted, for_revoked = ["granted"], ["revoked"]


class Renamed(Changes):
    """Calls the member status otherwise."""

    name = "status"

    def of_any(self, answer: Answer) -> Answer:
        members = {self.name if name == "status" else name: value for name, value in document(answer).items()}
        return replace(answer, value=members)


@fault("status-called-state", "The member is called state.", must=BOTH)
class CalledState(Renamed):
    name = "state"


@fault("status-called-verdict", "The member is called approvalStatus.", must=BOTH)
class CalledApproval(Renamed):
    name = "approvalStatus"


@fault("status-capital-name", "The member is called Status.", must=BOTH)
class CapitalName(Renamed):
    name = "Status"


@fault("status-missing", "There is no status; the code alone tells the verdict.", must=BOTH)
class WithoutStatus(Changes):
    def of_any(self, answer: Answer) -> Answer:
        return lacking(answer, "status")


@fault("status-twice", "The member status occurs twice in a body.", must=BOTH)
class Twice(Behaviour):
    def encode(self, value: object) -> bytes:
        body = super().encode(value)
        return (
            body[:-1] + b', "status": ' + body.split(b",")[0].split(b":")[1] + b"}"
            if b'"status"' in body
            else body
        )
