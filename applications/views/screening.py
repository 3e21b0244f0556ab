"""Screening: evidence and verdict per criterion, the documents beside it, and the conclusion with its mail."""

import hashlib
import itertools
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import admissibility, handling, screening, snapshot, supplements, versions
from applications.domain.screening import VerdictConflict
from applications.enums import CheckOutcome
from applications.forms.screening import ConcludeForm, VerdictForm
from applications.models import AdmissibilityCheck, Application, DossierHandler, Submission
from applications.views.reading import file_in
from calls.enums import PhaseNumber
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.files import decks, store
from ibnportal.core.files.http import respond, shows_files
from ibnportal.core.files.kinds import PDF, PPTX
from ibnportal.core.files.models import StoredFile
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors

READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.EXPERT, Role.ADMINISTRATOR)

# One key each; the page lists them, and every one of them is a link or a button too.
SHORTCUTS = (
    ("n", "volgend dossier"),
    ("j", "volgend criterium"),
    ("k", "vorig criterium"),
    ("o", "eerste criterium dat openstaat"),
    ("l", "volgend document"),
    ("h", "vorig document"),
    ("d", "het hele dossier lezen"),
    ("b", "berichten aan de aanvrager"),
)


def screening_url(request: SignedInRequest, number: str, **_: Any) -> str:
    """Where a verb of the screening returns to."""
    return reverse("applications:screening", args=[number])


def _dossier(request: SignedInRequest, number: str) -> Application:
    dossiers = Application.objects.visible_to(request.user).select_related("applicant", "call")
    return get_object_or_404(dossiers, number=number)


def _newest(application: Application) -> Submission:
    submission = (
        application.submissions.filter(phase=application.phase)
        .select_related("rules__call")
        .order_by("-version")
        .first()
    )
    if submission is None:
        raise Http404
    return submission


def _waiting(request: SignedInRequest, application: Application) -> list[str]:
    """Numbers of the dossiers that can be screened now: one's own first, then what nobody has, longest waiting first."""
    mine = Exists(
        DossierHandler.objects.filter(application=OuterRef("pk"), until_at__isnull=True, handler=request.user)
    )
    taken = Exists(DossierHandler.objects.filter(application=OuterRef("pk"), until_at__isnull=True))
    ready = Application.objects.visible_to(request.user).in_state(*screening.CONCLUDED_IN)
    ready = ready.exclude(pk=application.pk).exclude(applicant_id__in=request.user.organisation_ids)
    ordered = ready.annotate(is_mine=mine, is_taken=taken).order_by(
        "-is_mine", "is_taken", "state_changed_at", "number"
    )
    return list(ordered.values_list("number", flat=True))


@access(Role.CASE_HANDLER, subject="application")
@shows_files
@require_safe
def page(request: SignedInRequest, number: str) -> HttpResponseBase:
    """The screening of the newest submission."""
    return _page(request, _dossier(request, number))


def _page(
    request: SignedInRequest, application: Application, *, refused: tuple[int, VerdictForm] | None = None
) -> HttpResponseBase:
    submission = _newest(application)
    seen = {result.rule_id: result for result in _evidence(submission)}
    is_open = application.state in screening.JUDGED_IN
    checks = list(submission.checks.select_related("verdict_by"))
    others = handling.see(application, by=request.user) if is_open else []
    rows = [_row(check, seen.get(check.rule_id), is_open=is_open, refused=refused) for check in checks]
    waiting = _waiting(request, application)
    files = snapshot.read(submission).files()
    chosen = _chosen_file(request, files)
    shown = [ref for _, ref in files if ref.content_type == PDF]
    at = shown.index(chosen) if chosen is not None else 0
    for row, following in itertools.pairwise(rows):
        row["following"] = following["check"].rule_id
    judged = sum(bool(check.verdict) for check in checks)
    context = {
        "application": application,
        "submission": submission,
        "rows": rows,
        "unopened": [] if checks else list(seen.values()),
        "is_open": is_open,
        "can_conclude": application.state in screening.CONCLUDED_IN and bool(checks),
        "judged": judged,
        "total": len(checks),
        "has_no": any(check.verdict == CheckOutcome.NO for check in checks),
        "all_yes": bool(checks) and all(check.verdict == CheckOutcome.YES for check in checks),
        "for_people": admissibility.FOR_PEOPLE[PhaseNumber(submission.phase)],
        "files": files,
        "chosen": chosen,
        "is_phase1": submission.phase == PhaseNumber.PRE_REGISTRATION,
        "can_ask": supplements.may_ask(application, rules=submission.rules.frozen()),
        "asked": supplements.unanswered(application),
        "is_expired": application.state in supplements.EXPIRED,
        "changes": _changes(application, submission),
        "others": others,
        "handler": handling.handler_of(application),
        "fingerprint": _fingerprint(checks),
        "first_open": next((row["check"].rule_id for row in rows if not row["check"].verdict), ""),
        "slides": _slides(files),
        "previous_file": shown[at - 1] if at else None,
        "next_file": shown[at + 1] if at + 1 < len(shown) else None,
        "shortcuts": SHORTCUTS,
        "may_take": not request.user.belongs_to(application.applicant_id),
        "following": waiting[0] if waiting else "",
        "waiting_count": len(waiting),
        "forms": [row["form"] for row in rows if row["form"] is not None and row["form"].is_bound],
    }
    status = 200 if not refused else 409 if refused[1].has_conflict else 422
    return render(request, "applications/screening/screening.html", context, status=status)


