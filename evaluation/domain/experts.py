"""Experts and the dossiers they judge: invited, declared, opened (P2-EVA-02, P2-EVA-03, CONF-01, CONF-02, ROL-11).

Nothing of a dossier is visible before the declaration; the grant that opens it is made by `declare` alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction

from applications.domain import words
from applications.enums import ApplicationState
from applications.models import Application, DossierGrant
from calls.ruleset import Rules
from evaluation.domain import conflicts, terms
from evaluation.domain.conflicts import close_dossier
from evaluation.domain.lifecycle import move_assignment, void_assignment
from evaluation.enums import AssignmentState, DeclineKind, VoidKind
from evaluation.models import Assignment, ConflictFinding, ExpertProfile
from ibnportal.core import clock
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail
from ibnportal.core.outbox.models import MailRecord

DECLARED_INTEREST = "De deskundige meldde een belang."

LIVE_AFTER_DECLARING = (AssignmentState.DECLARED, AssignmentState.HANDED_IN)

INVITATION = Signer(salt="evaluation.invitation")
SECRET = "expert-link"  # noqa: S105 - the kind of secret, for the mail
"""Signs the link of an invitation. Nothing secret stands behind it, so it needs no expiry: the assignment's state decides."""


def keep_profile(expert: User, *, by: User, **facts: Any) -> ExpertProfile:
    """Write down what an expert knows, for whom she works and when she is there; what changed is in the trail.

    A new employer is compared with every dossier at once. Raises NotAllowed for who is no expert.
    """
    if not expert.has_role(Role.EXPERT):
        raise NotAllowed(f"{expert} hoort niet bij de deskundigen van de oproep.", rule_id="ROL-11")
    with transaction.atomic():
        profile = ExpertProfile.objects.select_for_update(no_key=True).filter(user=expert).first() or ExpertProfile(
            user=expert
        )
        changes = {
            name: [getattr(profile, name), value] for name, value in facts.items() if getattr(profile, name) != value
        }
        for name, value in facts.items():
            setattr(profile, name, value)
        profile.save()
        if changes:
            trail.record("expert.profile_kept", expert, by=by, changes=changes)
        conflicts.look_everywhere(expert, by=by)
    return profile


def enter(*, email: str, full_name: str, by: User, **facts: Any) -> User:
    """Take somebody into the pool: an account when there is none, the role, and the profile; a mail says what is asked (P2-EVA-02).

    Somebody with an account keeps it. Who works on the call or for an applicant's side of it is found by the search for ties, not refused here.
    Raises DomainError for who is in the pool already, and for an account that was closed.
    """
    email, full_name = email.strip().lower(), words.clean(full_name)
    if not full_name:
        raise DomainError(
            "Vul voornaam en naam in.",
            rule_id="ROL-11",
            findings=[Finding("ROL-11", "full_name", "Vul voornaam en naam in.")],
        )
    with transaction.atomic():
        expert = User.objects.filter(email__iexact=email).first()
        if expert is None:
            expert = people.register_user(email=email, full_name=full_name, by=by)
        if not expert.is_active:
            raise DomainError(
                f"Het account van {email} is afgesloten. Vraag een beheerder om het weer te openen.",
                rule_id="ROL-11",
                findings=[Finding("ROL-11", "email", "Dit account is afgesloten.")],
            )
        if expert.has_role(Role.EXPERT):
            raise DomainError(
                f"{expert} staat al in de pool.",
                rule_id="ROL-11",
                findings=[Finding("ROL-11", "email", f"{expert} staat al in de pool.")],
            )
        people.grant_role(expert, Role.EXPERT, by=by, reason="Opgenomen in de pool van deskundigen")
        keep_profile(expert, by=by, **facts)
        mail.send_later(
            key=f"expert-entered:{expert.pk}:{clock.now():%Y%m%d%H%M%S}",
            to=expert.email,
            template="expert_entered",
            context={
                "expert": expert,
                "by": by,
                "has_password": expert.has_usable_password(),
                "login_address": mail.absolute("/account/login/"),
                "password_address": mail.absolute("/account/password/reset/"),
            },
            about=expert,
        )
    return expert


