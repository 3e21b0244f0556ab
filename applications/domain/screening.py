"""Screening of what was handed in (manual 5.2.2 and 5.3.2; P1-ADM-01 ... 06, P2-ADM-01 ... 12).

The machine lays its evidence beside each criterion; a person judges. A machine's "no" rejects nothing by itself, and a
verdict against the evidence needs a reason. Only admissible dossiers go on (P1-ADM-05).
"""

from collections.abc import Sequence

from django.db import transaction

from applications.domain import admissibility, lifecycle, notices
from applications.enums import ApplicationState, CheckOutcome
from applications.models import AdmissibilityCheck, Application, Submission
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock

S = ApplicationState

# Where a person may judge, and where the screening may be concluded.
JUDGED_IN = frozenset(
    {
        S.P1_SUBMITTED, S.P1_SUPPLEMENT_ASKED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED,
        S.P2_SUBMITTED, S.P2_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED,
    }
)  # fmt: skip
CONCLUDED_IN = JUDGED_IN - {S.P1_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ASKED}
_RESULT = {
    (PhaseNumber.PRE_REGISTRATION, True): S.P1_ADMISSIBLE,
    (PhaseNumber.PRE_REGISTRATION, False): S.P1_INADMISSIBLE,
    (PhaseNumber.FULL_DOSSIER, True): S.P2_ADMISSIBLE,
    (PhaseNumber.FULL_DOSSIER, False): S.P2_INADMISSIBLE,
}


def open_screening(application: Application, *, by: User) -> list[AdmissibilityCheck]:
    """The checks of the newest submission; the first time, the machine's evidence is stored with them.

    After a supplement the newest version gets its own evidence. A verdict goes along only where the machine still
    says the same with the same evidence: what changed is judged again.
    """
    _refuse_own_dossier(application, by=by)
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state not in JUDGED_IN:
            raise WrongState(f"Er valt nu niets te screenen: het dossier staat op “{fresh.get_state_display()}”.")
        submission = _newest_submission(fresh)
        checks = list(submission.checks.all())
        if not checks:
            checks = _store_evidence(fresh, submission)
            trail.record("screening.opened", fresh, by=by, changes={"submission": submission})
    return checks


