"""The exception tree. Every error carries data for programs and a hint for people.

ConformanceError
├── UsageProblem          what the operator gave cannot be used (exit 2)
│   └── SecretProblem     a secret reference leads nowhere
├── SuiteProblem          the suite itself is broken (exit 5)
│   ├── ResourceMissing   a shipped folder or file is not there
│   └── CatalogueProblem  a requirements.json is not what its schema says
└── WireProblem           the network got in the way
    ├── Unreachable       no answer has ever come from the deployment (exit 4)
    ├── NotServed             the run never got to the contract, or is not served any more
    ├── Postponed         the deployment asks to be left alone for longer than the run waits
    └── BudgetSpent       the run has sent all the requests it may send, or its time is over
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Anything that the suite raises on purpose; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "", **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data = data


class UsageProblem(ConformanceError):
    """What the operator gave cannot be used."""


class SecretProblem(UsageProblem):
    """A secret reference leads nowhere."""


class SuiteProblem(ConformanceError):
    """The suite itself is broken."""


class ResourceMissing(SuiteProblem):
    """A shipped folder or file is not there."""


class CatalogueProblem(SuiteProblem):
    """A requirements.json is not what its schema says."""


class WireProblem(ConformanceError):
    """The network got in the way."""


class Unreachable(WireProblem):
    """No answer has ever come from the deployment."""


class NotServed(WireProblem):
    """The run never got to the contract, or is not served any more."""


class Postponed(WireProblem):
    """The deployment asks to be left alone for longer than the run waits."""


class BudgetSpent(WireProblem):
    """The run has sent all the requests it may send, or its time is over."""
