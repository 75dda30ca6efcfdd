"""Faults about the HTTP code, and about bodies that contradict it."""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts.tydids.faults.collection import (
    Changes,
    Collection,
    granted_instead,
    lacking,
    revoked_instead,
)
from conformance.contracts.tydids.reference import Behaviour, Grant
from conformance.reference.behaviour import EMPTY, Answer

fault = Collection()


class GrantedCode(Behaviour):
    """Tells of a grant with another code."""

    code = 200

    def granted_code(self) -> int:
        return self.code


@fault("granted-201", "A grant comes with 201.", must="TY-G1 TY-C1")
class Granted201(GrantedCode):
    code = 201


@fault("granted-202", "A grant comes with 202.", must="TY-G1 TY-C1")
class Granted202(GrantedCode):
    code = 202


@fault("granted-206", "A grant comes with 206.", must="TY-G1 TY-C1")
class Granted206(GrantedCode):
    code = 206


@fault("granted-302", "A grant comes with 302.", must="TY-G1 TY-C1")
class Granted302(GrantedCode):
    code = 302


@fault("granted-403", "A grant comes with 403, like a revocation.", must="TY-G1 TY-C1")
class Granted403(GrantedCode):
    code = 403


@fault("granted-404", "A grant comes with 404: no revocation was found.", must="TY-G1 TY-C1")
class Granted404(GrantedCode):
    code = 404


@fault("granted-500", "A grant comes with 500.", must="TY-G1 TY-C1")
class Granted500(GrantedCode):
    code = 500


@fault("granted-204", "A grant is answered with 204 and no body.", must="TY-G1")
class Granted204(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return Answer(204)


@fault(
    "granted-not-found", "An identity that has not revoked is answered with 404 and a message.", must="TY-G1"
)
class GrantedNotFound(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return Answer(404, {"message": "No revocation found"})


@fault("granted-redirected", "A grant redirects to a page about the identity.", must="TY-G1")
class GrantedRedirected(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return Answer(302, headers=(("location", "/identities/"),))


@fault("granted-denied", "An identity that has not revoked is answered with a bare 403.", must="TY-G1")
class GrantedDenied(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return Answer(403, {"message": "Forbidden"})


class RevokedCode(Behaviour):
    """Tells of a revocation with another code."""

    code = 403

    def revoked_code(self) -> int:
        return self.code


@fault("revoked-200", "A revocation comes with 200.", must="TY-R1 TY-C1")
class Revoked200(RevokedCode):
    code = 200


@fault("revoked-400", "A revocation comes with 400.", must="TY-R1 TY-C1")
class Revoked400(RevokedCode):
    code = 400


@fault("revoked-401", "A revocation comes with 401.", must="TY-R1 TY-C1")
class Revoked401(RevokedCode):
    code = 401


@fault("revoked-404", "A revocation comes with 404.", must="TY-R1 TY-C1")
class Revoked404(RevokedCode):
    code = 404


@fault("revoked-410", "A revocation comes with 410.", must="TY-R1 TY-C1")
class Revoked410(RevokedCode):
    code = 410


@fault("revoked-451", "A revocation comes with 451.", must="TY-R1 TY-C1")
class Revoked451(RevokedCode):
    code = 451


@fault("revoked-500", "A revocation comes with 500.", must="TY-R1 TY-C1")
class Revoked500(RevokedCode):
    code = 500


class RevokedAnswer(Changes):
    """Answers for a revoked identity with `instead`."""

    instead = Answer(403)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return self.instead


@fault("revoked-not-found", "A revoked identity is answered with 404 and a message.", must="TY-R1")
class RevokedNotFound(RevokedAnswer):
    instead = Answer(404, {"message": "Not Found"})


@fault("revoked-gone", "A revoked identity is answered with 410 and no body.", must="TY-R1")
class RevokedGone(RevokedAnswer):
    instead = Answer(410, EMPTY)


@fault("revoked-unauthorized", "A revoked identity is answered with 401 and a message.", must="TY-R1")
class RevokedUnauthorized(RevokedAnswer):
    instead = Answer(401, {"message": "Unauthorized"})


@fault("revoked-no-content", "A revoked identity is answered with 204.", must="TY-R1")
class RevokedNoContent(RevokedAnswer):
    instead = Answer(204)


@fault("revoked-empty-object", "A revoked identity is answered with 200 and an empty object.", must="TY-R1")
class RevokedEmptyObject(RevokedAnswer):
    instead = Answer(200, {})


@fault("revoked-crash", "Asking for a revoked identity ends in a 500.", must="TY-R1")
class RevokedCrash(RevokedAnswer):
    instead = Answer(500, {"message": "Internal Server Error"})


@fault("revoked-denied", "A revoked identity is answered with a gateway's message in a 403.", must="TY-R2")
class RevokedDenied(RevokedAnswer):
    instead = Answer(403, {"message": "Forbidden"})


@fault("revoked-empty", "A revoked identity is answered with 403 and no body.", must="TY-R2")
class RevokedEmpty(RevokedAnswer):
    instead = Answer(403, EMPTY)


@fault("codes-swapped", "A grant comes with 403 and a revocation with 200.", must="TY-G1 TY-R1 TY-C1")
class CodesSwapped(Behaviour):
    def granted_code(self) -> int:
        return 403

    def revoked_code(self) -> int:
        return 200


@fault(
    "codes-both-200",
    "Both verdicts come with 200, and a grant with a time of null.",
    must="TY-R1 TY-C1 TY-G4",
)
class CodesBoth200(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return replace(answer, value={"status": "granted", "consensus": self.consensus(), "revoked": None})

    def revoked_code(self) -> int:
        return 200


@fault("revoked-says-granted", "A 403 says granted.", must="TY-R2 TY-C1")
class RevokedSaysGranted(Changes):
    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return replace(granted_instead(answer), status=403)


@fault("granted-says-revoked", "A 200 says revoked.", must="TY-G2 TY-C1")
class GrantedSaysRevoked(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return lacking(replace(revoked_instead(answer), status=200), "revoked")


@fault(
    "verdicts-swapped",
    "A grant is told as a revocation and the other way round.",
    must="TY-G1 TY-R1",
)
class VerdictsSwapped(Changes):
    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        return revoked_instead(answer)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        return granted_instead(answer)
