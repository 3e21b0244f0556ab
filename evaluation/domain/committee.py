"""The decision committee (P1-DEC-02, P2-EVA-04 ... 07): meetings, recusals, decisions, and the ceilings of the call.

What is recorded here stays inside until `release.release` (the applicant sees nothing before it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from applications.enums import ApplicationState
from applications.models import Application, DossierBar
from calls.enums import PhaseNumber
from calls.models import Call
from calls.ruleset import Rules
from evaluation.domain import meetings
from evaluation.domain.advice import check_merger
from evaluation.enums import ConditionKind, ConditionTopic, DecisionKind, DecisionOutcome, MeetingState
from evaluation.models import CallCeiling, Decision, DecisionCondition, DecisionYear, Meeting, Ranking, RankingEntry
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, euros, format_euros
from ibnportal.core.outbox import mail
from ibnportal.core.ui import formats

if TYPE_CHECKING:
    from evaluation.domain.release import Release

O = DecisionOutcome  # noqa: E741 - read as "outcome" in the tables below

_AGENDA_STATE = {
    PhaseNumber.PRE_REGISTRATION: ApplicationState.P1_ADVISED,
    PhaseNumber.FULL_DOSSIER: ApplicationState.P2_ADVISED,
}
PRESELECTION_OUTCOMES = (O.PRESELECTED, O.NOT_PRESELECTED, O.MERGE_ADVISED)
SUPPORT_OUTCOMES = (O.AWARDED, O.REJECTED)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that an award sets; a blocking one must be met before the agreement is signed."""

    kind: str
    text: str
    is_blocking: bool = False
    topic: str = ConditionTopic.GENERAL


# ---------------------------------------------------------------- the meeting


def plan_meeting(
    *,
    call: Call,
    phase: int,
    held_on: date,
    location: str = "",
    members: Iterable[User],
    by: User,
    starts_at: time | None = None,
    notes: str = "",
) -> Meeting:
    """A meeting on one phase of one call; that of phase 2 reads the newest frozen ranking (P1-DEC-02, P2-EVA-07).

    Its agenda is every advised dossier of that phase: `agenda`.
    """
    phase, people = PhaseNumber(phase), list(members)
    if not people:
        raise DomainError(
            "Duid aan wie aan de vergadering deelneemt.",
            findings=[Finding("ROL-12", "members", "Kies minstens één lid.")],
        )
    strangers = [str(person) for person in people if not person.has_role(Role.COMMITTEE_MEMBER)]
    if strangers:
        raise DomainError(f"Geen lid van het beslissingscomité: {', '.join(strangers)}.", rule_id="ROL-12")
    ranking = None
    if phase == PhaseNumber.FULL_DOSSIER:
        ranking = Ranking.objects.filter(call=call).order_by("-version").first()
        if ranking is None:
            raise WrongState(
                "Er is nog geen vastgelegde rangschikking. Leg die eerst vast: de vergadering beslist erop."
            )
    with transaction.atomic():
        meeting = Meeting.objects.create(
            call=call,
            phase=phase,
            held_on=held_on,
            starts_at=starts_at,
            notes=notes.strip(),
            location=location.strip(),
            ranking=ranking,
        )
        meeting.members.set(people)
        changes = {"call": call.code, "phase": phase, "held_on": held_on, "members": [str(person) for person in people]}
        trail.record("meeting.planned", meeting, by=by, changes={**changes, "ranking": ranking and ranking.pk})
        for person in people:
            mail.send_later(
                key=f"meeting:{meeting.pk}:invited:{person.pk}",
                to=person.email,
                template="committee_invited",
                context={"meeting": meeting, "person": person, "meeting_url": mail.absolute(f"/comite/{meeting.pk}/")},
                about=meeting,
            )
    return meeting


