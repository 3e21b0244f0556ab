"""What is asked of the applicant now, and by when: one step a dossier, on its card, its page and the dashboard."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from applications.enums import ApplicationState as S
from applications.models import Application, Supplement
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.worklist import WorkItem

GROUP = "Mijn dossiers"
_WAITING = {
    S.P1_SUBMITTED: "VLAIO kijkt na of de vooraanmelding ontvankelijk is. U hoeft niets te doen.",
    S.P1_SUPPLEMENT_ANSWERED: "VLAIO kijkt uw aanvulling na.",
    S.P1_SUPPLEMENT_EXPIRED: "De termijn is voorbij. De vooraanmelding wordt beoordeeld zoals ze is.",
    S.P1_ADMISSIBLE: "De vooraanmelding is ontvankelijk. Houd de pitchdagen vrij: u krijgt het exacte uur per mail.",
    S.P1_PITCHED: "De pitch is gehouden. VLAIO bereidt een advies voor.",
    S.P1_ADVISED: "Het beslissingscomité beslist over de preselectie.",
    S.P2_SUBMITTED: "VLAIO kijkt na of de aanvraag ontvankelijk en volledig is. U hoeft niets te doen.",
    S.P2_SUPPLEMENT_ANSWERED: "VLAIO kijkt uw aanvulling na.",
    S.P2_SUPPLEMENT_EXPIRED: "De termijn is voorbij. De aanvraag wordt beoordeeld zoals ze is.",
    S.P2_ADMISSIBLE: "De aanvraag is ontvankelijk en volledig. De beoordeling volgt.",
    S.P2_EVALUATION: "Deskundigen beoordelen de aanvraag.",
    S.P2_ADVISED: "Het beslissingscomité beslist over de steun.",
    S.REVIEW_REQUESTED: "Uw vraag om herziening wordt behandeld.",
}
_DONE = {
    S.P1_INADMISSIBLE: "De vooraanmelding is onontvankelijk verklaard. De reden staat in het bericht dat u kreeg.",
    S.NOT_PRESELECTED: "De vooraanmelding is niet gepreselecteerd. De feedback staat in het bericht dat u kreeg.",
    S.P2_INADMISSIBLE: "De volledige aanvraag is onontvankelijk verklaard. De reden staat in het bericht dat u kreeg.",
    S.AWARDED: "Het initiatief krijgt steun. De overeenkomst volgt.",
    S.REJECTED: "Het initiatief krijgt geen steun. De motivering staat in het bericht dat u kreeg.",
    S.REVIEW_UPHELD: "De beslissing is na herziening bevestigd.",
    S.MERGED: "Dit initiatief gaat verder samen met een ander; de volledige aanvraag loopt daar.",
    S.NOT_SUBMITTED: "Er is geen volledige aanvraag ingediend.",
    S.WITHDRAWN: "U trok het initiatief terug.",
}


def with_due(dossiers: "QuerySet[Application]") -> "QuerySet[Application]":
    """The dossiers with the moment until which an open request to complete can be answered; no query more."""
    waiting = Supplement.objects.filter(application=OuterRef("pk"), answered_at__isnull=True).order_by("-phase")
    return dossiers.annotate(supplement_due_at=Subquery(waiting.values("due_at")[:1]))


def supplement_due_of(application: Application) -> datetime | None:
    """That moment, asked for where the dossier was read without it."""
    if hasattr(application, "supplement_due_at"):
        found: datetime | None = application.supplement_due_at
        return found
    waiting = application.supplements.filter(answered_at__isnull=True).order_by("-phase")
    return waiting.values_list("due_at", flat=True).first()


def deadline_of(application: Application, phase: int) -> datetime | None:
    """The last instant of a phase; the call's phases were read with the dossiers."""
    return next((window.closes_at for window in application.call.phases.all() if window.number == phase), None)


def next_step(application: Application, *, closes_at: datetime | None = None) -> WorkItem:
    """The one thing that is asked now, or what the dossier waits for; `closes_at` is the end of its phase, for who read it already."""
    url = reverse("applications:detail", args=[application.number])
    state = application.state
    if state in {S.P1_DRAFT, S.P2_DRAFT}:
        return _draft(application, url, closes_at)
    if state in {S.PRESELECTED, S.MERGE_ADVISED}:
        text = "Begin de volledige aanvraag."
        if state == S.MERGE_ADVISED:
            text = "Het comité raadt aan om met een ander initiatief samen te gaan. Begin daarna de volledige aanvraag."
        due = closes_at or deadline_of(application, PhaseNumber.FULL_DOSSIER)
        return WorkItem(application.title, text, url, "Begin de volledige aanvraag", GROUP, due)
    if state in {S.P1_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ASKED}:
        due = supplement_due_of(application)
        to = reverse("applications:supplement", args=[application.number])
        return WorkItem(
            application.title, "VLAIO vraagt om uw aanvraag aan te vullen.", to, "Vul aan", GROUP, due, "urgent"
        )
    if state in _WAITING:
        return WorkItem(application.title, _WAITING[S(state)], url, "Bekijk", GROUP, None, "waiting")
    return WorkItem(application.title, _DONE[S(state)], url, "Bekijk", GROUP, None, "done")


def _draft(application: Application, url: str, closes_at: datetime | None) -> WorkItem:
    phase = PhaseNumber(application.phase)
    due = closes_at or deadline_of(application, phase)
    what = "de vooraanmelding" if phase == PhaseNumber.PRE_REGISTRATION else "de volledige aanvraag"
    if due is not None and due < clock.now():
        text = f"Het uiterste moment is voorbij; {what} kan niet meer ingediend worden. Uw tekst blijft bewaard."
        return WorkItem(application.title, text, url, "Bekijk", GROUP, None, "done")
    return WorkItem(application.title, f"Vul {what} aan en dien ze in.", url, "Werk verder", GROUP, due)
