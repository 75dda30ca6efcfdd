"""Where the faults of this contract are gathered while they are defined, and mixins that many of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from conformance.contracts.tydids.reference import NAME, Behaviour, Grant
from conformance.defects import Fault
from conformance.reference.behaviour import Answer, Refusal

B = TypeVar("B", bound=Behaviour)
VERDICTS = (200, 403)


class Collection:
    """Faults in the order of their definition; called, it makes the decorator that adds one."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def __call__(
        self, name: str, description: str, *, must: str, may: str = ""
    ) -> Callable[[type[B]], type[B]]:
        """Add the decorated behaviour as fault `name`; `must` and `may` are ids separated by spaces."""

        def add(behaviour: type[B]) -> type[B]:
            ids = tuple(must.split()), tuple(may.split())
            self.faults.append(Fault(f"{NAME}.{name}", description, behaviour, *ids))
            return behaviour

        return add


class Changes(Behaviour):
    """Changes the answers that have a verdict."""

    def granted(self, grant: Grant) -> Answer | Refusal:
        return self.of_granted(_answer(super().granted(grant)), grant)

    def revoked(self, grant: Grant) -> Answer | Refusal:
        return self.of_revoked(_answer(super().revoked(grant)), grant)

    def of_granted(self, answer: Answer, grant: Grant) -> Answer:
        """The answer for an identity that has not revoked."""
        return self.of_any(answer)

    def of_revoked(self, answer: Answer, grant: Grant) -> Answer:
        """The answer for an identity that has revoked."""
        return self.of_any(answer)

    def of_any(self, answer: Answer) -> Answer:
        """The answer for either."""
        return answer


def _answer(decision: Answer | Refusal) -> Answer:
    return decision if isinstance(decision, Answer) else Answer(decision.status, {"detail": decision.detail})


def document(answer: Answer) -> dict[str, Any]:
    """The members of an answer's document."""
    return answer.value if isinstance(answer.value, dict) else {}


def having(answer: Answer, **members: object) -> Answer:
    """The answer with these members changed or added."""
    return replace(answer, value={**document(answer), **members})


def lacking(answer: Answer, name: str) -> Answer:
    """The answer without the member `name`."""
    return replace(answer, value={key: value for key, value in document(answer).items() if key != name})


def granted_instead(answer: Answer) -> Answer:
    """The answer that a grant would have had."""
    return Answer(200, {"status": "granted", "consensus": document(answer).get("consensus")})


def revoked_instead(answer: Answer, moment: int = 1_722_722_789) -> Answer:
    """The answer that a revocation would have had."""
    return Answer(
        403, {"status": "revoked", "consensus": document(answer).get("consensus"), "revoked": moment}
    )