def leave(expert: User, *, reason: str, by: User) -> None:
    """Take somebody out of the pool, with a reason; refused while a dossier is still in her hands. What she scored stays."""
    reason = words.clean(reason)
    if not reason:
        raise DomainError(
            "Schrijf waarom deze deskundige uit de pool gaat.",
            rule_id="ROL-11",
            findings=[Finding("ROL-11", "reason", "Schrijf een reden.")],
        )
    open_work = (AssignmentState.INVITED, AssignmentState.DECLARED)
    with transaction.atomic():
        held = Assignment.objects.filter(expert=expert, state__in=open_work).count()
        if held:
            raise WrongState(
                f"{expert} heeft nog {held} {'dossier' if held == 1 else 'dossiers'} in handen. Trek die eerst in.",
                rule_id="ROL-11",
            )
        people.revoke_role(expert, Role.EXPERT, by=by, reason=reason)


def invite(application: Application, *, expert: User, due_on: date | None, by: User) -> Assignment:
    """Ask an expert for scores; the mail names the call and the number, nothing of the content.

    The portal searches for ties first. What it finds is kept and bars the expert; then nobody is invited and the
    DomainError lists the findings, until a case handler waives them.
    """
    _refuse_stranger(expert, due_on)
    standing = conflicts.look(application, expert, by=by)
    if standing:
        raise _conflicted(expert, standing)
    return _ask(application, expert=expert, due_on=due_on, by=by)


def invite_all(places: Sequence[tuple[Application, User]], *, due_on: date, by: User) -> list[Assignment]:
    """Invite everyone of a distribution in one go, or nobody: the DomainError lists each place that cannot be.

    Ties are searched first and kept, also when nobody is invited in the end.
    """
    if not places:
        raise DomainError("Er is niemand gekozen. Kies minstens één deskundige.", rule_id="P2-EVA-02")
    findings: list[Finding] = []
    for application, expert in places:
        _refuse_stranger(expert, due_on)
        findings += [
            Finding("P2-EVA-03", application.number, f"{expert}: {found.ground.lower()}. {found.evidence}")
            for found in conflicts.look(application, expert, by=by)
        ]
    if findings:
        raise DomainError(
            "Niemand is uitgenodigd: het portaal vond een mogelijk belangenconflict. Kies op die plaatsen iemand anders.",
            rule_id="P2-EVA-03",
            findings=findings,
        )
    with transaction.atomic():
        return [_ask(application, expert=expert, due_on=due_on, by=by) for application, expert in places]


def _ask(application: Application, *, expert: User, due_on: date | None, by: User) -> Assignment:
    with transaction.atomic():
        fresh = lock(application)
        if fresh.state != ApplicationState.P2_EVALUATION:
            raise WrongState(
                f"Deskundigen nodigt u uit terwijl het dossier in beoordeling is; het staat op “{fresh.get_state_display()}”.",
                rule_id="P2-EVA-01",
            )
        if Assignment.objects.filter(application=fresh, expert=expert).exists():
            raise WrongState(f"{expert} is voor {fresh.number} al uitgenodigd.")
        if conflicts.is_kept_out(fresh, expert):
            raise NotAllowed(f"{expert} is van {fresh.number} uitgesloten.", rule_id="P2-EVA-03")
        assignment = Assignment.objects.create(
            application=fresh,
            expert=expert,
            invited_at=clock.now(),
            invited_by=by,
            due_on=due_on,
            state_changed_at=clock.now(),
        )
        trail.record("assignment.invited", assignment, by=by, changes={"expert": expert, "due_on": due_on})
        mail.send_later(
            key=f"expert-invited:{assignment.pk}",
            to=expert.email,
            template="expert_invited",
            context={
                "assignment": assignment,
                "application": fresh,
                "accept_address": mail.absolute("/expert/uitnodiging"),
            },
            about=assignment,
            secret=(SECRET, str(assignment.pk)),
        )
    return assignment


def invitation_token(assignment: Assignment) -> str:
    """What the link in the invitation carries: the assignment, signed; it opens nothing of the dossier."""
    return INVITATION.sign(str(assignment.pk))


def invited_by_token(token: str) -> Assignment | None:
    """The assignment that a link from an invitation is about; None for a link that the portal did not make."""
    try:
        key = INVITATION.unsign(token)
    except BadSignature:
        return None
    return Assignment.objects.select_related("application__call", "expert", "invited_by").filter(pk=key).first()


def decline(assignment: Assignment, *, kind: str, text: str = "") -> Assignment:
    """The expert does not take the dossier, as said through the personal link or after signing in; before scoring only.

    An interest has to be explained, and bars the expert; for the other reasons a word is enough or none.
    """
    kind, text = DeclineKind(kind), words.clean(text)
    if kind == DeclineKind.INTEREST:
        return _decline(assignment, text, by=assignment.expert)
    with transaction.atomic():
        move_assignment(
            assignment,
            AssignmentState.DECLINED,
            by=assignment.expert,
            reason=f"{kind.label}. {text}".strip(),
            decline_kind=kind,
            interest_text=text,
        )
        _tell_case_handler(assignment, "expert_declined", [])
    return assignment