def _changes(application: Application, submission: Submission) -> list[versions.Change]:
    """What a supplement changed in what was handed in before; nothing for a first version."""
    if submission.version == 1:
        return []
    earlier = application.submissions.filter(phase=submission.phase, version=submission.version - 1).first()
    if earlier is None:
        return []
    return versions.compare(snapshot.read(earlier), snapshot.read(submission), submission.rules.frozen())


def _fingerprint(checks: list[AdmissibilityCheck]) -> str:
    """Changes when somebody judges: the page in another tab notices."""
    stamps = "|".join(f"{check.pk}:{screening.stamp_of(check)}" for check in checks)
    return hashlib.sha256(stamps.encode()).hexdigest()[:16]


def _slides(files: tuple[tuple[str, snapshot.FileRef], ...]) -> tuple[decks.Slide, ...]:
    """The slides of a presentation that a browser cannot show; nothing when it cannot be read."""
    deck = next((ref for _, ref in files if ref.content_type == PPTX), None)
    if deck is None:
        return ()
    try:
        return decks.read(store.read_bytes(StoredFile.objects.get(pk=deck.id)), name=deck.name)
    except (DomainError, FileNotFoundError, StoredFile.DoesNotExist):
        return ()


def _evidence(submission: Submission) -> list[admissibility.CheckResult]:
    return admissibility.judge(snapshot.read(submission), submission.rules.frozen(), at=submission.received_at)


def _row(
    check: AdmissibilityCheck,
    seen: admissibility.CheckResult | None,
    *,
    is_open: bool,
    refused: tuple[int, VerdictForm] | None,
) -> dict[str, Any]:
    form = None
    if is_open:
        initial = {
            "verdict": check.verdict or check.machine_outcome,
            "reason": check.verdict_reason,
            "seen": screening.stamp_of(check),
        }
        form = VerdictForm(initial=initial, prefix=f"c{check.pk}")
        if refused and refused[0] == check.pk:
            form = refused[1]
    return {"check": check, "gaps": seen.gaps if seen else (), "form": form}


def _chosen_file(request: SignedInRequest, files: tuple[tuple[str, snapshot.FileRef], ...]) -> snapshot.FileRef | None:
    """The PDF beside the checks: the one that was asked for, else the first."""
    pdfs = [ref for _, ref in files if ref.content_type == PDF]
    wanted = request.GET.get("document", "")
    return next((ref for ref in pdfs if str(ref.id) == wanted), pdfs[0] if pdfs else None)


