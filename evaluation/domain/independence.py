"""Who stood outside the first handling of a dossier, and may therefore look at it again (REV-01, REV-03)."""

from applications.models import AdmissibilityCheck, Application, DossierBar
from evaluation.models import Advice, Assignment, Decision, Pitch
from ibnportal.core.accounts.models import User


def involvement(application: Application, user: User) -> str:
    """In what this person had a hand, as the end of a Dutch sentence ("schreef het advies"); empty for who stood outside."""
    for deed, has_done in (
        ("hoort bij de aanvrager", user.belongs_to(application.applicant_id)),
        (
            "is van dit dossier uitgesloten",
            DossierBar.objects.filter(application=application, user=user, lifted_at__isnull=True),
        ),
        ("schreef het advies", Advice.objects.filter(application=application, given_by=user)),
        ("legde de beslissing vast", Decision.objects.filter(application=application, recorded_by=user)),
        ("zat in de vergadering die besliste", Decision.objects.filter(application=application, meeting__members=user)),
        (
            "onderzocht de ontvankelijkheid",
            AdmissibilityCheck.objects.filter(submission__application=application, verdict_by=user),
        ),
        ("noteerde de pitch", Pitch.objects.filter(application=application, held_by=user)),
        ("beoordeelde het dossier", Assignment.objects.filter(application=application, expert=user)),
    ):
        if has_done if isinstance(has_done, bool) else has_done.exists():
            return deed
    return ""
