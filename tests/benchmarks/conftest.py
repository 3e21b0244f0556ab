"""A programme of any size for the benchmarks, made in bulk: the same rows at every run."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, CallRules
from evaluation.domain.ranking import frame_in, frame_of, snapshot
from evaluation.models import Ranking, RankingEntry
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.canonical import digest

_AT = datetime(2026, 5, 1, 10, tzinfo=UTC)
_RANKED = 100
_STATES = (
    ApplicationState.P1_SUBMITTED,
    ApplicationState.P1_ADMISSIBLE,
    ApplicationState.NOT_PRESELECTED,
    ApplicationState.P2_SUBMITTED,
    ApplicationState.P2_ADMISSIBLE,
    ApplicationState.REJECTED,
)


@pytest.fixture
def staff(make_user) -> User:
    """A case handler who is also secretary: sees everything the benches open."""
    return make_user(Role.CASE_HANDLER, Role.SECRETARY)


@pytest.fixture
def grow(db, staff):
    """`grow(10_000)` fills the database up to that many applications, spread over calls of a hundred each."""

    def fill(size: int) -> None:
        have = Application.objects.count()
        applicant, _ = Organisation.objects.get_or_create(name="Bench vzw", defaults={"legal_form": "vzw"})
        for first in range(have, size, _RANKED):
            call = Call.objects.create(
                code=f"bench-{first}",
                year=2026,
                name=f"Oproep {first}",
                state="published",
                fund="FIO",
                decision_body="comité",
            )
            CallRules.objects.create(
                call=call,
                duration_months=36,
                project_years=3,
                grant_fraction=Decimal("0.5"),
                cofinancing_fraction=Decimal("0.5"),
            )
            Application.objects.bulk_create(
                Application(
                    number=f"B-{number:06d}", call=call, title=f"Initiatief {number}", applicant=applicant, created_at=_AT,
                    created_by=staff, state=_STATES[number % len(_STATES)], state_changed_at=_AT, requested_grant=Decimal(600_000),
                )
                for number in range(first, min(first + _RANKED, size))
            )  # fmt: skip

    return fill


@pytest.fixture
def frozen_ranking(grow, staff) -> Ranking:
    """A frozen ranking of a hundred dossiers in a call of their own."""
    grow(_RANKED)
    call = Call.objects.get(code="bench-0")
    content = snapshot(frame_of(call), ())
    ranking = Ranking.objects.create(
        call=call,
        version=1,
        rules=call.current_rules(),
        computed_at=_AT,
        computed_by=staff,
        snapshot=content,
        frame=frame_in(content),
        sha256=digest(content),
    )
    RankingEntry.objects.bulk_create(
        RankingEntry(
            ranking=ranking, application=application, rank=rank, total=100 - rank, dimension_totals={}, knockouts=[],
            requested_amount=Decimal(600_000), cumulative_amount=Decimal(600_000) * rank, is_within_budget=rank <= 5,
        )
        for rank, application in enumerate(call.applications.order_by("number"), start=1)
    )  # fmt: skip
    return ranking