def _refuse_stranger(expert: User, due_on: date | None) -> None:
    if not expert.is_active or not expert.has_role(Role.EXPERT):
        raise NotAllowed(f"{expert} hoort niet bij de deskundigen van de oproep.", rule_id="ROL-11")
    if due_on is not None and due_on < clock.today():
        message = "De dag waarop u de scores verwacht, is al voorbij. Kies een latere dag."
        raise DomainError(message, findings=[Finding("", "due_on", message)])


def _conflicted(expert: User, standing: list[ConflictFinding]) -> DomainError:
    return DomainError(
        f"{expert} is niet uitgenodigd: het portaal vond een mogelijk belangenconflict. Kies een andere deskundige, of hef de vaststelling op met een reden.",
        rule_id="P2-EVA-03",
        findings=[Finding("P2-EVA-03", finding.ground, finding.evidence) for finding in standing],
    )


def declare(
    assignment: Assignment, *, keeps_confidential: bool, has_interest: bool, interest_text: str = "", by: User
) -> Assignment:
    """The expert's own declaration on one dossier; without interests it opens the dossier, with one it ends the assignment.

    A tie that the portal finds now leaves the invitation as it is, bars the expert and tells the case handler; the
    returned assignment is then still INVITED. Raises NotAllowed for anybody else, and DomainError when confidentiality
    is not promised or an interest is not explained.
    """
    interest_text = words.clean(interest_text)
    if assignment.expert_id != by.pk:
        raise NotAllowed("Alleen de deskundige zelf kan deze verklaring ondertekenen.", rule_id="CONF-02")
    if has_interest:
        return _decline(assignment, interest_text, by=by)
    if not keeps_confidential:
        message = "Zonder belofte van vertrouwelijkheid kan het portaal het dossier niet openen."
        raise DomainError(message, rule_id="CONF-02", findings=[Finding("CONF-02", "keeps_confidential", message)])
    standing = conflicts.look(assignment.application, by, by=by)
    if standing:
        _tell_case_handler(assignment, "expert_conflict", standing)
        return assignment
    if conflicts.is_kept_out(assignment.application, by):
        raise NotAllowed("U bent van dit dossier uitgesloten.", rule_id="P2-EVA-03")
    rules = assignment.application.call.rules()
    now = clock.now()
    with transaction.atomic():
        if lock(assignment).state in LIVE_AFTER_DECLARING:
            _renew(assignment, rules, by=by)
        else:
            move_assignment(
                assignment,
                AssignmentState.DECLARED,
                by=by,
                at=now,
                keeps_confidential=True,
                has_interest=False,
                interest_text="",
                declared_at=now,
                declaration_until=terms.declaration_ends(now, rules),
            )
        _open_dossier(assignment, rules)
    return assignment


def _renew(assignment: Assignment, rules: Rules, *, by: User) -> None:
    """A declaration that ran out is given again; what was scored stays."""
    assignment.declaration_until = terms.declaration_ends(clock.now(), rules)
    Assignment.objects.filter(pk=assignment.pk).update(declaration_until=assignment.declaration_until)
    trail.record("assignment.declared_again", assignment, by=by, changes={"until": assignment.declaration_until})


def _open_dossier(assignment: Assignment, rules: Rules) -> None:
    """Give or prolong the right to read, to the end of declaration and term (CONF-01)."""
    DossierGrant.objects.update_or_create(
        application_id=assignment.application_id,
        user_id=assignment.expert_id,
        revoked_at=None,
        defaults={"expires_at": terms.access_ends(assignment, rules)},
        create_defaults={
            "granted_at": clock.now(),
            "granted_by": assignment.invited_by,
            "expires_at": terms.access_ends(assignment, rules),
        },
    )


