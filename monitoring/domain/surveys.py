"""Surveys among members: drafted from data, opened once with a personal link to every member, reminded, answered (HE-06 ... 10, HK-12).

The link stands in the mail that leaves and nowhere else. An answer is kept as far as it came; it counts once it is complete,
and then it stays. Nobody reads the answers of one company: results are of groups, and of none that is too small.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from ibnportal.core import clock, personal_links
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox.mail import absolute, send_later
from monitoring.domain import companies, people
from monitoring.domain.queries import rules_row
from monitoring.enums import LIVE_NETWORK, SizeClass
from monitoring.models import Membership, MemberSurvey, SurveyInvitation, SurveyQuestion

PURPOSE = "monitoring.member-survey"
SECRET = "survey-link"  # noqa: S105 - the kind of secret, for the mail
A_DAY = timedelta(days=1)

Answers = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it comes from data, before it is a row; `depends_on` is the number of an earlier question."""

    number: int
    role: str
    theme: str
    text: str
    items: list[dict[str, str]]
    options: list[dict[str, Any]]
    depends_on: int | None = None


# ---------------------------------------------------------------- the round


@transaction.atomic
def draft(
    title: str, questions: Iterable[Question], *, min_group: int, by: User, at: datetime | None = None
) -> MemberSurvey:
    """A round with its questions as rows; nobody is asked yet."""
    people.require_role(by, Role.ACCOUNT_MANAGER)
    if not title.strip():
        raise DomainError("Geef de bevraging een titel.")
    survey = MemberSurvey.objects.create(
        title=title.strip(), min_group=min_group, drafted_at=at or clock.now(), drafted_by=by
    )
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(
            survey=survey, number=one.number, role=one.role, theme=one.theme, text=one.text, items=one.items,
            options=one.options, depends_on=one.depends_on,
        )
        for one in questions
    )  # fmt: skip
    trail.record("membersurvey.drafted", survey, by=by, at=at, changes={"title": survey.title})
    return survey


@transaction.atomic
def reword(question: SurveyQuestion, *, theme: str, text: str, by: User) -> SurveyQuestion:
    """Other words for a question of a round that nobody was asked yet; its role, items and answers stay what results rest on."""
    if not by.has_role(Role.ADMINISTRATOR, Role.POLICY_READER, Role.ACCOUNT_MANAGER):
        raise NotAllowed("Alleen het programma wijzigt de vragen van een bevraging.")
    survey = lock(question.survey)
    if survey.opened_at is not None:
        raise WrongState(
            f"Deze bevraging is op {clock.local(survey.opened_at):%d/%m/%Y} verstuurd: haar vragen liggen vast."
        )
    fresh = lock(question)
    wanted = {"theme": " ".join(theme.split()), "text": " ".join(text.split())}
    if not all(wanted.values()):
        raise DomainError("Vul het thema en de vraag in.")
    changes = {name: [getattr(fresh, name), value] for name, value in wanted.items() if getattr(fresh, name) != value}
    if changes:
        for row in (fresh, question):
            row.theme, row.text = wanted["theme"], wanted["text"]
        fresh.save(update_fields=["theme", "text"])
        trail.record("membersurvey.reworded", survey, by=by, changes={"number": fresh.number, **changes})
    return fresh


def to_invite() -> tuple[list[Membership], int]:
    """The members of live networks that can be asked, one a company and network, and how many have no address; a fixed number of queries."""
    today = clock.today()
    current = (
        Membership.objects.filter(
            network__state__in=LIVE_NETWORK, network__is_reconstructed=False, joined_on__lte=today
        )
        .filter(Q(left_on__isnull=True) | Q(left_on__gte=today))
        .select_related("network__call", "organisation__profile")
        .prefetch_related("organisation__profile__ties")
        .order_by("pk")
    )
    reachable: dict[tuple[int, int], Membership] = {}
    without: set[tuple[int, int]] = set()
    for membership in current:
        key = (membership.network_id, membership.organisation_id)
        if membership.contact_email:
            reachable.setdefault(key, membership)
        else:
            without.add(key)
    return list(reachable.values()), len(without - reachable.keys())


