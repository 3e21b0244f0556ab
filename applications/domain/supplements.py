"""Completing a dossier (manual 5.3.2; P2-COM-01 ... 06, DAT-08, AMB-02): itemised, asked once, due after working days.

The request opens what it names and nothing else; writing the answer is `supplement_drafts`. What is handed in in time
becomes a next version of the submission, beside the first; what is not changes nothing: the dossier goes on as it stands.
In phase 1 there is a completion only where the call's rules allow it (P1-ADM-07, AMB-14).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from applications.domain import annexes, freezing, lifecycle, notices, snapshot, submission, supplement_drafts, words
from applications.domain import budget as budgets
from applications.enums import ApplicationState, DocumentKind, ItemPart
from applications.models import Application, Submission, Supplement, SupplementItem
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.files import store
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.ui import formats
from ibnportal.core.workdays import deadline_after

S = ApplicationState


@dataclass(frozen=True, slots=True)
class States:
    """The states that a completion goes through in one phase."""

    before: ApplicationState
    asked: ApplicationState
    answered: ApplicationState
    expired: ApplicationState


STATES = {
    PhaseNumber.PRE_REGISTRATION: States(
        S.P1_SUBMITTED, S.P1_SUPPLEMENT_ASKED, S.P1_SUPPLEMENT_ANSWERED, S.P1_SUPPLEMENT_EXPIRED
    ),
    PhaseNumber.FULL_DOSSIER: States(
        S.P2_SUBMITTED, S.P2_SUPPLEMENT_ASKED, S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED
    ),
}
ASKED = frozenset(states.asked for states in STATES.values())
EXPIRED = frozenset(states.expired for states in STATES.values())


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is missing; `part` and `code` name what it opens (a section by its code, an annex by its kind)."""

    text: str
    part: str = ItemPart.QUESTION
    code: str = ""


# ---------------------------------------------------------------- asking


def may_ask(application: Application, *, rules: Rules | None = None) -> bool:
    """Whether a completion can be asked now: handed in, not asked before, and the call has one in this phase.

    `rules` are those of the newest submission, where the caller has them already.
    """
    phase = PhaseNumber(application.phase)
    return (
        application.state == STATES[phase].before
        and _is_foreseen(rules or rules_of(application), phase)
        and not application.supplements.filter(phase=phase).exists()
    )


def due_if_asked(application: Application, *, at: dt.datetime | None = None) -> dt.datetime:
    """The last instant to answer a request of this moment: the end of the call's last working day (DAT-08, AMB-02)."""
    days = rules_of(application).supplement_working_days
    if not days:
        raise DomainError("Deze oproep kent geen vervollediging.", rule_id="P2-COM-02")
    return deadline_after(at or clock.now(), days)


def reminder_if_asked(application: Application, *, at: dt.datetime | None = None) -> dt.date | None:
    """The day on which a request of this moment is reminded of: so many working days before its last one (NOT-05)."""
    rules = rules_of(application)
    before, days = rules.supplement_reminder_working_days, rules.supplement_working_days
    if not before or not days or before >= days:
        return None
    return clock.local(deadline_after(at or clock.now(), days - before)).date()


def preview(application: Application, *, items: Sequence[str | Item], asks_budget: bool) -> notices.Notice:
    """The mail with the request and its deadline, as it would be sent now (NOT-05)."""
    wanted = [item.text for item in _clean(items)]
    return _request(application, wanted, asks_budget=asks_budget, due_at=due_if_asked(application))


