"""What follows from a tie between a person and a dossier: a finding that bars, voids and hides, until somebody waives it (P2-EVA-03).

The search itself is `evaluation.domain.ties`. It runs for experts, members of the committee and staff alike: when the
evaluation starts, before an invitation, at the declaration, when somebody declares an interest, and every night (`sweep`).
"""

from collections.abc import Sequence

from django.db import transaction

from applications.enums import ApplicationState
from applications.models import Application, DossierBar, DossierGrant
from evaluation.domain import ties
from evaluation.domain.lifecycle import give_back_assignment, void_assignment
from evaluation.domain.terms import access_ends
from evaluation.domain.ties import search, search_many
from evaluation.enums import AssignmentState, ReadingOutcome, VoidKind
from evaluation.models import AdviceVersion, Assignment, ConflictFinding
from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail

__all__ = ("bar", "is_kept_out", "look", "look_at_all", "search", "search_many", "searched_people", "sweep", "waive")

FOUND = "Het portaal vond een mogelijk belangenconflict."
"""The reason of a bar that follows from findings; waiving the last of them lifts it, and no other bar."""

SEARCHED_ROLES = (Role.EXPERT, Role.COMMITTEE_MEMBER, Role.SECRETARY, Role.CASE_HANDLER)
"""Whose ties are looked for: everyone who reads or weighs a dossier before it is decided."""

S = ApplicationState
UNDER_JUDGEMENT = (
    S.P1_SUBMITTED, S.P1_ADMISSIBLE, S.P1_PITCHED, S.P1_ADVISED, S.P2_SUBMITTED, S.P2_SUPPLEMENT_ASKED,
    S.P2_SUPPLEMENT_ANSWERED, S.P2_SUPPLEMENT_EXPIRED, S.P2_ADMISSIBLE, S.P2_EVALUATION, S.P2_ADVISED, S.REVIEW_REQUESTED,
)  # fmt: skip
"""The states in which somebody still judges."""

WORK = (AssignmentState.DECLARED, AssignmentState.HANDED_IN)
"""An expert's work that a conflict voids; an invitation that was not answered yet stays, for it opened nothing."""


# ---------------------------------------------------------------- what follows from it


def look(application: Application, person: User, *, by: User | None) -> list[ConflictFinding]:
    """Search now, keep what is new, and bar the person when anything stands; returns what stands.

    A finding that was waived stays waived as long as its evidence is the same.
    """
    return look_at_all(application, [person], by=by)[person.pk]


def look_at_all(
    application: Application, people: Sequence[User], *, by: User | None
) -> dict[int, list[ConflictFinding]]:
    """As `look`, for several people in one search; what stands, by person."""
    found = search_many(application, people)
    standing: dict[int, list[ConflictFinding]] = {person.pk: [] for person in people}
    with transaction.atomic():
        own = ConflictFinding.objects.filter(application=application, person__in=people)
        known = set(own.values_list("person_id", "ground", "evidence"))
        fresh = [
            (person, tie)
            for person in people
            for tie in found[person.pk]
            if (person.pk, tie.ground, tie.evidence[: ties.LONGEST]) not in known
        ]
        ConflictFinding.objects.bulk_create(
            (
                ConflictFinding(
                    application=application,
                    person=person,
                    ground=tie.ground,
                    evidence=tie.evidence[: ties.LONGEST],
                    found_at=clock.now(),
                )
                for person, tie in fresh
            ),
            ignore_conflicts=True,
        )
        for person, tie in fresh:
            trail.record("conflict.found", application, by=by, changes={"person": person, "ground": tie.ground})
        for finding in own.standing().select_related("person").order_by("pk"):
            standing[finding.person_id].append(finding)
        for findings in standing.values():
            if findings:
                bar(application, findings[0].person, reason=FOUND, by=by)
    return standing


def bar(application: Application, person: User, *, reason: str, by: User | None) -> DossierBar:
    """Keep the person out of the dossier and of its place in any list; a bar that stands already stays as it is."""
    with transaction.atomic():
        standing = DossierBar.objects.filter(application=application, user=person, lifted_at__isnull=True).first()
        if standing is not None:
            _void_work(application, person, reason=reason, by=by)
            return standing
        made = DossierBar.objects.create(
            application=application, user=person, reason=reason, barred_at=clock.now(), barred_by=by or system_user()
        )
        trail.record("dossier.barred", application, by=by, changes={"person": person}, reason=reason)
        _void_work(application, person, reason=reason, by=by)
    return made


def _void_work(application: Application, person: User, *, reason: str, by: User | None) -> None:
    """Scores of a conflicted expert are kept and count no more; the dossier closes, and the case handler is told."""
    for assignment in Assignment.objects.filter(application=application, expert=person, state__in=WORK):
        before = assignment.state
        void_assignment(assignment, VoidKind.CONFLICT, by=by, reason=reason)
        close_dossier(assignment, by=by)
        if before == AssignmentState.HANDED_IN:
            trail.record("scores.voided", application, by=by, changes={"expert": person}, reason=reason)
            _return_waiting_advice(application, person)
        mail.send_later(
            key=f"scores-voided:{assignment.pk}:{clock.now():%Y%m%d%H%M%S}",
            to=assignment.invited_by.email,
            template="scores_voided",
            context={
                "assignment": assignment,
                "application": application,
                "reason": reason,
                "had_handed_in": before == AssignmentState.HANDED_IN,
                "is_advised": application.state == ApplicationState.P2_ADVISED,
                "address": mail.absolute(f"/behandeling/{application.number}/beoordeling/"),
            },
            about=assignment,
        )