@transaction.atomic
def open(survey: MemberSurvey, *, closes_on: date, by: User, at: datetime | None = None) -> int:  # noqa: A001 - surveys.open reads well
    """Ask every member of every live network that has an address, each by its own link; returns how many."""
    people.require_role(by, Role.ACCOUNT_MANAGER)
    at = at or clock.now()
    fresh = lock(survey)
    if fresh.opened_at is not None:
        raise WrongState("Deze bevraging is al geopend.")
    if closes_on <= clock.local(at).date():
        raise DomainError(f"{closes_on:%d/%m/%Y} is te vroeg: geef de leden minstens tot morgen.")
    members, _ = to_invite()
    if not members:
        raise DomainError("Geen enkel lid van een lopend netwerk heeft een e-mailadres in het ledenregister.")
    for row in (fresh, survey):
        row.opened_at, row.opened_by, row.closes_at = at, by, clock.end_of_day(closes_on)
    fresh.save(update_fields=["opened_at", "opened_by", "closes_at"])
    sizes = _sizes(members)
    made = [_invitation(fresh, membership, sizes, at) for membership in members]
    SurveyInvitation.objects.bulk_create(made)
    for invitation in made:
        _send(invitation, "survey_invited", key=f"survey:{invitation.pk}")
    trail.record("membersurvey.opened", fresh, by=by, at=at, changes={"invited": len(made), "closes_on": closes_on})
    return len(made)


def _sizes(members: Sequence[Membership]) -> dict[int, str]:
    """The size class of every company, by the rules of its network."""
    rules = {network.pk: rules_row(network).frozen() for network in {one.network for one in members}}
    return {one.organisation_id: companies.size(one.organisation, rules[one.network_id]).size for one in members}


def _invitation(
    survey: MemberSurvey, membership: Membership, sizes: Mapping[int, str], at: datetime
) -> SurveyInvitation:
    nonce, token_hash = personal_links.issue(PURPOSE)
    return SurveyInvitation(
        survey=survey, network=membership.network, organisation=membership.organisation, email=membership.contact_email,
        nonce=nonce, token_hash=token_hash, call_code=membership.network.call.code, embedding=membership.network.network_type,
        size_class=sizes.get(membership.organisation_id, SizeClass.UNKNOWN), sent_at=at,
    )  # fmt: skip


def _send(invitation: SurveyInvitation, template: str, *, key: str) -> None:
    survey = invitation.survey
    send_later(
        key=key, to=invitation.email, template=f"monitoring/{template}", about=survey, secret=(SECRET, str(invitation.pk)),
        context={"survey": survey, "network": invitation.network, "company": invitation.organisation,
                 "closes_on": survey.closes_at, "link": absolute("/bevraging")},
    )  # fmt: skip


@transaction.atomic
def remind(survey: MemberSurvey, *, by: User, at: datetime | None = None) -> int:
    """Write again to who did not finish and was not written to in the last day; returns how many."""
    people.require_role(by, Role.ACCOUNT_MANAGER)
    at = at or clock.now()
    fresh = lock(survey)
    _require_open(fresh, at)
    waiting = [
        one
        for one in fresh.invitations.filter(completed_at__isnull=True).select_related("network", "organisation", "survey")
        if at - (one.reminded_at or one.sent_at) >= A_DAY
    ]  # fmt: skip
    if not waiting:
        raise WrongState("Iedereen antwoordde, of kreeg in de laatste dag nog een bericht.")
    SurveyInvitation.objects.filter(pk__in=[one.pk for one in waiting]).update(
        reminded_at=at, reminders=F("reminders") + 1
    )
    for one in waiting:
        _send(one, "survey_reminded", key=f"survey:{one.pk}:reminder:{one.reminders + 1}")
    trail.record("membersurvey.reminded", fresh, by=by, at=at, changes={"reminded": len(waiting)})
    return len(waiting)