def ask(
    application: Application, *, items: Sequence[str | Item], asks_budget: bool = False, by: User, message: str = ""
) -> Supplement:
    """Ask the applicant, once, for these items (P2-COM-01, P2-COM-05); the mail names the deadline (NOT-05).

    Each item opens its part, if it names one. There is no completion in phase 1 unless the call has one (P1-ADM-07).
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
        phase = PhaseNumber(fresh.phase)
        if phase == PhaseNumber.PRE_REGISTRATION and not _is_foreseen(rules_of(fresh), phase):
            raise WrongState(
                "In de vooraanmelding is er geen vervollediging: beoordeel wat ingediend is.", rule_id="P1-ADM-07"
            )
        if Supplement.objects.filter(application=fresh, phase=phase).exists():
            raise WrongState("Er is al een vervollediging gevraagd; dat gebeurt maar één keer.", rule_id="P2-COM-01")
        _refuse_unknown_parts(fresh, wanted, asks_budget=asks_budget)
        due_at = due_if_asked(fresh, at=now)
        supplement = Supplement.objects.create(
            application=fresh,
            phase=phase,
            asks_budget=asks_budget,
            asked_at=now,
            asked_by=by,
            due_at=due_at,
            remind_on=reminder_if_asked(fresh, at=now),
        )
        SupplementItem.objects.bulk_create(
            SupplementItem(supplement=supplement, position=position, text=item.text, part=item.part, code=item.code)
            for position, item in enumerate(wanted, start=1)
        )
        lifecycle.move(application, STATES[phase].asked, by=by)
        changes = {"items": [item.text for item in wanted], "asks_budget": asks_budget, "due_at": due_at}
        opened = sorted({f"{item.part}:{item.code}" for item in wanted if item.code})
        trail.record("supplement.asked", fresh, by=by, changes={**changes, "opened": opened})
        notice = _request(fresh, [item.text for item in wanted], asks_budget=asks_budget, due_at=due_at)
        notices.post(fresh, notice, key=f"supplement-asked:{supplement.pk}", text=message, by=by)
    return supplement


def openable(dossier: snapshot.Dossier) -> list[tuple[str, str, str]]:
    """What a request may open in this dossier: (part, code, name); sections, then parts with a page of their own, then annexes."""
    found = [(str(ItemPart.SECTION), part.code, part.title) for part in dossier.sections]
    whole = [ItemPart.LETTERS]
    if dossier.phase == PhaseNumber.FULL_DOSSIER:
        whole += [ItemPart.PLAN, ItemPart.WORK_PLAN, ItemPart.TEAM, ItemPart.KPIS]
    found += [(part.value, part.value, str(part.label)) for part in whole]
    return found + [(str(ItemPart.DOCUMENT), kind.value, str(kind.label)) for kind in annexes.possible(dossier.phase)]


def _refuse_unknown_parts(application: Application, items: Sequence[Item], *, asks_budget: bool) -> None:
    """A request names parts that the dossier has; a budget is there in phase 2 only."""
    dossier = snapshot.read(submitted(application))
    known = {(part, code) for part, code, _ in openable(dossier)}
    for item in items:
        if item.code and (item.part, item.code) not in known:
            message = f"“{item.text[:60]}”: dit onderdeel zit niet in dit dossier. Kies een ander."
            raise DomainError(message, rule_id="P2-COM-01", findings=[Finding("P2-COM-01", "items", message)])
    if asks_budget and dossier.phase != PhaseNumber.FULL_DOSSIER:
        raise DomainError("In de vooraanmelding is er nog geen begroting om te verbeteren.", rule_id="P2-COM-05")


# ---------------------------------------------------------------- answering


def answer(
    application: Application,
    *,
    text: str = "",
    annex: "File[bytes] | None" = None,
    budget: "File[bytes] | None" = None,
    by: User,
    received_at: dt.datetime,
) -> Submission:
    """Hand in the answer, stamped `received_at`, as a next version of the submission; it opens only what was asked.

    The draft goes along; `text`, `annex` and `budget` are added to it first. Refused late with both times (P2-COM-06), by
    who cannot bind the applicant, and with an annex above the call's number of pages (P2-COM-03): nothing of this call is
    kept then, and the draft stays as it was.
    """
    submission.refuse_unless_representative(application, by)
    with transaction.atomic():
        fresh = lock(application)
        supplement = current(fresh, for_update=True)
        if supplement is None:
            raise WrongState("Er is voor dit dossier geen vervollediging gevraagd.")
        if supplement.answered_at is not None:
            raise WrongState(f"U antwoordde al op {formats.moment(supplement.answered_at)}. Een tweede keer kan niet.")
        refuse_late(supplement, received_at)
        states = STATES[PhaseNumber(supplement.phase)]
        if fresh.state != states.asked:
            raise WrongState(f"Antwoorden kan nu niet: het dossier staat op “{fresh.get_state_display()}”.")
        if text.strip():
            supplement.answer = words.clean(text)
        if annex is not None:
            supplement_drafts.attach_annex(supplement, annex, by=by)
        if budget is not None:
            supplement_drafts.attach_budget(supplement, budget, by=by)
        items = list(supplement.items.select_related("file__blob"))
        _refuse_incomplete(supplement, items)
        version = _next_version(fresh, supplement, items, by=by, received_at=received_at)
        supplement.answered_at, supplement.answered_by = received_at, by
        supplement.save(update_fields=["answer", "annex", "budget_file", "answered_at", "answered_by"])
        lifecycle.move(application, states.answered, by=by, at=received_at)
        changes = {"version": version.version, "sha256": version.sha256, "received_at": received_at}
        trail.record("supplement.answered", fresh, by=by, changes=changes, at=received_at)
        receipt = notices.compose(fresh, "supplement_answered", received_at=received_at, sha256=version.sha256)
        notices.post(fresh, receipt, key=f"supplement-answered:{supplement.pk}", by=by)
    return version


def refuse_late(supplement: Supplement, received_at: dt.datetime) -> None:
    """P2-COM-06: the term is over; the message names both times."""
    if received_at > supplement.due_at:
        raise TooLate(
            f"Uw antwoord kwam aan op {to_the_second(received_at)}; het kon tot en met {to_the_second(supplement.due_at)}. "
            "Wat u schreef, blijft bewaard, maar de aanvraag wordt beoordeeld met wat er al was. "
            "Neem contact op als u hierover vragen hebt.",
            rule_id="P2-COM-06",
        )


def to_the_second(at: dt.datetime) -> str:
    """A moment that decides: `1 juni 2026 om 23.59.59 uur`."""
    return f"{formats.plain_date(at)} om {clock.local(at):%H.%M.%S}{formats.NBSP}uur"


# ---------------------------------------------------------------- the clock


def expire(application: Application, *, at: dt.datetime | None = None) -> bool:
    """End a request whose term ran out; whether this call did it. Twice, or too early, does nothing (P2-COM-06)."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = lock(application)
        supplement = current(fresh)
        if supplement is None or fresh.state not in ASKED or at - submission.GRACE <= supplement.due_at:
            return False
        lifecycle.move(
            application,
            STATES[PhaseNumber(supplement.phase)].expired,
            by=None,
            at=at,
            reason=f"Termijn tot {formats.moment(supplement.due_at)}.",
        )
        notice = expiry_notice(fresh, supplement)
        if notice.to:
            notices.post(fresh, notice, key=f"supplement-expired:{supplement.pk}")
    return True


