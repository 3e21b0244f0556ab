"""The register of letters of intent of one's own dossier: its page, one letter, and many PDFs at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils.html import escape, format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import invitations, letter_evidence, letter_uploads, letters, mergers
from applications.domain.letter_uploads import Outcome
from applications.domain.snapshot import LetterItem
from applications.enums import InvitationStatus
from applications.forms.letters import LetterForm, ManyLettersForm, PairForm
from applications.models import Letter, LetterInvitation, LetterUpload, OnlineSignature, SignatureCheck
from applications.views.page import back_to, dossier_page, own_application
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.files import pdf_text
from ibnportal.core.files.http import respond
from ibnportal.core.http import SignedInRequest, add_domain_error, domain_errors
from ibnportal.core.ui import formats

COLUMNS = (
    "Onderneming", "Ondernemingsnummer", "Contactpersoon", "E-mail", "Straat en nummer", "Postcode", "Gemeente",
    "Financieel engagement (euro)", "Rol", "Telt mee", "Wat ontbreekt", "Uitnodiging",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One letter as the register shows it."""

    judged: letters.Judged[LetterItem]
    invitation: LetterInvitation | None
    status: Any
    signature: SignatureCheck | None

    @property
    def waits(self) -> bool:
        """Whether its company was asked and can still answer."""
        return self.status in {InvitationStatus.SENT, InvitationStatus.OPENED}

    @property
    def letter(self) -> LetterItem:
        """The letter itself."""
        return self.judged.letter


@access(ORGANISATION, subject="application")
@require_safe
def letter_list(request: SignedInRequest, number: str) -> HttpResponse:
    """The register with its counter and, per letter, what it lacks and what became of its invitation."""
    return _register(request, number)


def _register(request: SignedInRequest, number: str, *, refused: ManyLettersForm | None = None) -> HttpResponse:
    page = dossier_page(request, number, current="letters")
    application, tally = page["application"], page["reckoned"].tally
    rows = _rows(application, tally.judged)
    if format_ := wants_export(request):
        return table_response(format_, f"brieven-{number}", COLUMNS, [_exported(row) for row in rows])
    waiting = letter_uploads.waiting(application) if page["can_edit"] else []
    choices = [(row.letter.id, row.letter.company_name) for row in rows if not row.judged.letter.signed_online]
    statuses = [row.status for row in rows if row.status]
    context = {
        **page,
        "tally": tally,
        "rows": rows,
        "register": _shown(rows, request, number, can_edit=page["can_edit"]),
        "waiting": [(upload, PairForm(upload=upload, letters=choices)) for upload in waiting],
        "upload_form": refused or ManyLettersForm(),
        "can_invite": [row for row in rows if invitations.may_be_invited(row.letter, row.invitation)],
        "can_remind": [row for row in rows if row.invitation and invitations.may_be_reminded(row.invitation)],
        "invited": len(statuses),
        "kept": _number(request.GET.get("bewaard", "")),
        "joined": _joined(application) if tally.not_renewed else [],
        "without_email": sum(not letter.contact_email for letter in tally.not_renewed),
    }
    return render(request, "applications/letters.html", context, status=422 if refused else 200)


def _joined(application: Any) -> list[str]:
    """The initiatives that went up in this dossier: their companies are to sign again too."""
    return [merger.joining.title for merger in mergers.standing(application) if merger.lead_id == application.pk]