def is_open(survey: MemberSurvey, at: datetime) -> bool:
    """Whether answers are taken at that moment; the last day counts whole."""
    return survey.opened_at is not None and survey.closes_at is not None and at <= survey.closes_at


def _require_open(survey: MemberSurvey, at: datetime) -> None:
    if survey.opened_at is None:
        raise WrongState("Deze bevraging is nog niet geopend.")
    if not is_open(survey, at):
        raise TooLate("Deze bevraging is afgelopen.")


# ---------------------------------------------------------------- one company


def token_of(invitation: SurveyInvitation) -> str:
    """The secret part of the link, for the mail that leaves."""
    return personal_links.token_of(PURPOSE, nonce=invitation.nonce, token_hash=invitation.token_hash)


def find(token: str) -> SurveyInvitation | None:
    """The invitation behind a link, by its hash; None when there is none."""
    found = SurveyInvitation.objects.filter(token_hash=personal_links.hash_of(token))
    return found.select_related("survey", "network", "organisation").first()


def asked(question: SurveyQuestion, answers: Answers) -> list[dict[str, str]]:
    """The items that this company has to answer: those that depend on an earlier answer only where it is above nothing."""
    if question.depends_on is None:
        return list(question.items)
    before = answers.get(str(question.depends_on), {})
    return [item for item in question.items if before.get(item["code"], 0) > 0]


def missing(questions: Iterable[SurveyQuestion], answers: Answers) -> list[tuple[SurveyQuestion, dict[str, str]]]:
    """What is still to be answered before the answer counts (HE-10)."""
    return [
        (question, item)
        for question in questions
        for item in asked(question, answers)
        if item["code"] not in answers.get(str(question.number), {})
    ]


@transaction.atomic
def opened(invitation: SurveyInvitation, *, at: datetime) -> None:
    """Somebody looked at the page for the first time."""
    SurveyInvitation.objects.filter(pk=invitation.pk, opened_at=None, completed_at=None).update(opened_at=at)


@transaction.atomic
def answer(invitation: SurveyInvitation, given: Answers, *, at: datetime | None = None) -> SurveyInvitation:
    """Keep what was answered; complete once nothing is missing, and from then on it stays.

    Raises TooLate after the end, WrongState when it was complete already, DomainError for a value that is no answer.
    """
    at = at or clock.now()
    fresh = lock(invitation)
    _require_open(fresh.survey, at)
    if fresh.completed_at is not None:
        raise WrongState("Uw antwoorden zijn al bewaard. Bedankt.")
    questions = list(fresh.survey.questions.all())
    kept: dict[str, dict[str, int]] = {}
    for question in questions:
        values = given.get(str(question.number), {})
        allowed = {option["value"] for option in question.options}
        codes = {item["code"] for item in asked(question, kept)}
        chosen = {code: value for code, value in values.items() if code in codes}
        if not set(chosen.values()) <= allowed:
            raise DomainError(f"Kies een van de antwoorden bij vraag {question.number}.")
        kept[str(question.number)] = chosen
    fresh.answers = kept
    fresh.begun_at = fresh.begun_at or at
    if not missing(questions, kept):
        fresh.completed_at = at
    fresh.save(update_fields=["answers", "begun_at", "completed_at"])
    for name in ("answers", "begun_at", "completed_at"):
        setattr(invitation, name, getattr(fresh, name))
    if fresh.completed_at is not None:
        trail.record("membersurvey.answered", fresh.survey, by="een lid, via persoonlijke link", at=at)
    return fresh


def surveys_with_counts(user: User) -> Any:
    """The rounds that this person may see, with how many were asked, began and finished; one query."""
    return MemberSurvey.objects.visible_to(user).annotate(
        invited=Count("invitations"),
        begun=Count("invitations", filter=Q(invitations__begun_at__isnull=False)),
        completed=Count("invitations", filter=Q(invitations__completed_at__isnull=False)),
    )
