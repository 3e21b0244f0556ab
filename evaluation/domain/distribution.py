"""The distribution of a call's experts over the dossiers in evaluation: what stands, and what the portal proposes (P2-EVA-02)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from applications.enums import ApplicationState
from applications.models import Application, DossierBar
from calls.models import Call
from calls.ruleset import Rules
from evaluation.domain import matching
from evaluation.domain.ties import plain
from evaluation.enums import AssignmentState, Expertise
from evaluation.models import Assignment, ConflictFinding
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User

LIVE = (AssignmentState.INVITED, AssignmentState.DECLARED, AssignmentState.HANDED_IN)
OPEN = (AssignmentState.INVITED, AssignmentState.DECLARED)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in one dossier: the portal's choice with its reason, and everyone who may have it."""

    name: str
    label: str
    place: matching.Place
    options: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class DossierSlots:
    """One dossier with who is on it, the places that are open, and one that the call does not ask for."""

    application: Application
    present: tuple[Assignment, ...]
    slots: tuple[Slot, ...]
    extra: Slot

    @property
    def all_slots(self) -> tuple[Slot, ...]:
        """The places that the call asks for, and the one that it does not."""
        return (*self.slots, self.extra)


def pool() -> QuerySet[User]:
    """Everybody with the role of expert, with profile and open work; one query when read."""
    holders = User.objects.filter(is_active=True, role_grants__role=Role.EXPERT, role_grants__revoked_at__isnull=True)
    open_work = Count("assignments", filter=Q(assignments__state__in=OPEN), distinct=True)
    return holders.select_related("expert_profile").annotate(load=open_work).order_by("full_name", "pk")


def of_call(user: User, call: Call, *, until_on: date) -> list[DossierSlots]:
    """The dossiers in evaluation that this person handles, each with its open places filled as far as can be; six queries.

    `until_on` is the day by which scores are expected: who is not there that long is not proposed.
    """
    rules = call.rules()
    dossiers = list(
        Application.objects.visible_to(user)
        .filter(call=call, state=ApplicationState.P2_EVALUATION)
        .exclude(applicant_id__in=user.organisation_ids)
        .select_related("applicant")
        .order_by("number")
    )
    asked, barred = _asked(dossiers), _barred(dossiers)
    candidates = [_candidate(row) for row in pool() if hasattr(row, "expert_profile")]
    needs = {
        row.pk: matching.Need(
            number=row.number,
            words=_words(row),
            present={found.expert_id: _kinds(found) for found in asked[row.pk] if found.state in LIVE},
            barred=barred[row.pk]
            | {
                found.expert_id: f"is al gevraagd: {found.get_state_display().lower()}"
                for found in asked[row.pk]
                if found.state not in LIVE
            },
        )
        for row in dossiers
    }
    when = _When(rules, clock.today(), until_on)
    proposed = matching.propose(list(needs.values()), candidates, rules=rules, from_on=when.from_on, until_on=until_on)
    return [
        DossierSlots(
            row,
            tuple(found for found in asked[row.pk] if found.state in LIVE),
            tuple(
                _slot(f"plaats_{row.pk}_{position}", place, needs[row.pk], candidates, when)
                for position, place in enumerate(found for found in proposed if found.number == row.number)
            ),
            _slot(
                f"plaats_{row.pk}_extra",
                matching.Place(row.number, matching.EITHER, None, ""),
                needs[row.pk],
                candidates,
                when,
            ),
        )
        for row in dossiers
    ]


@dataclass(frozen=True, slots=True)
class _When:
    """The rules and the days between which an expert has to be there."""

    rules: Rules
    from_on: date
    until_on: date


def _slot(
    name: str, place: matching.Place, need: matching.Need, candidates: Sequence[matching.Candidate], when: _When
) -> Slot:
    able = [
        row
        for row in candidates
        if not matching.objection(row, need, place.kind, rules=when.rules, from_on=when.from_on, until_on=when.until_on)
    ]
    options = sorted(able, key=lambda row: (-len(matching.shared(row, need)), row.load, row.name))
    label = Expertise(place.kind).label if place.kind else "Nog een deskundige"
    return Slot(
        name=name,
        label=str(label),
        place=place,
        options=tuple((row.pk, _option(row, need)) for row in options),
    )


def _option(row: matching.Candidate, need: matching.Need) -> str:
    same = ", ".join(matching.shared(row, need))
    return f"{row.name} ({row.load} van {row.max_load}{'; ' + same if same else ''})"


def _asked(dossiers: Sequence[Application]) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(application__in=dossiers).select_related("expert__expert_profile")
    for row in rows.order_by("invited_at", "pk"):
        found[row.application_id].append(row)
    return found


def _barred(dossiers: Sequence[Application]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    bars = DossierBar.objects.filter(application__in=dossiers, lifted_at__isnull=True)
    for dossier, person in bars.values_list("application_id", "user_id"):
        found[dossier][person] = "is van dit dossier uitgesloten"
    ties = ConflictFinding.objects.standing().filter(application__in=dossiers)
    for dossier, person, ground in ties.values_list("application_id", "person_id", "ground"):
        found[dossier][person] = f"heeft een band met dit dossier ({ground.lower()})"
    return found


def _candidate(row: User) -> matching.Candidate:
    profile = row.expert_profile
    return matching.Candidate(
        pk=row.pk,
        name=str(row),
        kinds=tuple(str(kind) for kind in profile.kinds),
        tags=frozenset(plain(tag) for tag in profile.tags),
        languages=profile.speaks,
        available_from=profile.available_from,
        available_until=profile.available_until,
        load=row.load,  # type: ignore[attr-defined]
        max_load=profile.max_load,
    )


def _kinds(found: Assignment) -> tuple[str, ...]:
    profile = getattr(found.expert, "expert_profile", None)
    return tuple(str(kind) for kind in profile.kinds) if profile else ()


def _words(row: Application) -> frozenset[str]:
    """What the dossier is about, word by word."""
    text = f"{row.title} {row.acronym} {row.sector} {row.technology_domain} {row.keywords} {row.summary}"
    return frozenset(plain(text).split())