def agenda(meeting: Meeting, *, user: User | None = None) -> "QuerySet[Application]":
    """The dossiers of this meeting: advised and undecided, or decided here; for `user` minus what is barred to them."""
    waiting = Application.objects.of_call(meeting.call).in_state(_AGENDA_STATE[PhaseNumber(meeting.phase)])
    elsewhere = Decision.objects.filter(kind=_kind(meeting)).exclude(meeting=meeting).values("application_id")
    here = Application.objects.filter(decisions__meeting=meeting)
    dossiers = Application.objects.filter(
        pk__in=waiting.exclude(pk__in=elsewhere).values("pk").union(here.values("pk"))
    )
    if user is not None:
        barred = DossierBar.objects.filter(user=user, lifted_at__isnull=True).values("application_id")
        dossiers = dossiers.exclude(pk__in=barred)
    return dossiers.order_by("number")


def recuse(meeting: Meeting, *, member: User, application: Application, reason: str, by: User) -> DossierBar:
    """A member stays out of one dossier: from now on it does not exist for them, on any page (P2-EVA-03, CONF-02).

    Who was already barred stays so, and nothing is written twice.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom het lid zich onthoudt: het komt in het verslag.", rule_id="P2-EVA-03")
    with transaction.atomic():
        fresh = _open(meeting)
        if not fresh.members.filter(pk=member.pk).exists():
            raise DomainError(f"{member} neemt niet deel aan deze vergadering.", rule_id="P2-EVA-03")
        if not agenda(fresh).filter(pk=application.pk).exists():
            raise DomainError(
                f"{application.number} staat niet op de agenda van deze vergadering.", rule_id="P2-EVA-03"
            )
        bar, is_new = DossierBar.objects.get_or_create(
            application=application,
            user=member,
            lifted_at=None,
            defaults={"reason": reason, "barred_at": clock.now(), "barred_by": by},
        )
        if is_new:
            changes = {"member": str(member), "meeting": meeting.pk}
            trail.record("member.recused", application, by=by, changes=changes, reason=reason)
    return bar


# ---------------------------------------------------------------- decisions


def record_preselection(
    meeting: Meeting,
    application: Application,
    *,
    outcome: str,
    reason: str,
    by: User,
    merge_with: Application | None = None,
) -> Decision:
    """Note what the committee decided on one pre-registration; until the release it may be noted again (P1-DEC-02, P1-DEC-03)."""
    outcome, reason = DecisionOutcome(outcome), _reason(reason)
    if outcome not in PRESELECTION_OUTCOMES:
        raise DomainError("Kies een beslissing over de preselectie.", rule_id="P1-DEC-02")
    check_merger(application, merge_with, is_merger=outcome == O.MERGE_ADVISED)
    with transaction.atomic():
        fresh_meeting, fresh = _both(meeting, application, phase=PhaseNumber.PRE_REGISTRATION, by=by)
        decision = _draft(fresh_meeting, fresh, by=by)
        decision.outcome, decision.reason = outcome, reason
        decision.merge_with_id = None if merge_with is None else merge_with.pk
        decision.save()
        changes = {"outcome": outcome, "meeting": meeting.pk, "merge_with": merge_with and merge_with.number}
        trail.record("decision.recorded", fresh, by=by, changes=changes, reason=reason)
    return decision


def record_support(
    meeting: Meeting,
    application: Application,
    *,
    outcome: str,
    reason: str,
    by: User,
    year_amounts: Mapping[int, Decimal] | Sequence[Decimal] = (),
    conditions: Sequence[Condition] = (),
    deviation_reason: str = "",
) -> Decision:
    """Note what the committee decided on one full dossier, with its amount per project year and its conditions (P2-EVA-04).

    The ceilings of the call are taken in the same transaction: the database refuses the award that does not fit (PRG-02,
    PRG-04). A decision that does not follow the frozen ranking has its own reason. Noted again, the new one replaces the old.
    """
    outcome, reason, deviation_reason = DecisionOutcome(outcome), _reason(reason), deviation_reason.strip()
    if outcome not in SUPPORT_OUTCOMES:
        raise DomainError("Kies of er steun toegekend wordt.", rule_id="P2-EVA-04")
    with transaction.atomic():
        fresh_meeting, fresh = _both(meeting, application, phase=PhaseNumber.FULL_DOSSIER, by=by)
        decision = _draft(fresh_meeting, fresh, by=by)
        years: dict[int, Decimal] = {}
        if outcome == O.AWARDED:
            years = by_year(year_amounts)
            found = amount_findings(years, decision.rules.frozen(), requested=fresh.requested_grant)
            found += [
                Finding("P2-EVA-04", "conditions", "Een voorwaarde heeft een tekst.")
                for c in conditions
                if not c.text.strip()
            ]
            if found:
                raise DomainError(
                    "De toekenning kan zo niet vastgelegd worden.", rule_id=found[0].rule_id, findings=found
                )
        elif conditions:
            raise DomainError("Voorwaarden horen bij een toekenning.", rule_id="P2-EVA-04")
        if deviates(fresh_meeting, fresh, outcome) and not deviation_reason:
            raise DomainError(
                "Deze beslissing volgt de rangschikking niet. Schrijf waarom het comité ervan afwijkt.",
                rule_id="P2-EVA-06",
                findings=[Finding("P2-EVA-06", "deviation_reason", "Geef de reden van de afwijking.")],
            )
        before = decision.amount or ZERO
        amount: Decimal | None = sum(years.values(), ZERO) if outcome == O.AWARDED else None
        take_from_ceiling(
            fresh_meeting.call,
            decision.rules.frozen(),
            amount=(amount or ZERO) - before,
            count=(outcome == O.AWARDED) - (decision.outcome == O.AWARDED),
        )
        values = {"outcome": outcome, "reason": reason, "amount": amount, "deviation_reason": deviation_reason}
        for name, value in values.items():
            setattr(decision, name, value)
        decision.save()
        write_award(decision, years, conditions)
        changes = {
            "outcome": outcome,
            "meeting": meeting.pk,
            "amount": amount,
            "years": years,
            "deviation": deviation_reason,
        }
        trail.record("decision.recorded", fresh, by=by, changes=changes, reason=reason)
    return decision


def write_award(decision: Decision, years: Mapping[int, Decimal], conditions: Sequence[Condition]) -> None:
    """The amounts per year and the conditions of a decision, in place of what stood there."""
    decision.years.all().delete()
    decision.conditions.all().delete()
    DecisionYear.objects.bulk_create(
        DecisionYear(decision=decision, project_year=year, amount=amount) for year, amount in sorted(years.items())
    )
    DecisionCondition.objects.bulk_create(
        DecisionCondition(
            decision=decision,
            kind=ConditionKind(item.kind),
            topic=ConditionTopic(item.topic),
            text=item.text.strip(),
            is_blocking=item.is_blocking,
        )
        for item in conditions
    )


def by_year(amounts: Mapping[int, Decimal] | Sequence[Decimal]) -> dict[int, Decimal]:
    """Amounts per project year from a mapping, or from a list that starts at year 1."""
    pairs = amounts.items() if isinstance(amounts, Mapping) else enumerate(amounts, start=1)
    return {int(year): euros(amount) for year, amount in pairs}


def amount_findings(years: Mapping[int, Decimal], rules: Rules, *, requested: Decimal | None) -> list[Finding]:
    """What is wrong with an award: one amount a project year, within the caps, not above what was asked. Pure."""
    found = []
    if set(years) != set(range(1, rules.project_years + 1)):
        found.append(
            Finding("PRG-07", "year_amounts", f"Geef een bedrag voor elk van de {rules.project_years} projectjaren.")
        )
    for year, amount in sorted(years.items()):
        if amount < ZERO:
            found.append(Finding("PRG-11", f"year_{year}", f"Jaar {year}: een bedrag kan niet negatief zijn."))
        elif rules.max_grant_year is not None and amount > rules.max_grant_year:
            cap = format_euros(rules.max_grant_year)
            found.append(
                Finding(
                    "PRG-11",
                    f"year_{year}",
                    f"Jaar {year}: {format_euros(amount)} is meer dan het maximum van {cap} per jaar.",
                )
            )
    total = sum(years.values(), ZERO)
    if total <= ZERO:
        found.append(Finding("P2-EVA-04", "year_amounts", "Een toekenning is meer dan nul euro."))
    if rules.max_grant_total is not None and total > rules.max_grant_total:
        cap = format_euros(rules.max_grant_total)
        found.append(
            Finding(
                "PRG-12", "year_amounts", f"Samen {format_euros(total)}: meer dan het maximum van {cap} per project."
            )
        )
    if requested is not None and total > requested:
        found.append(
            Finding(
                "P2-EVA-04",
                "year_amounts",
                f"Samen {format_euros(total)}: meer dan de gevraagde {format_euros(requested)}.",
            )
        )
    return found


def deviates(meeting: Meeting, application: Application, outcome: str) -> bool:
    """Whether the decision goes another way than the frozen ranking: who is within the budget line is awarded, the rest not."""
    if meeting.ranking_id is None:
        return False
    entry = RankingEntry.objects.filter(ranking=meeting.ranking_id, application=application).first()
    is_expected = entry is not None and entry.is_within_budget and not entry.knockouts
    return is_expected != (outcome == O.AWARDED)


# ---------------------------------------------------------------- the ceilings of the call


def ceiling_of(call: Call, rules: Rules) -> CallCeiling | None:
    """The counter of what the call awarded; None for a call that published no budget or maximum."""
    if rules.budget_available is None or rules.max_awards is None:
        return None
    ceiling, _ = CallCeiling.objects.get_or_create(
        call=call, defaults={"budget": rules.budget_available, "max_awards": rules.max_awards}
    )
    return ceiling


def make_room_for_review(call: Call, rules: Rules) -> None:
    """One more award than the maximum, for an award after review; the reason is recorded with its decision (REV-05)."""
    ceiling = ceiling_of(call, rules)
    if ceiling is not None and ceiling.awarded_count >= ceiling.max_awards + ceiling.review_extra_count:
        CallCeiling.objects.filter(pk=ceiling.pk).update(review_extra_count=F("review_extra_count") + 1)


def take_from_ceiling(call: Call, rules: Rules, *, amount: Decimal, count: int) -> None:
    """Add to the counters, or give back; the CHECK on the row decides, whoever else writes at that moment."""
    ceiling = ceiling_of(call, rules)
    if ceiling is None or (amount == ZERO and count == 0):
        return
    try:
        with transaction.atomic():
            CallCeiling.objects.filter(pk=ceiling.pk).update(
                awarded_amount=F("awarded_amount") + amount, awarded_count=F("awarded_count") + count
            )
    except IntegrityError as error:
        ceiling.refresh_from_db()
        raise DomainError(
            _ceiling_message(ceiling, amount=amount, count=count), rule_id=_ceiling_rule(ceiling, count)
        ) from error


def give_back(decision: Decision) -> None:
    """What an award took from the ceiling returns, because it will not be released."""
    if decision.outcome == O.AWARDED and decision.amount is not None:
        call = decision.application.call
        take_from_ceiling(call, decision.rules.frozen(), amount=-decision.amount, count=-1)


def _ceiling_rule(ceiling: CallCeiling, count: int) -> str:
    return "PRG-04" if ceiling.awarded_count + count > ceiling.max_awards + ceiling.review_extra_count else "PRG-02"


def _ceiling_message(ceiling: CallCeiling, *, amount: Decimal, count: int) -> str:
    most = ceiling.max_awards + ceiling.review_extra_count
    if ceiling.awarded_count + count > most:
        return (
            f"De oproep kan hoogstens {most} initiatieven steunen en er zijn er al {ceiling.awarded_count} toegekend. "
            "Wijzig eerst een andere beslissing van deze oproep."
        )
    left = ceiling.budget - ceiling.awarded_amount
    return (
        f"Het budget van de oproep is {format_euros(ceiling.budget)}; daarvan is {format_euros(ceiling.awarded_amount)} toegekend. "
        f"Er blijft {format_euros(left)} over, {format_euros(amount - left)} te weinig voor deze toekenning."
    )


# ---------------------------------------------------------------- shared


def _kind(meeting: Meeting) -> DecisionKind:
    return DecisionKind.PRESELECTION if meeting.phase == PhaseNumber.PRE_REGISTRATION else DecisionKind.SUPPORT


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise DomainError(
            "Schrijf de motivering van de beslissing: de aanvrager leest ze.",
            rule_id="P1-DEC-02",
            findings=[Finding("P1-DEC-02", "reason", "Schrijf de motivering.")],
        )
    return reason


def _open(meeting: Meeting) -> Meeting:
    fresh = lock(meeting)
    if fresh.state != MeetingState.PLANNED:
        raise WrongState(
            f"De beslissingen van deze vergadering zijn bekendgemaakt op {formats.moment(fresh.released_at)}; ze staan vast."
        )
    return fresh


def _both(meeting: Meeting, application: Application, *, phase: PhaseNumber, by: User) -> tuple[Meeting, Application]:
    """Meeting and dossier, locked in that order, when this person may decide on the one in the other."""
    fresh_meeting = _open(meeting)
    fresh = lock(application)
    if fresh_meeting.phase != phase:
        raise DomainError(f"Deze vergadering gaat over fase {fresh_meeting.phase}.", rule_id="P1-DEC-02")
    if fresh.call_id != fresh_meeting.call_id or fresh.state != _AGENDA_STATE[phase]:
        raise WrongState(
            f"{fresh.number} staat op “{fresh.get_state_display()}” en is geen punt van deze vergadering.",
            rule_id="P1-ADM-05",
        )
    if by.belongs_to(fresh.applicant_id) or fresh.bars.filter(user=by, lifted_at__isnull=True).exists():
        raise NotAllowed(
            "U onthoudt zich bij dit dossier. Laat een collega de beslissing vastleggen.", rule_id="P2-EVA-03"
        )
    meetings.refuse_without_quorum(fresh_meeting, fresh)
    return fresh_meeting, fresh


def _draft(meeting: Meeting, application: Application, *, by: User) -> Decision:
    """The committee's unreleased decision on this dossier, locked, or a new one under the rules of its submission."""
    kind = _kind(meeting)
    decision = (
        Decision.objects.select_for_update(of=("self",), no_key=True)
        .filter(application=application, kind=kind, supersedes__isnull=True)
        .first()
    )
    if decision is None:
        submission = (
            application.submissions.filter(phase=meeting.phase).select_related("rules").order_by("-version").first()
        )
        rules = meeting.call.current_rules() if submission is None else submission.rules
        decision = Decision(application=application, kind=kind, rules=rules)
    elif decision.released_at is not None:
        raise WrongState(f"De beslissing over {application.number} is al bekendgemaakt.")
    elif decision.meeting_id != meeting.pk:
        raise WrongState(f"Over {application.number} is al beslist in een andere vergadering.")
    decision.meeting, decision.decided_on = meeting, meeting.held_on
    decision.recorded_at, decision.recorded_by = clock.now(), by
    return decision


def release(meeting: Meeting, *, by: User) -> "Release":
    """Publish the meeting's decisions; see `evaluation.domain.release`."""
    from evaluation.domain import release as publishing  # noqa: PLC0415 - that module builds on this one

    return publishing.release(meeting, by=by)