def expire_due(*, at: dt.datetime | None = None) -> int:
    """End every request whose term ran out; how many. For the clock's task."""
    at = at or clock.now()
    overdue = Application.objects.in_state(*ASKED).filter(
        supplements__answered_at__isnull=True, supplements__due_at__lt=at - submission.GRACE
    )
    return sum(expire(application, at=at) for application in overdue.distinct())


def remind(application: Application, *, at: dt.datetime | None = None) -> bool:
    """Remind of a request that is still open, once, from its day on (NOT-05); whether this call did it."""
    at = at or clock.now()
    with transaction.atomic():
        fresh = lock(application)
        supplement = current(fresh, for_update=True)
        if supplement is None or fresh.state not in ASKED or not _is_reminder_due(supplement, at):
            return False
        supplement.reminded_at = at
        supplement.save(update_fields=["reminded_at"])
        notice = reminder_notice(fresh, supplement)
        if notice.to:
            notices.post(fresh, notice, key=f"supplement-reminder:{supplement.pk}")
        trail.record("supplement.reminded", fresh, by=None, changes={"due_at": supplement.due_at}, at=at)
    return True


def remind_due(*, at: dt.datetime | None = None) -> int:
    """Remind of every request whose day has come; how many."""
    at = at or clock.now()
    waiting = Application.objects.in_state(*ASKED).filter(
        supplements__answered_at__isnull=True,
        supplements__reminded_at__isnull=True,
        supplements__remind_on__lte=clock.local(at).date(),
    )
    return sum(remind(application, at=at) for application in waiting.distinct())


def _is_reminder_due(supplement: Supplement, at: dt.datetime) -> bool:
    return (
        supplement.answered_at is None
        and supplement.reminded_at is None
        and supplement.remind_on is not None
        and supplement.remind_on <= clock.local(at).date()
        and at <= supplement.due_at
    )


def reminder_notice(application: Application, supplement: Supplement) -> notices.Notice:
    """The reminder as the clock would send it (NOT-05)."""
    return notices.compose(
        application,
        "supplement_reminder",
        items=[item.text for item in supplement.items.all()],
        asks_budget=supplement.asks_budget,
        due_at=supplement.due_at,
        answer_url=_answer_url(application),
    )


def expiry_notice(application: Application, supplement: Supplement) -> notices.Notice:
    """The news that the term is over, as the clock would send it (P2-COM-06)."""
    return notices.compose(application, "supplement_expired", due_at=supplement.due_at)


# ---------------------------------------------------------------- parts


def current(application: Application, *, for_update: bool = False) -> Supplement | None:
    """The request of the phase that the dossier is in, or None."""
    found = Supplement.objects.filter(application=application, phase=application.phase)
    return (found.select_for_update(of=("self",), no_key=True) if for_update else found).first()


