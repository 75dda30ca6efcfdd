"""What befalls a run and is nobody's defect: the run is incomplete, says what it was, and accuses nobody."""

from __future__ import annotations

from starlette.requests import Request

from conformance.contracts.tydids.oddities.naming import oddity
from conformance.contracts.tydids.reference import Behaviour
from conformance.diagnosis.circumstances import BLOCKED, ENDED, NEVER, OUTAGE
from conformance.reference.behaviour import Answer, HeaderPairs, Refusal

LOGIN = b"<!doctype html><title>Sign in</title><form action=/login><input name=password></form>"
BROKEN = b"<html><h1>502 Bad Gateway</h1></html>"


class Page(Behaviour):
    """May answer with a page that no part of the contract gives."""

    code = 403
    text: object = {"message": "Forbidden"}
    more: HeaderPairs = ()

    def decide(self, request: Request, body: bytes) -> Answer | Refusal:
        usual = super().decide(request, body)
        return Answer(self.code, self.text, self.more) if self.is_shut() else usual

    def is_shut(self) -> bool:
        """Whether this call gets the page."""
        return True

    def encode(self, value: object) -> bytes:
        return value if isinstance(value, bytes) else super().encode(value)

    def media_type(self, answer: Answer) -> str | None:
        return "text/html" if isinstance(answer.value, bytes) else super().media_type(answer)


class Tired(Page):
    """After thirty calls everything is denied."""

    text: object = {"message": "Too many requests. Your address is blocked."}
    _calls = 0

    def is_shut(self) -> bool:
        self._calls += 1
        return self._calls > 30


class Later(Page):
    """A second after the first call everything is denied."""

    _since: float | None = None

    def is_shut(self) -> bool:
        now = self.clock.time()
        self._since = self._since or now
        return now >= self._since + 1


class Expired(Tired):
    """After thirty calls the gateway's credential has ended."""

    code, text = 401, {"error": "invalid_token", "error_description": "The access token expired"}
    more = (
        ("www-authenticate", 'Bearer error="invalid_token", error_description="The access token expired"'),
    )


class Down(Tired):
    """After thirty calls there is only a gateway's page."""

    code, text = 502, BROKEN


class DownForAWhile(Down):
    """Calls in the middle of the run get a gateway's page."""

    def is_shut(self) -> bool:
        return super().is_shut() and self._calls < 150


class SignIn(Page):
    """A page to log in answers everything."""

    code, text = 200, LOGIN


class Certificate(Page):
    code, text = 400, b"<html><h1>400 No required SSL certificate was sent</h1></html>"


class Stage(Page):
    text: object = {"message": "Missing Authentication Token"}


class Elsewhere(Page):
    code, text, more = 301, b"<html>Moved</html>", (("location", "https://elsewhere.test/v3/"),)


ODDITIES = (
    oddity("tired-denied", "After thirty calls everybody is denied.", Tired, circumstance=BLOCKED),
    oddity("later-denied", "A second after the first call everybody is denied.", Later, circumstance=BLOCKED),
    oddity("token-expires", "The gateway's credential ends in the middle.", Expired, circumstance=ENDED),
    oddity("gateway-breaks-down", "After thirty calls there is only a 502.", Down, circumstance=OUTAGE),
    oddity(
        "gateway-pauses", "In the middle of the run there is only a 502.", DownForAWhile, circumstance=OUTAGE
    ),
    oddity("sign-in", "A page to log in answers everything.", SignIn, circumstance=NEVER),
    oddity("wants-a-certificate", "A proxy wants a client certificate.", Certificate, circumstance=NEVER),
    oddity("wrong-stage", "A gateway knows no such stage.", Stage, circumstance=NEVER),
    oddity("moved-elsewhere", "Everything is redirected to another origin.", Elsewhere, circumstance=NEVER),
)
