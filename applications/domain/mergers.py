"""Two initiatives that go on as one in the full dossier (manual 5.2.3; P1-DEC-03, ADR 0031).

The committee only advises it; the applicants choose it and a case handler carries it out. One dossier leads and hands in; the
other ends as merged, with its submissions, letters and trail where they are. Until the lead hands in it can be undone.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.domain import lifecycle, notices, words
from applications.enums import ApplicationState
from applications.models import Application, Letter, Merger
from calls.enums import PhaseNumber
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.ui import formats

S = ApplicationState
L = TypeVar("L")
# Preselected, and nothing handed in yet: from here an initiative can lead or go up in another.
MERGEABLE = frozenset({S.PRESELECTED, S.MERGE_ADVISED, S.P2_DRAFT})


def partners(application: Application, *, among: "QuerySet[Application]") -> "QuerySet[Application]":
    """The dossiers that this one can go on with: the same call's preselected, none of them merged already."""
    return (
        among.filter(call_id=application.call_id, state__in=MERGEABLE)
        .exclude(pk=application.pk)
        .select_related("applicant")
        .order_by("number")
    )


def previews(lead: Application, joining: Application) -> list[tuple[Application, notices.Notice]]:
    """The mail to each of the two applicants, as it would go now."""
    return [
        (application, notices.compose(application, "merged", lead=lead, joining=joining, is_lead=application == lead))
        for application in (lead, joining)
    ]


def refuse_impossible(lead: Application, joining: Application) -> None:
    """Raise WrongState where `joining` cannot go up in `lead` as both stand now: asked before the mails are written, and again when it counts."""
    for application in (lead, joining):
        _refuse_unless_preselected(application)
    if joining.mergers.filter(undone_at__isnull=True).exists():
        raise WrongState(
            f"In {joining.number} ging al een ander initiatief op. Laat {joining.number} de leiding nemen, of maak die "
            "samenvoeging eerst ongedaan.",
            rule_id="P1-DEC-03",
        )
    _refuse_after_deadline(lead)


def merge(
    lead: Application,
    joining: Application,
    *,
    reason: str,
    by: User,
    lead_message: str = "",
    joining_message: str = "",
) -> Merger:
    """Let `joining` go up in `lead`; both applicants hear it, each with the text that the sender approved.

    Raises DomainError where they are not two preselected initiatives of one call, where `joining` leads another merger, or
    once the second phase has closed.
    """
    reason = words.clean(reason)
    if not reason:
        raise DomainError(
            "Schrijf waarop de samenvoeging steunt: het advies van het comité en het akkoord van beide aanvragers.",
            rule_id="P1-DEC-03",
            findings=[Finding("P1-DEC-03", "reason", "Geef een reden.")],
        )
    if lead.pk == joining.pk:
        raise DomainError("Kies een ander initiatief: een dossier gaat niet samen met zichzelf.", rule_id="P1-DEC-03")
    if lead.call_id != joining.call_id:
        raise DomainError("Samenvoegen kan alleen met een initiatief van dezelfde oproep.", rule_id="P1-DEC-03")
    for application in (lead, joining):
        _refuse_own(application, by)
    with transaction.atomic():
        fresh_lead, fresh_joining = _both(lead, joining)
        refuse_impossible(fresh_lead, fresh_joining)
        merger = Merger.objects.create(
            lead=fresh_lead,
            joining=fresh_joining,
            reason=reason,
            state_before=fresh_joining.state,
            merged_at=clock.now(),
            merged_by=by,
        )
        mails = previews(fresh_lead, fresh_joining)
        lifecycle.move(joining, S.MERGED, by=by, reason=reason)
        changes = {"lead": lead.number, "joining": joining.number}
        for application in (fresh_lead, fresh_joining):
            trail.record("merger.made", application, by=by, changes=changes, reason=reason)
        texts = {fresh_lead.pk: lead_message, fresh_joining.pk: joining_message}
        for application, notice in mails:
            if notice.to:
                notices.post(
                    application, notice, key=f"merged:{merger.pk}:{application.pk}", text=texts[application.pk], by=by
                )
    return merger


