"""Experts and the dossiers they judge: invited, declared, opened (P2-EVA-02, P2-EVA-03, CONF-01, CONF-02, ROL-11).

Nothing of a dossier is visible before the declaration; the grant that opens it is made by `declare` alone.
"""

from datetime import date

from django.db import transaction

from applications.enums import ApplicationState
from applications.models import Application, DossierGrant
from evaluation.domain import conflicts
from evaluation.domain.lifecycle import move_assignment
from evaluation.enums import AssignmentState
from evaluation.models import Assignment, ConflictFinding
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.outbox import mail

DECLARED_INTEREST = "De deskundige meldde een belang."


def invite(application: Application, *, expert: User, due_on: date | None, by: User) -> Assignment:
    """Ask an expert for scores; the mail names the call and the number, nothing of the content.

    The portal searches for ties first. What it finds is kept and bars the expert; then nobody is invited and the
    DomainError lists the findings, until a case handler waives them.
    """
    _refuse_stranger(expert, due_on)
    standing = conflicts.look(application, expert, by=by)
    if standing:
        raise _conflicted(expert, standing)
    with transaction.atomic():
        fresh = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if fresh.state != ApplicationState.P2_EVALUATION:
            raise WrongState(
                f"Deskundigen nodigt u uit terwijl het dossier in beoordeling is; het staat op “{fresh.get_state_display()}”.",
                rule_id="P2-EVA-01",
            )
        if Assignment.objects.filter(application=fresh, expert=expert).exists():
            raise WrongState(f"{expert} is voor dit dossier al uitgenodigd.")
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
            context={"assignment": assignment, "application": fresh, "address": mail.absolute("/expert/")},
            about=assignment,
        )
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
    interest_text = interest_text.strip()
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
    with transaction.atomic():
        now = clock.now()
        move_assignment(
            assignment,
            AssignmentState.DECLARED,
            by=by,
            at=now,
            keeps_confidential=True,
            has_interest=False,
            interest_text="",
            declared_at=now,
        )
        DossierGrant.objects.get_or_create(
            application_id=assignment.application_id,
            user=by,
            revoked_at=None,
            defaults={"granted_at": now, "granted_by": assignment.invited_by},
        )
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


def remind(assignment: Assignment, *, by: User) -> None:
    """Write once a day at most to an expert who has not handed in yet."""
    if assignment.state not in {AssignmentState.INVITED, AssignmentState.DECLARED}:
        raise WrongState(f"Een herinnering heeft geen zin: de toewijzing staat op “{assignment.get_state_display()}”.")
    with transaction.atomic():
        mail.send_later(
            key=f"expert-reminded:{assignment.pk}:{clock.today()}",
            to=assignment.expert.email,
            template="expert_reminded",
            context={
                "assignment": assignment,
                "application": assignment.application,
                "address": mail.absolute("/expert/"),
            },
            about=assignment,
        )
        trail.record("assignment.reminded", assignment, by=by)


def release(assignment: Assignment, *, reason: str, by: User) -> Assignment:
    """Take an assignment back, with a reason, and close the dossier for the expert; scores already given stay on record."""
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom u deze toewijzing intrekt.")
    with transaction.atomic():
        move_assignment(assignment, AssignmentState.VOID, by=by, reason=reason)
        close_dossier(assignment, by=by)
    return assignment


def close_dossier(assignment: Assignment, *, by: User) -> None:
    """The expert no longer reads the dossier."""
    open_grants = DossierGrant.objects.filter(
        application_id=assignment.application_id, user_id=assignment.expert_id, revoked_at__isnull=True
    )
    if open_grants.update(revoked_at=clock.now(), revoked_by=by):
        trail.record(
            "dossier.closed_for_expert", assignment.application, by=by, changes={"expert": assignment.expert_id}
        )
