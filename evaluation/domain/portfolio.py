"""What the committee may weigh between initiatives (P2-EVA-06, POS-04, P1-DEC-03): spread, overlap of companies, and who might go together.

Everything is read from what was handed in, within the dossiers that the reader may see.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models.fields.json import KeyTransform

from applications.enums import ApplicationState
from applications.models import Application, SpearheadMember, SpearheadMemberList, Submission
from evaluation.domain.whatif import province_label, spread
from evaluation.enums import Recommendation
from evaluation.models import Advice, ConductRecord, Meeting

Spread = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two initiatives that share companies, by the enterprise numbers of their letters; `fraction` is of the smaller of the two."""

    first: str
    second: str
    companies: tuple[str, ...]
    fraction: float

    @property
    def count(self) -> int:
        """How many companies they share."""
        return len(self.companies)


@dataclass(frozen=True, slots=True)
class ClusterOverlap:
    """How many companies of an initiative are members of a spearhead cluster, by the newest list of that cluster (POS-08)."""

    number: str
    cluster: str
    as_of: date
    source: str
    count: int
    fraction: float


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """Two initiatives that might go on as one, and why that comes up."""

    first: str
    second: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The dossiers of a meeting beside each other."""

    sectors: Spread
    domains: Spread
    provinces: Spread
    overlaps: tuple[Overlap, ...]
    clusters: tuple[ClusterOverlap, ...]
    merge_candidates: tuple[MergeCandidate, ...]


Letters = Mapping[str, Mapping[str, str]]
"""Dossier number → enterprise number → company name."""


def of_meeting(meeting: Meeting, dossiers: Sequence[Application]) -> Portfolio:
    """The aids for these dossiers (with their applicants); three queries."""
    letters = companies_of(dossiers, phase=meeting.phase)
    advised = {
        (advice.application_id, advice.merge_with_id)
        for advice in Advice.objects.filter(
            application__in=dossiers, phase=meeting.phase, recommendation=Recommendation.MERGE
        )
    }
    overlaps = overlaps_of(letters)
    clusters = clusters_of(letters, memberships(letters))
    return Portfolio(
        sectors=spread(dossier.sector for dossier in dossiers),
        domains=spread(dossier.technology_domain for dossier in dossiers),
        provinces=spread(province_label(dossier) for dossier in dossiers),
        overlaps=overlaps,
        clusters=clusters,
        merge_candidates=candidates(dossiers, overlaps, advised, clusters),
    )


def companies_of(dossiers: Sequence[Application], *, phase: int) -> dict[str, dict[str, str]]:
    """The companies that signed a letter in the newest submission of that phase; one query."""
    rows = (
        Submission.objects.filter(application__in=dossiers, phase=phase)
        .order_by("version")
        .annotate(signed=KeyTransform("letters", "snapshot"))
        .values_list("application__number", "signed")
    )
    return {
        number: {row["enterprise_number"]: row["company_name"] for row in letters or () if row["enterprise_number"]}
        for number, letters in rows
    }


def overlaps_of(letters: Letters) -> tuple[Overlap, ...]:
    """Every pair that shares a company, most first. Pure."""
    found = []
    for first, second in combinations(sorted(letters), 2):
        shared = letters[first].keys() & letters[second].keys()
        if shared:
            names = tuple(sorted(letters[first][number] for number in shared))
            smaller = min(len(letters[first]), len(letters[second]))
            found.append(Overlap(first, second, names, len(shared) / smaller))
    return tuple(sorted(found, key=lambda pair: (-pair.count, pair.first, pair.second)))


Membership = tuple[str, date, str, str]
"""Cluster, date of its list, source, enterprise number."""


def memberships(letters: Letters) -> list[Membership]:
    """Which of these companies stand in the newest list of a spearhead cluster; one query.

    The lists are for who screens. The committee reads how many, never which companies.
    """
    numbers = {number for companies in letters.values() for number in companies}
    newest = SpearheadMemberList.objects.newest_per_cluster()
    found = SpearheadMember.objects.filter(member_list__in=newest, enterprise_number__in=numbers)
    names = ("member_list__cluster", "member_list__as_of", "member_list__source", "enterprise_number")
    return list(found.values_list(*names))


def clusters_of(letters: Letters, members: Sequence[Membership]) -> tuple[ClusterOverlap, ...]:
    """For each initiative and cluster how many companies they share; the largest part first. Pure."""
    by_list: dict[tuple[str, date, str], set[str]] = defaultdict(set)
    for cluster, as_of, source, number in members:
        by_list[cluster, as_of, source].add(number)
    found = [
        ClusterOverlap(dossier, cluster, as_of, source, len(shared), len(shared) / len(companies))
        for dossier, companies in letters.items()
        for (cluster, as_of, source), numbers in by_list.items()
        if (shared := companies.keys() & numbers)
    ]
    return tuple(sorted(found, key=lambda row: (-row.fraction, row.number, row.cluster)))


def candidates(
    dossiers: Sequence[Application],
    overlaps: Sequence[Overlap],
    advised: set[tuple[int, int | None]],
    clusters: Sequence[ClusterOverlap] = (),
) -> tuple[MergeCandidate, ...]:
    """Pairs that the advice names, or of one sector and technology domain that share companies or draw from one spearhead cluster. Pure."""
    shared = {(pair.first, pair.second): pair.count for pair in overlaps}
    drawn: dict[str, set[str]] = defaultdict(set)
    for row in clusters:
        drawn[row.number].add(row.cluster)
    found = []
    for one, other in combinations(sorted(dossiers, key=lambda row: row.number), 2):
        reasons = []
        if (one.pk, other.pk) in advised or (other.pk, one.pk) in advised:
            reasons.append("het advies raadt samenvoegen aan")
        is_near = bool(one.sector) and one.sector == other.sector and one.technology_domain == other.technology_domain
        count = shared.get((one.number, other.number), 0)
        if is_near and count:
            reasons.append(
                f"zelfde sector en technologiedomein, {count} gemeenschappelijke {'onderneming' if count == 1 else 'ondernemingen'}"
            )
        if is_near and (common := drawn[one.number] & drawn[other.number]):
            reasons.append(
                f"zelfde sector en technologiedomein, en allebei met leden van {' en '.join(sorted(common))}"
            )
        if reasons:
            found.append(MergeCandidate(one.number, other.number, tuple(reasons)))
    return tuple(found)


# ---------------------------------------------------------------- what is on record of the applicant


@dataclass(frozen=True, slots=True)
class Past:
    """What the committee may weigh apart from the evaluation (P2-EVA-05): records, and how earlier applications ended."""

    records: tuple[ConductRecord, ...]
    earlier: tuple[Application, ...]

    def __bool__(self) -> bool:
        """Whether there is anything on record."""
        return bool(self.records or self.earlier)


_TOLD = (
    ApplicationState.WITHDRAWN, ApplicationState.NOT_SUBMITTED, ApplicationState.AWARDED, ApplicationState.REJECTED, ApplicationState.REVIEW_UPHELD,
    ApplicationState.P1_INADMISSIBLE, ApplicationState.P2_INADMISSIBLE, ApplicationState.NOT_PRESELECTED,
)  # fmt: skip


def past_of(dossiers: Sequence[Application]) -> dict[Any, Past]:
    """By applicant (its key) what is on record, and how its other applications ended; two queries."""
    keys = {dossier.applicant_id for dossier in dossiers}
    records: dict[Any, list[ConductRecord]] = defaultdict(list)
    for record in ConductRecord.objects.filter(organisation__in=keys).select_related("noted_by"):
        records[record.organisation_id].append(record)
    earlier: dict[Any, list[Application]] = defaultdict(list)
    others = Application.objects.filter(applicant__in=keys, state__in=_TOLD).exclude(pk__in=[d.pk for d in dossiers])
    for other in others.select_related("call").order_by("-call__year", "number"):
        earlier[other.applicant_id].append(other)
    return {key: Past(tuple(records[key]), tuple(earlier[key])) for key in keys}
