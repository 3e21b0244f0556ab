"""The post-discussion (DEC-02): the applicant proposes times, a case handler plans one, and notes what was said."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from applications.domain import notices
from applications.models import Application
from evaluation.enums import DecisionKind
from evaluation.models import Decision, PostDiscussion
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock


def ask(application: Application, *, proposals: Sequence[datetime], question: str, by: User) -> PostDiscussion:
    """Ask for a talk about the released decision that stands, at one of these moments; again, it replaces what was proposed, until it is planned."""
    if not by.belongs_to(application.applicant_id):
        raise NotAllowed("Alleen mensen van de aanvrager vragen een nabespreking.", rule_id="DEC-02")
    moments = sorted(set(proposals))
    if not moments:
        raise DomainError(
            "Stel minstens één moment voor.",
            rule_id="DEC-02",
            findings=[Finding("DEC-02", "first", "Kies een dag en een uur.")],
        )
    if moments[0] <= clock.now():
        raise DomainError("Een voorgesteld moment is al voorbij.", rule_id="DEC-02")
    with transaction.atomic():
        decision = (
            Decision.objects.select_for_update(of=("self",), no_key=True)
            .standing()
            .filter(
                application=application,
                kind__in=(DecisionKind.PRESELECTION, DecisionKind.SUPPORT),
                released_at__isnull=False,
                is_reconstructed=False,
            )
            .order_by("-released_at")
            .first()
        )
        if decision is None:
            raise WrongState("Er is nog geen beslissing om na te bespreken.", rule_id="DEC-02")
        talk = PostDiscussion.objects.filter(decision=decision).first()
        if talk is not None and talk.planned_for is not None:
            raise WrongState("De nabespreking is al gepland. Neem contact op om ze te verplaatsen.", rule_id="DEC-02")
        talk = talk or PostDiscussion(decision=decision)
        talk.proposals, talk.question = [moment.isoformat() for moment in moments], question.strip()
        talk.asked_at, talk.asked_by = clock.now(), by
        talk.save()
        trail.record("discussion.asked", talk, by=by, changes={"proposals": talk.proposals})
    return talk


def plan(talk: PostDiscussion, *, at: datetime, place: str, by: User) -> PostDiscussion:
    """Fix the moment and the place and tell the applicant; planning again moves it and tells so."""
    if at <= clock.now():
        raise DomainError(
            "Kies een moment dat nog komt.",
            rule_id="DEC-02",
            findings=[Finding("DEC-02", "at", "Dit moment is voorbij.")],
        )
    with transaction.atomic():
        fresh = lock(talk)
        if fresh.held_at is not None:
            raise WrongState("Deze nabespreking is al gehouden.", rule_id="DEC-02")
        fresh.planned_for, fresh.place, fresh.planned_at, fresh.planned_by = at, place.strip(), clock.now(), by
        fresh.save(update_fields=["planned_for", "place", "planned_at", "planned_by"])
        trail.record("discussion.planned", fresh, by=by, changes={"planned_for": at, "place": place})
        application = fresh.decision.application
        notice = notices.compose(application, "discussion_planned", talk=fresh)
        if notice.to:
            notices.post(application, notice, key=f"discussion:{fresh.pk}:{at.isoformat()}")
    return fresh


def hold(talk: PostDiscussion, *, notes: str, by: User) -> PostDiscussion:
    """Note that it was held and what was said; stays on record."""
    with transaction.atomic():
        fresh = lock(talk)
        if fresh.planned_for is None or fresh.planned_for > clock.now():
            raise WrongState("Een nabespreking noteert u na haar moment.", rule_id="DEC-02")
        if fresh.held_at is not None:
            raise WrongState("Deze nabespreking is al genoteerd.", rule_id="DEC-02")
        fresh.held_at, fresh.held_by, fresh.notes = clock.now(), by, notes.strip()
        fresh.save(update_fields=["held_at", "held_by", "notes"])
        trail.record("discussion.held", fresh, by=by)
    return fresh