class VerdictConflict(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """A colleague judged this criterion since the page was opened; both verdicts are here and neither is lost."""

    def __init__(self, current: AdmissibilityCheck) -> None:
        super().__init__(
            f"{current.verdict_by} beoordeelde dit criterium intussen als “{current.get_verdict_display().lower()}”. Uw oordeel "
            "staat er nog: overleg, en bewaar opnieuw als het uwe geldt.",
            rule_id="P1-ADM-04",
        )
        self.current = current


def stamp_of(check: AdmissibilityCheck) -> str:
    """What tells one verdict on a criterion from the next; empty while there is none."""
    return "" if check.verdict_at is None else f"{check.verdict_at:%Y%m%d%H%M%S%f}-{check.verdict_by_id}"


def judge(
    check: AdmissibilityCheck, *, verdict: str, reason: str, by: User, seen: str | None = None
) -> AdmissibilityCheck:
    """A person's verdict on one criterion, which may be changed until the screening is concluded (P1-ADM-04).

    UNCLEAR is no verdict. Raises DomainError where the verdict goes against the evidence without a reason, and
    VerdictConflict where somebody else gave another one since the page that showed `seen` (`stamp_of`) was opened.
    """
    verdict, reason = CheckOutcome(verdict), reason.strip()
    if verdict == CheckOutcome.UNCLEAR:
        raise DomainError(
            "Kies “voldaan” of “niet voldaan”: over dit criterium moet een persoon beslissen.", rule_id="P1-ADM-04"
        )
    application = check.submission.application
    _refuse_own_dossier(application, by=by)
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state not in JUDGED_IN:
            raise WrongState(f"De screening is afgesloten: het dossier staat op “{fresh.get_state_display()}”.")
        row = lock(check)
        if row.submission_id != _newest_submission(fresh).pk:
            raise WrongState(
                "Intussen is er een nieuwere versie van het dossier. Laad de pagina opnieuw en beoordeel die."
            )
        is_news = row.verdict_by_id not in {None, by.pk} and (row.verdict, row.verdict_reason) != (verdict, reason)
        if seen is not None and seen != stamp_of(row) and is_news:
            raise VerdictConflict(row)
        if verdict != row.machine_outcome and not reason:
            raise DomainError(
                f"{row.label}: uw oordeel wijkt af van wat het portaal vaststelde. Schrijf waarom.",
                rule_id="P1-ADM-04",
                findings=[Finding("P1-ADM-04", "reason", "Geef een reden: het oordeel wijkt af van de vaststelling.")],
            )
        before = row.verdict
        row.verdict, row.verdict_reason = verdict, reason
        row.verdict_at, row.verdict_by = clock.now(), by
        row.save(update_fields=["verdict", "verdict_reason", "verdict_at", "verdict_by"])
        changes = {"rule": row.rule_id, "machine": row.machine_outcome, "verdict": [before, verdict]}
        trail.record("admissibility.judged", fresh, by=by, changes=changes, reason=reason)
    for name in ("verdict", "verdict_reason", "verdict_at", "verdict_by"):
        setattr(check, name, getattr(row, name))
    return check


def obstacles(checks: Sequence[AdmissibilityCheck], *, admissible: bool) -> list[Finding]:
    """What stands in the way of concluding so. Pure.

    Admissible: every criterion was judged, and judged as met. Inadmissible: a person judged at least one as not met.
    """
    if not checks:
        return [Finding("P1-ADM-04", "", "Open eerst de screening: er is nog geen enkel criterium bekeken.")]
    if not admissible:
        if any(check.verdict == CheckOutcome.NO for check in checks):
            return []
        return [Finding("P1-ADM-04", "", "Geen enkel criterium is door een persoon als niet voldaan beoordeeld.")]
    found = []
    for check in checks:
        if not check.verdict:
            found.append(Finding(check.rule_id, check.label, "nog niet beoordeeld."))
        elif check.verdict != CheckOutcome.YES:
            found.append(Finding(check.rule_id, check.label, "als niet voldaan beoordeeld."))
    return found


def preview(application: Application, *, admissible: bool, reason: str = "") -> notices.Notice:
    """The mail that goes with this conclusion (NOT-02, NOT-06, NOT-07), as it would be sent now."""
    if admissible:
        return notices.compose(application, "screening_admissible", phase=application.phase)
    failed = _newest_submission(application).checks.filter(verdict=CheckOutcome.NO)
    return notices.compose(
        application, "screening_inadmissible", phase=application.phase, failed=failed, reason=reason.strip()
    )


def conclude(
    application: Application,
    *,
    admissible: bool,
    reason: str = "",
    by: User,
    message: str = "",
    notify: bool = True,
) -> Application:
    """End the screening and tell the main applicant (P1-ADM-06, P2-ADM-12, P2-COM-07).

    `message` replaces the text of the mail; `notify=False` is for who sends one mail with more in it (the pitch, AMB-27).
    """
    reason = reason.strip()
    _refuse_own_dossier(application, by=by)
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state not in CONCLUDED_IN:
            raise WrongState(
                f"De screening kan nu niet afgesloten worden: het dossier staat op “{fresh.get_state_display()}”.",
                rule_id="STA-02" if fresh.phase == PhaseNumber.PRE_REGISTRATION else "STA-05",
            )
        submission = _newest_submission(fresh)
        checks = list(submission.checks.all())
        in_the_way = obstacles(checks, admissible=admissible)
        if in_the_way:
            raise DomainError(_refusal(admissible=admissible), rule_id="P1-ADM-05", findings=in_the_way)
        if not admissible and not reason:
            raise DomainError(
                "Schrijf waarom het dossier niet ontvankelijk is: de aanvrager leest dit.", rule_id="P1-ADM-06"
            )
        notice = preview(fresh, admissible=admissible, reason=reason)
        phase = PhaseNumber(fresh.phase)
        failed = [check.label for check in checks if check.verdict == CheckOutcome.NO]
        why = reason if admissible else f"{reason} ({'; '.join(failed)})"
        lifecycle.move(application, _RESULT[phase, admissible], by=by, reason=why)
        if notify:
            notices.post(fresh, notice, key=f"screening:{fresh.pk}:{phase.value}", text=message, by=by)
    return application


def _refusal(*, admissible: bool) -> str:
    if admissible:
        return "Het dossier kan nog niet ontvankelijk verklaard worden: elk criterium moet als voldaan beoordeeld zijn."
    return "Het dossier kan niet onontvankelijk verklaard worden: duid eerst aan aan welk criterium het niet voldoet."


def _refuse_own_dossier(application: Application, *, by: User) -> None:
    if by.belongs_to(application.applicant_id):
        raise NotAllowed(
            "U hoort bij de aanvrager van dit dossier. Laat een collega het behandelen.", rule_id="P2-EVA-03"
        )


def _newest_submission(application: Application) -> Submission:
    found = application.submissions.filter(phase=application.phase).order_by("-version").first()
    if found is None:
        raise WrongState("Er is voor deze fase niets ingediend.")
    return found


def _store_evidence(application: Application, submission: Submission) -> list[AdmissibilityCheck]:
    """What the machine sees in this version; whether it came in time is about the first one, when it was handed in."""
    first = application.submissions.filter(phase=submission.phase).order_by("version").first() or submission
    earlier = {
        check.rule_id: check
        for check in AdmissibilityCheck.objects.filter(
            submission__application=application, submission__phase=submission.phase
        ).order_by("submission__version")
    }
    checks = []
    for position, result in enumerate(
        admissibility.examine(application, submission.phase, at=first.received_at), start=1
    ):
        check = AdmissibilityCheck(
            submission=submission,
            rule_id=result.rule_id,
            label=result.label,
            machine_outcome=result.outcome,
            evidence=result.evidence,
            position=position,
        )
        known = earlier.get(result.rule_id)
        if known and (known.machine_outcome, known.evidence) == (result.outcome, result.evidence):
            check.verdict, check.verdict_reason = known.verdict, known.verdict_reason
            check.verdict_at, check.verdict_by = known.verdict_at, known.verdict_by
        checks.append(check)
    return AdmissibilityCheck.objects.bulk_create(checks)