def _return_waiting_advice(application: Application, person: User) -> None:
    """An advice that a second reader has in hand rests on scores that are void now: it goes back to its writer."""
    waiting = AdviceVersion.objects.awaiting().filter(application=application)
    remark = f"De scores van {person} vervielen door een belangenconflict. Kijk na wat dat verandert."
    if waiting.update(outcome=ReadingOutcome.RETURNED, remark=remark, read_at=clock.now(), read_by=system_user()):
        trail.record("advice.returned", application, by=None, reason=remark)


def close_dossier(assignment: Assignment, *, by: User | None) -> None:
    """The expert no longer reads the dossier."""
    open_grants = DossierGrant.objects.filter(
        application_id=assignment.application_id, user_id=assignment.expert_id, revoked_at__isnull=True
    )
    if open_grants.update(revoked_at=clock.now(), revoked_by=by or system_user()):
        trail.record(
            "dossier.closed_for_expert", assignment.application, by=by, changes={"expert": assignment.expert_id}
        )


def waive(finding: ConflictFinding, *, reason: str, by: User) -> ConflictFinding:
    """Judge that what was found is no conflict, with a reason; the last one waived lifts the bar that came from the search.

    A bar of another origin (an interest that was declared, a recusal) stays. Raises NotAllowed when somebody judges about
    themselves, and WrongState when it was waived before.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom dit geen belangenconflict is.", rule_id="P2-EVA-03")
    if finding.person_id == by.pk:
        raise NotAllowed("Over een eigen belang beslist iemand anders.", rule_id="P2-EVA-03")
    with transaction.atomic():
        fresh = lock(finding)
        if fresh.waived_at is not None:
            raise WrongState("Deze vaststelling is al opgeheven. Laad de pagina opnieuw.")
        fresh.waived_at, fresh.waived_by, fresh.waive_reason = clock.now(), by, reason
        fresh.save(update_fields=["waived_at", "waived_by", "waive_reason"])
        changes = {"person": fresh.person_id, "ground": fresh.ground, "evidence": fresh.evidence}
        trail.record("conflict.waived", fresh.application, by=by, changes=changes, reason=reason)
        others = ConflictFinding.objects.standing().filter(application=fresh.application_id, person=fresh.person_id)
        if not others.exists():
            _lift_found(fresh, reason=reason, by=by)
    return fresh


def _lift_found(finding: ConflictFinding, *, reason: str, by: User) -> None:
    bars = DossierBar.objects.select_for_update(of=("self",), no_key=True).filter(
        application=finding.application_id, user=finding.person_id, reason=FOUND, lifted_at__isnull=True
    )
    for standing in bars:
        standing.lifted_at, standing.lifted_by, standing.lift_reason = clock.now(), by, reason
        standing.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        trail.record(
            "dossier.bar_lifted", finding.application, by=by, changes={"person": finding.person_id}, reason=reason
        )
        _give_back_work(finding, reason=reason, by=by)


def _give_back_work(finding: ConflictFinding, *, reason: str, by: User) -> None:
    """What turned out to be no conflict takes nothing away: until the advice is given, the expert's work stands again."""
    lost = Assignment.objects.filter(
        application=finding.application_id,
        expert=finding.person_id,
        state=AssignmentState.VOID,
        void_kind=VoidKind.CONFLICT,
    )
    if finding.application.state != ApplicationState.P2_EVALUATION or is_kept_out(finding.application, finding.person):
        return
    rules = finding.application.call.rules()
    for assignment in lost.exclude(voided_from=""):
        give_back_assignment(assignment, by=by, reason=reason)
        DossierGrant.objects.get_or_create(
            application_id=assignment.application_id,
            user_id=assignment.expert_id,
            revoked_at=None,
            defaults={"granted_at": clock.now(), "granted_by": by, "expires_at": access_ends(assignment, rules)},
        )


def is_kept_out(application: Application, person: User) -> bool:
    """Whether a bar or a finding stands between this person and this dossier."""
    if DossierBar.objects.filter(application=application, user=person, lifted_at__isnull=True).exists():
        return True
    return ConflictFinding.objects.standing().filter(application=application, person=person).exists()


# ---------------------------------------------------------------- everyone, again and again


def searched_people() -> list[User]:
    """Everyone whose ties are looked for, each once; one query."""
    holders = User.objects.filter(
        is_active=True, role_grants__role__in=SEARCHED_ROLES, role_grants__revoked_at__isnull=True
    )
    return list(holders.distinct().order_by("pk"))


def look_everywhere(person: User, *, by: User | None) -> int:
    """Search one person against every dossier that is still judged; returns how many findings stand."""
    dossiers = Application.objects.filter(state__in=UNDER_JUDGEMENT).select_related("applicant", "beneficiary", "call")
    return sum(len(look(application, person, by=by)) for application in dossiers.order_by("pk"))


def sweep() -> int:
    """Search everyone against every dossier that is still judged, once more; returns how many findings are new.

    New letters, new members and new interests come after the first search; a tie that they bring is found the same night.
    """
    people, before = searched_people(), ConflictFinding.objects.count()
    dossiers = Application.objects.filter(state__in=UNDER_JUDGEMENT).select_related("applicant", "beneficiary", "call")
    for application in dossiers.order_by("pk"):
        look_at_all(application, people, by=None)
    return ConflictFinding.objects.count() - before
