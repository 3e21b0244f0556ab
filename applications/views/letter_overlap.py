"""What the portal sees of a dossier's letters, for who screens: signatures, and where else the companies are found."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.domain import letter_evidence, letters, overlap, snapshot
from applications.models import Application, OnlineSignature, Submission
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest

COLUMNS = ("Onderneming", "Ondernemingsnummer", "Telt mee", "Handtekening", "Ook in")


@access(Role.CASE_HANDLER, subject="application")
@require_safe
def letter_evidence_page(request: SignedInRequest, number: str) -> HttpResponse:
    """Per letter and per other place; shown to the case team only, never to an applicant."""
    dossiers = Application.objects.visible_to(request.user).select_related("call", "applicant")
    application = get_object_or_404(dossiers, number=number)
    submission = application.submissions.select_related("rules__call").order_by("-phase", "-version").first()
    if submission is None:
        raise Http404
    context = evidence(application, submission, request.user)
    if format_ := wants_export(request):
        return table_response(format_, f"brieven-{number}", COLUMNS, [_exported(row) for row in context["rows"]])
    return render(request, "applications/screening/letters.html", {"application": application, **context})


def evidence(application: Application, submission: Submission, user: Any) -> dict[str, Any]:
    """Letters of the submission with their signatures, and the overlap."""
    dossier = snapshot.read(submission)
    found = overlap.of(application, dossier.letters, user=user)
    elsewhere = found.by_number()
    judged = letters.judge(dossier.letters)
    checks = letter_evidence.of_files([item.letter.file.id for item in judged if item.letter.file])
    online = {
        signature.letter_id: signature
        for signature in OnlineSignature.objects.filter(
            letter_id__in=[item.letter.id for item in judged]
        ).select_related("invitation")
    }
    rows = [
        {
            "judged": item,
            "letter": item.letter,
            "signature": checks.get(item.letter.file.id) if item.letter.file else None,
            "online": online.get(item.letter.id),
            "elsewhere": elsewhere.get(item.letter.enterprise_number, ()),
        }
        for item in judged
    ]
    count_text = f"{len(rows)} {'brief' if len(rows) == 1 else 'brieven'}"
    return {"submission": submission, "overlap": found, "rows": rows, "count_text": count_text, "places": places(found)}


def places(found: overlap.Overlap) -> list[dict[str, Any]]:
    """The groups of an overlap with their shares, as the template shows them."""
    return [{"group": group, "share": found.share(group), "share_of_it": group.share_of_it} for group in found.groups]


def _exported(row: dict[str, Any]) -> list[Any]:
    letter, judged = row["letter"], row["judged"]
    how = (
        "via link"
        if row["online"]
        else row["signature"].get_outcome_display()
        if row["signature"]
        else "PDF"
        if letter.file
        else ""
    )
    counts = "ja" if judged.counts else "te beoordelen" if judged.awaits_person else "nee"
    return [
        letter.company_name,
        letter.enterprise_number,
        counts,
        how,
        "; ".join(group.label for group in row["elsewhere"]),
    ]
