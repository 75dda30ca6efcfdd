"""Is the endpoint offered (O1), and what do ids look like (O2)?"""

from __future__ import annotations

from conformance.contract import rule
from conformance.contracts.dcp.ids import form, named
from conformance.contracts.dcp.model import ABSENT, View
from conformance.outcome import Assessment


@rule("DCP-O1")
def is_offered(view: View, assessment: Assessment) -> None:
    """Note whether the OPTIONAL endpoint is there."""
    exchanges = [read.exchange for read in view.reads]
    if view.absence:
        assessment.note("DCP-O1", *exchanges, message=f"not offered: {view.absence}")
    elif view.shown:
        assessment.note("DCP-O1", *(read.exchange for read in view.shown), message="offered")
    elif view.codes and not view.codes <= ABSENT:
        listed = ", ".join(map(str, sorted(view.codes)))
        assessment.note("DCP-O1", *exchanges, message=f"something answers there, with {listed}")
    elif exchanges:
        message = "whether the endpoint is offered cannot be told: no known request was asked for"
        assessment.unclear("DCP-O1", *exchanges, message=message, hint="give --token and --request")


@rule("DCP-O2")
def id_form(view: View, assessment: Assessment) -> None:
    """Note the form of the known ids."""
    shown = {read.id: read.exchange for read in view.reads if read.known}
    for request_id in shown or [one.id for one in named(view.settings.many("request"))]:
        exchanges = [shown[request_id]] if request_id in shown else []
        assessment.note("DCP-O2", *exchanges, message=f"a request id is {form(request_id)}")


RULES = (is_offered, id_form)
