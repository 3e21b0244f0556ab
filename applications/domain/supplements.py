"""Completing a full dossier (manual 5.3.2; P2-COM-01 ... 06, DAT-08, AMB-02): itemised, asked once, due after working days.

What is answered in time becomes a next version of the submission, beside the first; what is not answered in time
changes nothing: the dossier goes on as it stands.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.files.base import File
from django.db import transaction

from applications.domain import budget as budgets
from applications.domain import lifecycle, notices, snapshot, submission
from applications.enums import ApplicationState
from applications.models import Application, Submission, Supplement
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.ui import formats
from ibnportal.core.workdays import deadline_after

S = ApplicationState


def due_if_asked(application: Application, *, at: dt.datetime | None = None) -> dt.datetime:
    """The last instant to answer a request of this moment: the end of the call's last working day (DAT-08, AMB-02)."""
    days = _rules(application).supplement_working_days
    if not days:
        raise DomainError("Deze oproep kent geen vervollediging.", rule_id="P2-COM-02")
    return deadline_after(at or clock.now(), days)


def preview(application: Application, *, items: Sequence[str], asks_budget: bool) -> notices.Notice:
    """The mail with the request and its deadline, as it would be sent now (NOT-05)."""
    return _request(application, _clean(items), asks_budget=asks_budget, due_at=due_if_asked(application))


def ask(
    application: Application, *, items: Sequence[str], asks_budget: bool = False, by: User, message: str = ""
) -> Supplement:
    """Ask the applicant, once, for these items (P2-COM-01, P2-COM-05); the mail names the deadline (NOT-05).

    There is no completion in phase 1 (P1-ADM-07, AMB-14).
    """
    wanted = _clean(items)
    if not wanted:
        raise DomainError(
            "Noem minstens één ding dat ontbreekt, elk op een eigen lijn.",
            rule_id="P2-COM-01",
            findings=[Finding("P2-COM-01", "items", "Wat ontbreekt er?")],
        )
    if by.belongs_to(application.applicant_id):
        raise NotAllowed(
            "U hoort bij de aanvrager van dit dossier. Laat een collega het behandelen.", rule_id="P2-EVA-03"
        )
    now = clock.now()
    with transaction.atomic():
        fresh = lock(application)
        if fresh.phase != PhaseNumber.FULL_DOSSIER:
            raise WrongState(
                "In de vooraanmelding is er geen vervollediging: beoordeel wat ingediend is.", rule_id="P1-ADM-07"
            )
        if Supplement.objects.filter(application=fresh).exists():
            raise WrongState("Er is al een vervollediging gevraagd; dat gebeurt maar één keer.", rule_id="P2-COM-01")
        due_at = due_if_asked(fresh, at=now)
        supplement = Supplement.objects.create(
            application=fresh, items=wanted, asks_budget=asks_budget, asked_at=now, asked_by=by, due_at=due_at
        )
        lifecycle.move(application, S.P2_SUPPLEMENT_ASKED, by=by)
        changes = {"items": wanted, "asks_budget": asks_budget, "due_at": due_at}
        trail.record("supplement.asked", fresh, by=by, changes=changes)
        notice = _request(fresh, wanted, asks_budget=asks_budget, due_at=due_at)
        notices.post(fresh, notice, key=f"supplement-asked:{supplement.pk}", text=message)
    return supplement


def answer(
    application: Application,
    *,
    text: str,
    annex: "File[bytes] | None" = None,
    budget: "File[bytes] | None" = None,
    by: User,
    received_at: dt.datetime,
) -> Submission:
    """Hand in what was asked, stamped `received_at`, as a next version of the submission; it opens only what was asked.

    Text or annex; a corrected budget where one was asked, and only there. Refused late with both times (P2-COM-06), by who
    cannot bind the applicant, and with an annex above the call's number of pages (P2-COM-03). Nothing is kept then.
    """
    submission.refuse_unless_representative(application, by)
    text = text.strip()
    with transaction.atomic():
        fresh = lock(application)
        supplement = Supplement.objects.select_for_update(of=("self",)).filter(application=fresh).first()
        if supplement is None:
            raise WrongState("Er is voor dit dossier geen vervollediging gevraagd.")
        if supplement.answered_at is not None:
            raise WrongState(f"U antwoordde al op {formats.moment(supplement.answered_at)}. Een tweede keer kan niet.")
        _refuse_late(supplement, received_at)
        if fresh.state != S.P2_SUPPLEMENT_ASKED:
            raise WrongState(f"Dit dossier staat op “{fresh.get_state_display()}”: er valt nu niets aan te vullen.")
        _refuse_incomplete(supplement, text=text, has_annex=annex is not None, has_budget=budget is not None)
        stored = None if annex is None else _store_annex(fresh, annex, by=by)
        version = _next_version(
            fresh, supplement, text=text, annex=stored, budget=budget, by=by, received_at=received_at
        )
        supplement.answer, supplement.annex = text, stored
        supplement.answered_at, supplement.answered_by = received_at, by
        supplement.save(update_fields=["answer", "annex", "answered_at", "answered_by"])
        lifecycle.move(application, S.P2_SUPPLEMENT_ANSWERED, by=by, at=received_at)
        changes = {"version": version.version, "sha256": version.sha256, "received_at": received_at}
        trail.record("supplement.answered", fresh, by=by, changes=changes, at=received_at)
        receipt = notices.compose(fresh, "supplement_answered", received_at=received_at, sha256=version.sha256)
        notices.post(fresh, receipt, key=f"supplement-answered:{supplement.pk}")
    return version