def _number(text: str) -> int:
    """A small number out of an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _rows(application: Any, judged: Sequence[letters.Judged[LetterItem]]) -> list[Row]:
    newest = invitations.newest_by_letter(application)
    checks = letter_evidence.of_register(application)
    found = []
    for item in judged:
        invitation = newest.get(item.letter.id)
        signature = checks.get(item.letter.file.id) if item.letter.file else None
        found.append(Row(item, invitation, invitations.status(invitation) if invitation else None, signature))
    return found


_NAMED = '<a href="{url}"><bdi>{name}</bdi></a>'
_KNOWN_BY = '<br><span class="source nowrap">{number}</span>'
_CONTACT = '<br><span class="source"><bdi>{contact}</bdi></span>'
_PDF = '<a href="{url}bestand/?weergave=inline">PDF<span class="visually-hidden"> van {name}</span></a>'
_REMOVAL = (
    '<form method="post" action="{url}verwijderen/">{token}<button class="btn btn-link" type="submit">Verwijder'
    '<span class="visually-hidden"> de brief van {name}</span></button></form>'
)


def _shown(rows: list[Row], request: SignedInRequest, number: str, *, can_edit: bool) -> list[dict[str, Any]]:
    """What every row of the page has, written here: there are dozens, and in the template it took a third of the page.

    What belongs to a letter stands below the register; one token serves all forms. Each text is escaped once, whatever it stands in.
    """
    register, token = reverse("applications:letters", args=[number]), csrf_input(request)
    shown = []
    for row in rows:
        letter = row.letter
        texts = {
            "url": escape(f"{register}{letter.id}/"), "name": escape(letter.company_name), "contact": escape(letter.contact_name), "token": token,
            "number": escape(formats.enterprise_number(letter.enterprise_number)) if letter.enterprise_number else escape("nummer ontbreekt"),
        }  # fmt: skip
        heading = (_NAMED if can_edit else "<bdi>{name}</bdi>") + _KNOWN_BY + (_CONTACT if letter.contact_name else "")
        shown.append(
            {
                "heading": format_html(heading, **texts),
                "place": f"{letter.postcode} {letter.municipality}" if letter.municipality else "",
                "pdf": format_html(_PDF, **texts) if letter.file else "",
                "is_being_made": letter.signed_online is not None,
                "signature": row.signature,
                "status": row.status,
                "refusal": row.invitation.decline_reason if row.invitation is not None else "",
                "judged": row.judged,
                "lacks": row.judged.findings,
                "waits": row.waits,
                "removal": format_html(_REMOVAL, **texts) if can_edit else "",
            }
        )
    return shown


def _exported(row: Row) -> list[Any]:
    letter = row.letter
    counts = "ja" if row.judged.counts else "VLAIO beoordeelt" if row.judged.awaits_person else "nee"
    return [
        letter.company_name, letter.enterprise_number, letter.contact_name, letter.contact_email, letter.street,
        letter.postcode, letter.municipality, letter.commitment_amount, letter.role, counts,
        " ".join(finding.message for finding in row.judged.findings), row.status.label if row.status else "",
    ]  # fmt: skip


# ---------------------------------------------------------------- one letter


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new letter, with its file if it is there already."""
    return _letter_page(request, number, None)


