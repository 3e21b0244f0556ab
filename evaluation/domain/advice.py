"""The agency's advice on a pre-registration, made from pitch and proposal (P1-DEC-01, P1-DEC-03)."""

from django.db import transaction

from applications.domain import lifecycle as application_lifecycle
from applications.enums import ENDED_STATES, ApplicationState
from applications.models import Application
from calls.enums import PhaseNumber
from evaluation.enums import Recommendation
from evaluation.models import Advice
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock


def advise_phase1(
    application: Application,
    *,
    recommendation: str,
    text: str,
    by: User,
    strengths: str = "",
    weaknesses: str = "",
    conditions: str = "",
    merge_with: Application | None = None,
) -> Advice:
    """Write the advice for the committee; from then on the dossier is on the agenda of the preselection.

    Advising a merger names the other initiative of the same call (P1-DEC-03).
    """
    recommendation, text = Recommendation(recommendation), text.strip()
    if not text:
        raise DomainError(
            "Het advies heeft een motivering nodig: het comité beslist erop.",
            rule_id="P1-DEC-01",
            findings=[Finding("P1-DEC-01", "text", "Schrijf de motivering.")],
        )
    if by.belongs_to(application.applicant_id):
        raise NotAllowed(
            "U hoort bij de aanvrager van dit dossier. Laat een collega het advies schrijven.", rule_id="P2-EVA-03"
        )
    check_merger(application, merge_with, is_merger=recommendation == Recommendation.MERGE)
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state != ApplicationState.P1_PITCHED:
            raise WrongState(
                f"Het advies volgt op de pitch; dit dossier staat op “{fresh.get_state_display()}”.",
                rule_id="P1-DEC-01",
            )
        advice = Advice.objects.create(
            application=fresh,
            phase=PhaseNumber.PRE_REGISTRATION,
            recommendation=recommendation,
            strengths=strengths.strip(),
            weaknesses=weaknesses.strip(),
            conditions=conditions.strip(),
            text=text,
            merge_with=merge_with,
            given_at=clock.now(),
            given_by=by,
        )
        application_lifecycle.move(application, ApplicationState.P1_ADVISED, by=by)
        trail.record("advice.given", fresh, by=by, changes={"phase": advice.phase, "recommendation": recommendation})
    return advice


def check_merger(application: Application, other: Application | None, *, is_merger: bool) -> None:
    """A merger names another living initiative of the same call, and nothing else names one (P1-DEC-03)."""
    message = ""
    if is_merger and other is None:
        message = "Kies met welk initiatief samengevoegd wordt."
    elif not is_merger and other is not None:
        message = "Een ander initiatief noemen kan alleen bij samenvoegen. Kies samenvoegen, of laat dit veld leeg."
    elif other is not None and (other.pk == application.pk or other.call_id != application.call_id):
        message = "Samenvoegen kan alleen met een ander initiatief van dezelfde oproep."
    elif other is not None and other.state in ENDED_STATES:
        message = f"{other.number} staat op “{other.get_state_display()}” en kan niet meer samengevoegd worden."
    if message:
        raise DomainError(message, rule_id="P1-DEC-03", findings=[Finding("P1-DEC-03", "merge_with", message)])