@access(Role.CASE_HANDLER, subject="application")
@require_POST
@shows_domain_errors(redirect_to=screening_url)
def open_(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Store the machine's evidence, so that a person can judge."""
    screening.open_screening(_dossier(request, number), by=request.user)
    return redirect("applications:screening", number)


@access(Role.CASE_HANDLER, subject="application")
@shows_files
@require_POST
def judge(request: SignedInRequest, number: str, check_id: int) -> HttpResponseBase:
    """One verdict; refused, the page comes back with what was typed."""
    application = _dossier(request, number)
    checks = AdmissibilityCheck.objects.filter(submission__application=application).select_related(
        "submission__application"
    )
    check = get_object_or_404(checks, pk=check_id)
    form = VerdictForm(request.POST, prefix=f"c{check.pk}")
    if form.is_valid():
        try:
            screening.judge(check, by=request.user, **{**form.cleaned_data, "seen": form.seen_stamp})
        except VerdictConflict as conflict:
            form = _over(conflict, form, request)
        except DomainError as error:
            add_domain_error(form, error, field="reason" if error.findings else None)
            form.errors["reason"] = form.error_class(list(dict.fromkeys(map(str, form.errors.get("reason", [])))))
        else:
            messages.success(request, f"Bewaard: {check.label.lower()}.")
            return redirect(f"{screening_url(request, number)}#{_following(check)}")
    return _page(request, application, refused=(check.pk, form))


def _over(conflict: VerdictConflict, form: VerdictForm, request: SignedInRequest) -> VerdictForm:
    """The same form with what was chosen and typed, over the colleague's verdict: who saves again chose knowingly."""
    data = request.POST.copy()
    data[f"{form.prefix}-seen"] = screening.stamp_of(conflict.current)
    again = VerdictForm(data, prefix=form.prefix)
    again.is_valid()
    again.add_error(None, conflict.message)
    again.has_conflict = True
    return again


def _following(check: AdmissibilityCheck) -> str:
    """Where to go on: the next criterion that nobody judged, or the conclusion."""
    left = check.submission.checks.filter(verdict="").order_by("position", "rule_id")
    following = left.filter(position__gt=check.position).first() or left.first()
    return following.rule_id if following else "besluit"


@access(Role.CASE_HANDLER, subject="application")
@require_safe
def presence(request: SignedInRequest, number: str) -> HttpResponseBase:
    """A fragment that the page asks for now and then: who else has this dossier open, and whether something was judged."""
    application = _dossier(request, number)
    others = handling.see(application, by=request.user) if application.state in screening.JUDGED_IN else []
    checks = list(_newest(application).checks.all())
    context = {
        "application": application,
        "others": others,
        "fingerprint": _fingerprint(checks),
        "is_stale": request.GET.get("stand", "") not in {"", _fingerprint(checks)},
    }
    return render(request, "applications/screening/_presence.html", context)


@access(Role.CASE_HANDLER, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def conclude(request: SignedInRequest, number: str, outcome: str) -> HttpResponseBase:
    """Conclude, after seeing the mail that goes out: first the reason (when inadmissible), then the mail, then it is sent."""
    application = _dossier(request, number)
    admissible = outcome == "ontvankelijk"
    submission = _newest(application)
    checks = list(submission.checks.all())
    step = request.POST.get("stap", "")
    shows_message = admissible or bool(step)
    options = {"asks_reason": not admissible, "shows_message": shows_message}
    notice = None
    if request.method == "POST":
        form = ConcludeForm(request.POST, **options)
        reason = request.POST.get("reason", "")
        if form.is_valid():
            if step == "verstuur":
                try:
                    screening.conclude(application, admissible=admissible, by=request.user, **form.cleaned_data)
                except DomainError as error:
                    add_domain_error(form, error)
                else:
                    messages.success(
                        request, f"{application.number} is {outcome} verklaard. De aanvrager krijgt de mail."
                    )
                    return redirect("applications:screening", number)
            elif not admissible and not reason.strip():
                form.add_error("reason", "Schrijf waarom: de aanvrager leest dit.")
                del form.fields["message"]
            else:
                notice = screening.preview(application, admissible=admissible, reason=reason)
                form = ConcludeForm(initial={"reason": reason, "message": notice.text}, **options)
    else:
        initial = {}
        if admissible:
            notice = screening.preview(application, admissible=True)
            initial = {"message": notice.text}
        form = ConcludeForm(initial=initial, **options)
    notice = notice or screening.preview(application, admissible=admissible)
    context = {
        "application": application,
        "admissible": admissible,
        "outcome": outcome,
        "form": form,
        "notice": notice,
        "shows_message": "message" in form.fields,
        "obstacles": screening.obstacles(checks, admissible=admissible),
        "failed": [check for check in checks if check.verdict == CheckOutcome.NO],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "applications/screening/conclude.html", context, status=status)


@access(*READERS, subject="application")
@require_safe
def file(request: SignedInRequest, number: str, file_id: int) -> HttpResponseBase:
    """A file of what was handed in, to download or (PDF, `?toon=1`) to read in the page; every look is in the trail."""
    application = _dossier(request, number)
    for submission in application.submissions.order_by("-phase", "-version"):
        if file_in(submission, file_id):
            stored = get_object_or_404(StoredFile.objects.select_related("blob"), pk=file_id)
            return respond(stored, by=request.user, inline=request.GET.get("toon") == "1", confidential=True)
    raise Http404
