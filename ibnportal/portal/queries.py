"""What the portfolio page shows: figures over all calls, each from rows, none stored twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from applications.enums import ApplicationState
from applications.models import Application, Submission
from calls.enums import PhaseNumber
from calls.models import Call, PublishedFact
from evaluation.enums import DecisionKind
from evaluation.models import Decision
from ibnportal.portal.answers.parliament_2017 import FULL
from monitoring.models import Network, Settlement

REFUSED = "weg-6"
"""How the subject begins of what a source printed of proposals that were not supported; `FULL` is that of all of them."""


@dataclass(frozen=True, slots=True)
class CallFigures:
    """One call in the portfolio; `None` where no source tells it and the portal did not see it. Amounts in euro.

    `awarded_known` is of how many awards the amount is known, `refused_known` of how many refusals what they asked.
    """

    call: Call
    entered: int | None
    full: int | None
    awarded: int
    rejected: int | None
    awarded_amount: Decimal | None
    awarded_known: int
    refused_amount: Decimal | None
    refused_known: int
    networks: int
    released: Decimal | None
    forfeited: Decimal | None


def figures_per_call() -> list[CallFigures]:
    """Every published call with its way from idea to support and its money, newest first, in a fixed number of queries.

    A call from before the portal has only the dossiers of which a name was published: how many there were is what a source printed, or
    unknown; what was paid then, the portal did not see.
    """
    calls = list(Call.objects.exclude(state="draft").order_by("-year"))
    dossiers = _dossiers()
    awards = _by(
        Decision.objects.standing()
        .filter(outcome="awarded", released_at__isnull=False)
        .values("application__call")
        .annotate(awarded=Count("pk"), known=Count("amount"), amount=Sum("amount")),
        "application__call",
    )
    networks = _by(
        Network.objects.values("call").annotate(
            count=Count("pk", distinct=True),
            own=Count("pk", distinct=True, filter=Q(is_reconstructed=False)),
            paid=Sum("award_years__paid_amount"),
        ),
        "call",
    )
    lost = _by(
        Settlement.objects.values("award_year__network__call").annotate(lost=Sum("forfeited")),
        "award_year__network__call",
    )
    printed = _printed()
    found = []
    for call in calls:
        of_dossiers, of_awards, of_networks = (
            dossiers.get(call.pk, {}),
            awards.get(call.pk, {}),
            networks.get(call.pk, {}),
        )
        is_past = any(call_id == call.pk for call_id, _ in printed)
        is_paid_here = not of_networks.get("count") or bool(of_networks["own"])
        found.append(
            CallFigures(
                call=call,
                entered=None if is_past else of_dossiers.get("entered", 0),
                full=printed.get((call.pk, FULL)) if is_past else of_dossiers.get("full", 0),
                awarded=of_awards.get("awarded", 0),
                rejected=printed.get((call.pk, REFUSED)) if is_past else of_dossiers.get("rejected", 0),
                awarded_amount=of_awards.get("amount"),
                awarded_known=of_awards.get("known", 0),
                refused_amount=of_dossiers.get("refused_amount"),
                refused_known=of_dossiers.get("refused_known", 0),
                networks=of_networks.get("count", 0),
                released=(of_networks.get("paid") or Decimal(0)) if is_paid_here else None,
                forfeited=(lost.get(call.pk, {}).get("lost") or Decimal(0)) if is_paid_here else None,
            )
        )
    return found


def _dossiers() -> dict[Any, dict[str, Any]]:
    rejected = Q(state=ApplicationState.REJECTED)
    handed_in = Submission.objects.filter(application=OuterRef("pk"), phase=PhaseNumber.FULL_DOSSIER)
    decided = Decision.objects.filter(application=OuterRef("pk"), kind=DecisionKind.SUPPORT)
    return _by(
        Application.objects.values("call").annotate(
            entered=Count("pk", filter=~Q(state=ApplicationState.P1_DRAFT)),
            full=Count("pk", filter=Exists(handed_in) | Exists(decided)),
            rejected=Count("pk", filter=rejected),
            refused_amount=Sum("requested_grant", filter=rejected),
            refused_known=Count("requested_grant", filter=rejected),
        ),
        "call",
    )


def _printed() -> dict[tuple[Any, str], int]:
    """By call and step how many a source printed, of several sources the one that counts."""
    steps = Q(subject__startswith=FULL) | Q(subject__startswith=REFUSED)
    facts = PublishedFact.objects.filter(steps, call__isnull=False, number__isnull=False, is_reading=True)
    return {(fact.call_id, FULL if fact.subject.startswith(FULL) else REFUSED): int(fact.number or 0) for fact in facts}


def _by(rows: Iterable[Any], name: str) -> dict[Any, dict[str, Any]]:
    return {row[name]: dict(row) for row in rows}