def undo(merger: Merger, *, reason: str, by: User) -> Merger:
    """Set the merged initiative free again, in the state it had; only while the lead has not handed in."""
    reason = words.clean(reason)
    if not reason:
        raise DomainError(
            "Schrijf waarom de samenvoeging niet doorgaat: beide aanvragers lezen dit.",
            rule_id="P1-DEC-03",
            findings=[Finding("P1-DEC-03", "reason", "Geef een reden.")],
        )
    for application in (merger.lead, merger.joining):
        _refuse_own(application, by)
    with transaction.atomic():
        lead, joining = _both(merger.lead, merger.joining)
        fresh = lock(merger)
        if fresh.undone_at is not None:
            raise WrongState("Deze samenvoeging is al ongedaan gemaakt.")
        if lead.state not in MERGEABLE:
            raise WrongState(
                f"Dit kan niet meer: {lead.number} staat op “{lead.get_state_display()}”. De gezamenlijke aanvraag ligt vast.",
                rule_id="P1-DEC-03",
            )
        _refuse_after_deadline(lead)
        fresh.undone_at, fresh.undone_by, fresh.undo_reason = clock.now(), by, reason
        fresh.save(update_fields=["undone_at", "undone_by", "undo_reason"])
        lifecycle.move(merger.joining, fresh.state_before, by=by, reason=reason)
        for application in (lead, joining):
            changes = {"lead": lead.number, "joining": joining.number}
            trail.record("merger.undone", application, by=by, changes=changes, reason=reason)
            notice = notices.compose(application, "merger_undone", lead=lead, joining=joining, reason=reason)
            if notice.to:
                notices.post(application, notice, key=f"merger-undone:{merger.pk}:{application.pk}", by=by)
    return fresh


# ---------------------------------------------------------------- reads


def with_mergers(dossiers: "QuerySet[Application]") -> "QuerySet[Application]":
    """The dossiers with whether a merger that holds touches them; no query more, and for most of them one less in `standing`."""
    standing = Merger.objects.filter(Q(lead=OuterRef("pk")) | Q(joining=OuterRef("pk")), undone_at__isnull=True)
    return dossiers.annotate(is_merged=Exists(standing))


def standing(application: Application) -> list[Merger]:
    """The mergers of this dossier that hold, whichever side it is on; one query, none where `with_mergers` saw that there are none."""
    if not getattr(application, "is_merged", True):
        return []
    found = Merger.objects.filter(Q(lead=application) | Q(joining=application), undone_at__isnull=True)
    return list(found.select_related("lead__applicant", "joining__applicant", "merged_by"))


def letters_of_joined(application: Application, *, before: int, known: Iterable[str]) -> list[Letter]:
    """Letters of earlier phases of the initiatives that went up in this one: their companies are still to sign (P2-SUB-03).

    A company that is `known` by its enterprise number already, or stands in two of them, comes once.
    """
    if before <= PhaseNumber.PRE_REGISTRATION:
        return []
    letters = Letter.objects.of_joined_to(application).filter(phase__lt=before)
    found = letters.select_related("signed_file__blob").order_by("company_name", "id")
    return first_of_each(found, known=known, number=lambda letter: letter.enterprise_number)


def first_of_each(letters: Iterable[L], *, known: Iterable[str], number: Callable[[L], str]) -> list[L]:
    """The first letter of each company that is not `known` by its number; who has no number is nobody else."""
    seen = {text for text in known if text}
    found = []
    for letter in letters:
        if number(letter) and number(letter) in seen:
            continue
        seen.add(number(letter))
        found.append(letter)
    return found


# ---------------------------------------------------------------- parts


def _both(lead: Application, joining: Application) -> tuple[Application, Application]:
    """Both rows locked, always in the same order, so that two mergers cannot wait for each other."""
    rows = {row.pk: lock(row) for row in sorted((lead, joining), key=lambda row: row.pk)}
    return rows[lead.pk], rows[joining.pk]


def _refuse_own(application: Application, by: User) -> None:
    if by.belongs_to(application.applicant_id):
        raise NotAllowed(
            f"U hoort bij de aanvrager van {application.number}. Laat een collega de samenvoeging doen.",
            rule_id="P2-EVA-03",
        )


def _refuse_unless_preselected(application: Application) -> None:
    if application.state not in MERGEABLE:
        raise WrongState(
            f"{application.number} staat op “{application.get_state_display()}”. Samenvoegen kan alleen tussen gepreselecteerde "
            "initiatieven die hun volledige aanvraag nog niet indienden.",
            rule_id="P1-DEC-03",
        )


def _refuse_after_deadline(application: Application) -> None:
    closes_at = application.call.phase(PhaseNumber.FULL_DOSSIER).closes_at
    if closes_at is not None and clock.now() > closes_at:
        raise WrongState(
            f"De tweede fase sloot op {formats.moment(closes_at)}. Daarna verandert er niets meer aan wie samen indient.",
            rule_id="P1-DEC-03",
        )