@access(ORGANISATION, subject="letter")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_edit(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Correct a letter or put its signed file in."""
    return _letter_page(request, number, _own_letter(request, number, letter_id))


def _letter_page(request: SignedInRequest, number: str, letter: Letter | None) -> HttpResponse:
    page = dossier_page(request, number, current="letters")
    form = LetterForm(request.POST or None, request.FILES or None, phase=page["phase"], letter=letter)
    if request.method == "POST" and form.is_valid():
        try:
            letter = _save_letter(request, page["application"], letter, form)
        except DomainError as error:
            field = _FIELD_OF_RULE.get(error.rule_id)
            add_domain_error(form, error, field=field if field in form.fields else None)
        else:
            return _after_letter(request, number, letter)
    if request.method == "POST" and request.FILES and form.errors:
        form.add_error("signed_file", "Kies het bestand opnieuw: een browser onthoudt het niet na een fout.")
    lacking = (
        [replace(found, where=_field_in_words(form, found.where)) for found in letters.findings(letter)]
        if letter
        else []
    )
    context = {**page, "form": form, "letter": letter, "findings": lacking, **_evidence(page["application"], letter)}
    return render(request, "applications/letter.html", context, status=422 if form.errors else 200)


def _evidence(application: Any, letter: Letter | None) -> dict[str, Any]:
    """What is known of the signature on this letter, and what became of its invitation."""
    if letter is None:
        return {}
    invitation = invitations.newest_by_letter(application).get(letter.pk)
    status = invitations.status(invitation) if invitation else None
    return {
        "invitation": invitation,
        "status": status,
        "runs": status in {InvitationStatus.SENT, InvitationStatus.OPENED},
        "online": OnlineSignature.objects.filter(letter=letter).select_related("invitation").first(),
        "signature": letter_evidence.of_files([letter.signed_file_id]).get(letter.signed_file_id)
        if letter.signed_file_id
        else None,
    }


def _field_in_words(form: LetterForm, name: str) -> str:
    """What the page calls a field."""
    return "Verklaringen" if name.startswith("declares_") else str(form.fields[name].label)


_FIELD_OF_RULE = {
    "P1-LET-01": "company_name", "P1-LET-03": "enterprise_number", "TGT-12": "enterprise_number",
    "P1-LET-07": "signed_file", "P1-LET-09": "commitment_amount",
}  # fmt: skip


def _save_letter(request: SignedInRequest, application: Any, letter: Letter | None, form: LetterForm) -> Letter:
    upload = form.cleaned_data["signed_file"]
    if letter is None:
        letter = letters.add(application, by=request.user, **form.fields_of_letter)
    else:
        letters.change(letter, by=request.user, **form.fields_of_letter)
    if upload:
        try:
            letters.sign(letter, upload, by=request.user)
        except DomainError as error:
            # What was typed is kept; only the file was refused, and the letter's own page says so.
            messages.error(request, error.message)
    return letter


def _after_letter(request: SignedInRequest, number: str, letter: Letter) -> HttpResponse:
    missing = letters.findings(letter)
    if missing:
        messages.warning(
            request,
            f"De brief van {letter.company_name} is bewaard, maar telt nog niet mee. Wat er nog ontbreekt, staat hieronder.",
        )
        return redirect("applications:letter", number, letter.pk)
    messages.success(request, f"De brief van {letter.company_name} is bewaard en telt mee.")
    return redirect("applications:letters", number)


def _own_letter(request: SignedInRequest, number: str, letter_id: int) -> Letter:
    visible = Letter.objects.visible_to(request.user).select_related(
        "application__call", "application__applicant", "signed_file__blob"
    )
    return get_object_or_404(visible, pk=letter_id, application__number=number)


@access(ORGANISATION, subject="letter")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def letter_remove(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Take a letter out."""
    letter = _own_letter(request, number, letter_id)
    letters.remove(letter, by=request.user)
    messages.success(request, f"De brief van {letter.company_name} is verwijderd.")
    return redirect("applications:letters", number)


@access(ORGANISATION, subject="letter")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def letter_renew(request: SignedInRequest, number: str, letter_id: int) -> HttpResponse:
    """Copy a company of phase 1, of this initiative or of one that went up in it, into the register of phase 2."""
    application = own_application(request, number)
    earlier = get_object_or_404(Letter.objects.to_sign_again_for(application), pk=letter_id)
    letter = letters.renew(earlier, into=application, by=request.user)
    messages.success(
        request,
        f"De gegevens van {letter.company_name} zijn overgenomen. Voeg de nieuwe verklaringen en handtekening toe.",
    )
    return redirect("applications:letter", number, letter.pk)


@access(ORGANISATION, subject="letter")
@require_safe
def letter_file(request: SignedInRequest, number: str, letter_id: int) -> HttpResponseBase:
    """The signed letter."""
    letter = _own_letter(request, number, letter_id)
    if letter.signed_file is None:
        return redirect("applications:letter", number, letter_id)
    return respond(letter.signed_file, by=request.user, inline=request.GET.get("weergave") == "inline")


# ---------------------------------------------------------------- many PDFs at once


@access(ORGANISATION, subject="application")
@require_POST
def letters_upload(request: SignedInRequest, number: str) -> HttpResponse:
    """Keep every PDF that came along; each one is told on its own. A script that sends them one by one gets JSON."""
    application = own_application(request, number)
    form = ManyLettersForm(request.POST, request.FILES)
    if not form.is_valid():
        if request.headers.get("X-Upload"):
            return JsonResponse({"message": form.errors["letters"][0]}, status=422)
        return _register(request, number, refused=form)
    outcomes = letter_uploads.receive(application, form.cleaned_data["letters"], read=pdf_text.text_of, by=request.user)
    if request.headers.get("X-Upload"):
        refusal = next((outcome.refusal for outcome in outcomes if outcome.refusal), "")
        is_known = any(outcome.is_known for outcome in outcomes)
        return JsonResponse({"message": refusal or "ok", "is_known": is_known}, status=422 if refusal else 200)
    _tell(request, outcomes)
    return redirect("applications:letters", number)


def _tell(request: SignedInRequest, outcomes: Sequence[Outcome]) -> None:
    kept = [outcome for outcome in outcomes if outcome.upload is not None and not outcome.is_known]
    paired = sum(outcome.upload is not None and outcome.upload.letter_id is not None for outcome in kept)
    if kept:
        waiting = len(kept) - paired
        text = f"{len(kept)} {'brief' if len(kept) == 1 else 'brieven'} bewaard: {paired} gekoppeld aan een onderneming"
        messages.success(request, f"{text}{f', {waiting} nog te koppelen hieronder' if waiting else ''}.")
    known = [outcome.name for outcome in outcomes if outcome.is_known]
    if known:
        messages.info(request, f"Deze bestanden waren er al en zijn niet opnieuw bewaard: {', '.join(known)}.")
    for refusal in dict.fromkeys(outcome.refusal for outcome in outcomes if outcome.refusal):
        messages.error(request, refusal)


def _own_upload(request: SignedInRequest, number: str, letter_upload_id: int) -> LetterUpload:
    visible = LetterUpload.objects.visible_to(request.user).select_related("application__applicant", "file__blob")
    return get_object_or_404(visible, pk=letter_upload_id, application__number=number)


@access(ORGANISATION, subject="letter_upload")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def upload_pair(request: SignedInRequest, number: str, letter_upload_id: int) -> HttpResponse:
    """Say whose letter a PDF is: an existing row, or a new one."""
    upload = _own_upload(request, number, letter_upload_id)
    chosen = request.POST.get(f"u{letter_upload_id}-letter", "")
    if not chosen:
        letter = letter_uploads.start_letter(upload, by=request.user)
        messages.success(
            request, f"Er is een brief van {letter.company_name} gemaakt. Vul hieronder aan wat nog ontbreekt."
        )
        return redirect("applications:letter", number, letter.pk)
    letter = _own_letter(request, number, int(chosen) if chosen.isascii() and chosen.isdigit() else 0)
    letter_uploads.pair(upload, letter, by=request.user)
    messages.success(request, f"“{upload.file.name}” is nu de brief van {letter.company_name}.")
    return redirect("applications:letters", number)


@access(ORGANISATION, subject="application")
@require_POST
def uploads_start(request: SignedInRequest, number: str) -> HttpResponse:
    """A new row for every PDF that has none."""
    made, refused = letter_uploads.start_all(own_application(request, number), by=request.user)
    if made:
        messages.success(
            request,
            f"{len(made)} {'brief' if len(made) == 1 else 'brieven'} gemaakt. Per brief staat wat er nog ontbreekt.",
        )
    for sentence in refused:
        messages.error(request, sentence)
    return redirect("applications:letters", number)


@access(ORGANISATION, subject="letter_upload")
@require_POST
@domain_errors(redirect_to=back_to("applications:letters"))
def upload_discard(request: SignedInRequest, number: str, letter_upload_id: int) -> HttpResponse:
    """Take a PDF out that belongs to no letter."""
    upload = _own_upload(request, number, letter_upload_id)
    letter_uploads.discard(upload, by=request.user)
    messages.success(request, f"“{upload.file.name}” is verwijderd.")
    return redirect("applications:letters", number)


@access(ORGANISATION, subject="letter_upload")
@require_safe
def upload_file(request: SignedInRequest, number: str, letter_upload_id: int) -> HttpResponseBase:
    """A PDF of the pile."""
    upload = _own_upload(request, number, letter_upload_id)
    return respond(upload.file, by=request.user, inline=request.GET.get("weergave") == "inline")