def extend(assignment: Assignment, *, due_on: date, reason: str, by: User) -> Assignment:
    """Give an expert a later date, with a reason; the dossier stays open, or opens again, to the end of the new term."""
    reason = words.clean(reason)
    if not reason:
        raise DomainError("Schrijf waarom de deskundige meer tijd krijgt.")
    if due_on < clock.today() or (assignment.due_on is not None and due_on <= assignment.due_on):
        message = "Kies een dag die later valt dan vandaag en dan de afgesproken dag."
        raise DomainError(message, findings=[Finding("", "due_on", message)])
    with transaction.atomic():
        fresh = lock(assignment)
        if fresh.state not in {AssignmentState.INVITED, *LIVE_AFTER_DECLARING}:
            raise WrongState(f"Uitstel heeft geen zin: de toewijzing staat op “{fresh.get_state_display()}”.")
        before, fresh.due_on = fresh.due_on, due_on
        fresh.save(update_fields=["due_on"])
        if fresh.state in LIVE_AFTER_DECLARING and not conflicts.is_kept_out(fresh.application, fresh.expert):
            _open_dossier(fresh, fresh.application.call.rules())
        trail.record("assignment.extended", fresh, by=by, changes={"due_on": [before, due_on]}, reason=reason)
        assignment.due_on = due_on
    return assignment


def _decline(assignment: Assignment, interest_text: str, *, by: User) -> Assignment:
    if not interest_text:
        message = "Schrijf in één zin welk belang u hebt."
        raise DomainError(message, rule_id="CONF-02", findings=[Finding("CONF-02", "interest_text", message)])
    with transaction.atomic():
        move_assignment(
            assignment,
            AssignmentState.DECLINED,
            by=by,
            reason=interest_text,
            has_interest=True,
            interest_text=interest_text,
            decline_kind=DeclineKind.INTEREST,
        )
        conflicts.bar(assignment.application, by, reason=DECLARED_INTEREST, by=by)
        _tell_case_handler(assignment, "expert_declined", [])
    return assignment


def _tell_case_handler(assignment: Assignment, template: str, standing: list[ConflictFinding]) -> None:
    mail.send_later(
        key=f"{template}:{assignment.pk}:{clock.now():%Y%m%d%H%M%S}",
        to=assignment.invited_by.email,
        template=template,
        context={
            "assignment": assignment,
            "application": assignment.application,
            "findings": standing,
            "address": mail.absolute(f"/behandeling/{assignment.application.number}/beoordeling/"),
        },
        about=assignment,
    )


def remind_due() -> int:
    """Write to every expert whose date comes near, and the day after it passed; once for each date. Returns how many.

    Safe to run as often as one likes: the key of the mail names the date. How many days before is a figure of the call.
    """
    waiting = Assignment.objects.filter(
        state__in=(AssignmentState.INVITED, AssignmentState.DECLARED),
        due_on__isnull=False,
        application__state=ApplicationState.P2_EVALUATION,
    ).select_related("application__call", "expert")
    today, rules, sent = clock.today(), {}, 0
    for assignment in waiting.order_by("pk"):
        call = assignment.application.call
        if call.pk not in rules:
            rules[call.pk] = call.rules()
        due_on = assignment.due_on
        remind_on = terms.reminder_on(due_on, rules[call.pk]) if due_on else None
        if due_on is None or remind_on is None or today < remind_on:
            continue
        moment = "late" if today > due_on else "near"
        sent += _remind_once(assignment, key=f"expert-{moment}:{assignment.pk}:{due_on}", by=None)
    return sent


def _remind_once(assignment: Assignment, *, key: str, by: User | None) -> bool:
    """Whether this reminder was still to be sent."""
    if MailRecord.objects.filter(key__startswith=key).exists():
        return False
    with transaction.atomic():
        mail.send_later(
            key=key,
            to=assignment.expert.email,
            template="expert_reminded",
            context={
                "assignment": assignment,
                "application": assignment.application,
                "is_late": assignment.due_on is not None and clock.today() > assignment.due_on,
                "address": mail.absolute("/expert/"),
            },
            about=assignment,
        )
        trail.record("assignment.reminded", assignment, by=by)
    return True


def remind(assignment: Assignment, *, by: User) -> None:
    """Write once a day at most to an expert who has not handed in yet."""
    if assignment.state not in {AssignmentState.INVITED, AssignmentState.DECLARED}:
        raise WrongState(f"Een herinnering heeft geen zin: de toewijzing staat op “{assignment.get_state_display()}”.")
    if not _remind_once(assignment, key=f"expert-reminded:{assignment.pk}:{clock.today()}", by=by):
        raise WrongState(f"{assignment.expert} kreeg vandaag al een herinnering.")


def release(assignment: Assignment, *, reason: str, by: User) -> Assignment:
    """Take an assignment back, with a reason, and close the dossier for the expert; scores already given stay on record."""
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom u deze toewijzing intrekt.")
    with transaction.atomic():
        void_assignment(assignment, VoidKind.TAKEN_BACK, by=by, reason=reason)
        close_dossier(assignment, by=by)
    return assignment
