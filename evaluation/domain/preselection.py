"""What the decisions on the pre-registrations have to agree on before they are made known (P1-DEC-02, P1-DEC-03)."""

from collections.abc import Sequence

from applications.enums import ApplicationState
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core.findings import Finding

_GOES_ON = (DecisionOutcome.PRESELECTED, DecisionOutcome.MERGE_ADVISED)
_WENT_ON = (ApplicationState.PRESELECTED, ApplicationState.MERGE_ADVISED, ApplicationState.P2_DRAFT)


def contradictions(decisions: Sequence[Decision]) -> list[Finding]:
    """Advice to merge with an initiative that does not go on itself: nobody could follow it. No query where all is well."""
    outcomes = {decision.application_id: decision.outcome for decision in decisions}
    found = []
    for decision in decisions:
        partner = decision.merge_with
        if decision.kind != DecisionKind.PRESELECTION or partner is None:
            continue
        outcome = outcomes.get(partner.pk)
        if outcome in _GOES_ON or (outcome is None and partner.state in _WENT_ON):
            continue
        where = "krijgt in deze vergadering geen preselectie" if outcome else "is niet gepreselecteerd"
        found.append(
            Finding(
                "P1-DEC-03",
                decision.application.number,
                f"samenvoegen is aangeraden met {partner.number}, maar dat {where}. Pas een van beide beslissingen aan.",
            )
        )
    return found