def expire(application: Application, *, at: dt.datetime | None = None) -> bool:
    """End a request whose term ran out; whether this call did it. Twice, or too early, does nothing (P2-COM-06)."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = lock(application)
        supplement = Supplement.objects.filter(application=fresh).first()
        if supplement is None or fresh.state != S.P2_SUPPLEMENT_ASKED or at - submission.GRACE <= supplement.due_at:
            return False
        lifecycle.move(
            application,
            S.P2_SUPPLEMENT_EXPIRED,
            by=None,
            at=at,
            reason=f"Termijn tot {formats.moment(supplement.due_at)}.",
        )
        notice = notices.compose(fresh, "supplement_expired", due_at=supplement.due_at)
        if notice.to:
            notices.post(fresh, notice, key=f"supplement-expired:{supplement.pk}")
    return True


def expire_due(*, at: dt.datetime | None = None) -> int:
    """End every request whose term ran out; how many. For the clock's task."""
    at = at or clock.now()
    overdue = Application.objects.in_state(S.P2_SUPPLEMENT_ASKED).filter(supplement__due_at__lt=at - submission.GRACE)
    return sum(expire(application, at=at) for application in overdue)


# ---------------------------------------------------------------- parts


def _rules(application: Application) -> Rules:
    """The rules that the dossier was handed in under."""
    handed_in = application.submissions.filter(phase=PhaseNumber.FULL_DOSSIER).order_by("-version").first()
    return application.call.rules() if handed_in is None else handed_in.rules.frozen()


def _clean(items: Sequence[str]) -> list[str]:
    return [line for line in (" ".join(item.split()) for item in items) if line]


def _request(
    application: Application, items: Sequence[str], *, asks_budget: bool, due_at: dt.datetime
) -> notices.Notice:
    return notices.compose(
        application,
        "supplement_asked",
        items=items,
        asks_budget=asks_budget,
        due_at=due_at,
        max_pages=_rules(application).supplement_max_pages,
        answer_url=mail.absolute(f"/dossiers/{application.number}/vervollediging/"),
    )


def _refuse_late(supplement: Supplement, received_at: dt.datetime) -> None:
    if received_at > supplement.due_at:
        raise TooLate(
            f"Uw antwoord kwam aan op {formats.moment(received_at)}; het kon tot en met {formats.moment(supplement.due_at)}. "
            "De aanvraag wordt beoordeeld met wat er al was. Neem contact op als u hierover vragen hebt.",
            rule_id="P2-COM-06",
        )


def _refuse_incomplete(supplement: Supplement, *, text: str, has_annex: bool, has_budget: bool) -> None:
    found = []
    if not text and not has_annex:
        found.append(Finding("P2-COM-03", "text", "Schrijf een antwoord of voeg een bijlage toe."))
    if supplement.asks_budget and not has_budget:
        found.append(Finding("P2-COM-05", "budget", "Laad de verbeterde begroting op: ze is gevraagd."))
    if has_budget and not supplement.asks_budget:
        found.append(Finding("P2-COM-05", "budget", "Er is geen nieuwe begroting gevraagd; laat dit leeg."))
    if found:
        raise DomainError("Het antwoord is nog niet volledig.", rule_id=found[0].rule_id, findings=found)


def _store_annex(application: Application, annex: "File[bytes]", *, by: User) -> StoredFile:
    stored = store.store(annex, by=by, kind=FileKind.ANNEX_PDF)
    most = _rules(application).supplement_max_pages
    if most is not None and (stored.pages or 0) > most:
        message = (
            f"“{stored.name}” telt {stored.pages} bladzijden; er mogen er hoogstens {most} zijn. Kort de bijlage in."
        )
        raise DomainError(message, rule_id="P2-COM-03", findings=[Finding("P2-COM-03", "annex", message)])
    return stored


def _next_version(
    application: Application,
    supplement: Supplement,
    *,
    text: str,
    annex: StoredFile | None,
    budget: "File[bytes] | None",
    by: User,
    received_at: dt.datetime,
) -> Submission:
    """The last version with the answer in it, and the corrected budget where there is one; all else as it was."""
    last = application.submissions.filter(phase=PhaseNumber.FULL_DOSSIER).order_by("-version").first()
    if last is None:
        raise WrongState("Er is voor deze fase niets ingediend.")
    content: dict[str, Any] = dict(last.snapshot)
    content["supplement"] = {
        "text": text,
        "file": None if annex is None else snapshot.file_of(annex),
        "received_at": received_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
    }
    if budget is not None:
        budgets.keep_corrected(application, budget, by=by, at=received_at)
        content["budget"] = snapshot.budget_of(application)
    return Submission.objects.create(
        application=application,
        phase=PhaseNumber.FULL_DOSSIER,
        version=last.version + 1,
        rules=last.rules,
        received_at=received_at,
        deadline_at=supplement.due_at,
        submitted_by=by,
        snapshot=content,
        sha256=snapshot.sha256(content),
    )