def unanswered(application: Application) -> Supplement | None:
    """The request that still waits for an answer, or that got none in time, with what was asked; None, unasked, at any other state."""
    if application.state not in ASKED | EXPIRED:
        return None
    return Supplement.objects.filter(application=application, phase=application.phase).prefetch_related("items").first()


def submitted(application: Application) -> Submission:
    """The newest version of what was handed in in this phase; raises WrongState."""
    last = application.submissions.filter(phase=application.phase).select_related("rules__call").order_by("-version")
    found = last.first()
    if found is None:
        raise WrongState("Er is voor deze fase niets ingediend.")
    return found


def rules_of(application: Application) -> Rules:
    """The rules that the dossier was handed in under."""
    handed_in = (
        application.submissions.filter(phase=application.phase)
        .select_related("rules__call")
        .defer("snapshot")
        .order_by("-version")
        .first()
    )
    return application.call.rules() if handed_in is None else handed_in.rules.frozen()


def _is_foreseen(rules: Rules, phase: int) -> bool:
    if not rules.supplement_working_days:
        return False
    return phase == PhaseNumber.FULL_DOSSIER or rules.supplement_allowed_phase1


def _clean(items: Iterable[str | Item]) -> list[Item]:
    cleaned = []
    for item in items:
        wanted = Item(item) if isinstance(item, str) else item
        text = " ".join(wanted.text.split())
        if text:
            cleaned.append(Item(text, wanted.part, wanted.code))
    return cleaned


def _answer_url(application: Application) -> str:
    return mail.absolute(f"/dossiers/{application.number}/vervollediging/")


def _request(
    application: Application, items: Sequence[str], *, asks_budget: bool, due_at: dt.datetime
) -> notices.Notice:
    return notices.compose(
        application,
        "supplement_asked",
        items=items,
        asks_budget=asks_budget,
        due_at=due_at,
        max_pages=rules_of(application).supplement_max_pages,
        answer_url=_answer_url(application),
    )


def _refuse_incomplete(supplement: Supplement, items: Sequence[SupplementItem]) -> None:
    found = []
    is_answered = bool(supplement.answer or supplement.annex_id or any(item.is_answered for item in items))
    if not is_answered and not any(supplement_drafts.corrections(supplement, items).values()):
        found.append(Finding("P2-COM-03", "text", "Schrijf een antwoord of voeg een bijlage toe."))
    if supplement.asks_budget and supplement.budget_file_id is None:
        found.append(Finding("P2-COM-05", "budget", "Laad de verbeterde begroting op: ze is gevraagd."))
    if found:
        raise DomainError("Het antwoord is nog niet volledig.", rule_id=found[0].rule_id, findings=found)


def _next_version(
    application: Application,
    supplement: Supplement,
    items: Sequence[SupplementItem],
    *,
    by: User,
    received_at: dt.datetime,
) -> Submission:
    """The last version with the answer in it and, of what was opened, what was changed; all else as it was."""
    last = submitted(application)
    content: dict[str, Any] = dict(last.snapshot)
    annex = supplement.annex
    content["supplement"] = {
        "text": supplement.answer,
        "file": None if annex is None else freezing.file_of(annex),
        "received_at": received_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "items": [{"text": item.text, "answer": item.answer} for item in items],
    }
    content["sections"] = supplement_drafts.sections_with(last, items)
    content["documents"] = _documents_with(content["documents"], items)
    content |= supplement_drafts.opened_parts(supplement, items, facts=content["facts"])
    if supplement.budget_file is not None:
        corrected = ContentFile(store.read_bytes(supplement.budget_file), name=supplement.budget_file.name)
        budgets.keep_corrected(application, corrected, by=by, at=received_at)
        content["budget"] = freezing.budget_of(application)
    return Submission.objects.create(
        application=application,
        phase=supplement.phase,
        version=last.version + 1,
        rules=last.rules,
        received_at=received_at,
        deadline_at=supplement.due_at,
        submitted_by=by,
        snapshot=content,
        sha256=digest(content),
    )


def _documents_with(documents: Sequence[Any], items: Sequence[SupplementItem]) -> list[Any]:
    """The annexes with those that were uploaded for an item in the place of an earlier one of the same kind."""
    uploaded = {
        item.code: {
            "kind": item.code,
            "label": str(DocumentKind(item.code).label),
            "file": freezing.file_of(item.file),
        }
        for item in items
        if item.part == ItemPart.DOCUMENT and item.file is not None
    }
    kept = [document for document in documents if document["kind"] not in uploaded]
    return sorted([*kept, *uploaded.values()], key=lambda document: str(document["kind"]))
