"""What the portfolio page shows: figures over all calls, each from rows, none stored twice."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call
from evaluation.models import Decision
from monitoring.models import AwardYear, Network, Settlement

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class CallFigures:
    """One call in the portfolio; amounts in euro, `None` where a source never published them."""

    call: Call
    dossiers: int
    awarded: int
    rejected: int
    awarded_amount: Decimal | None
    refused_amount: Decimal | None
    networks: int
    released: Decimal
    forfeited: Decimal


def figures_per_call() -> list[CallFigures]:
    """Every published call with its funnel and its money, newest first, in a fixed number of queries."""
    calls = list(Call.objects.exclude(state="draft").order_by("-year"))
    dossiers: dict[int, dict[str, Any]] = {
        row["call"]: dict(row)
        for row in Application.objects.values("call").annotate(
            dossiers=Count("pk", filter=~Q(state=ApplicationState.P1_DRAFT)),
            rejected=Count("pk", filter=Q(state=ApplicationState.REJECTED)),
            refused_amount=Sum("requested_grant", filter=Q(state=ApplicationState.REJECTED)),
        )
    }
    awards: dict[int, dict[str, Any]] = {
        row["application__call"]: dict(row)
        for row in Decision.objects.standing()
        .filter(outcome="awarded", released_at__isnull=False)
        .values("application__call")
        .annotate(awarded=Count("pk"), amount=Sum("amount"))
    }
    networks = {row["call"]: row["count"] for row in Network.objects.values("call").annotate(count=Count("pk"))}
    released = {
        row["network__call"]: row["paid"]
        for row in AwardYear.objects.values("network__call").annotate(paid=Sum("paid_amount"))
    }
    forfeited = {
        row["award_year__network__call"]: row["lost"]
        for row in Settlement.objects.values("award_year__network__call").annotate(lost=Sum("forfeited"))
    }
    return [
        CallFigures(
            call=call,
            dossiers=dossiers.get(call.pk, {}).get("dossiers", 0),
            awarded=awards.get(call.pk, {}).get("awarded", 0),
            rejected=dossiers.get(call.pk, {}).get("rejected", 0),
            awarded_amount=awards.get(call.pk, {}).get("amount"),
            refused_amount=dossiers.get(call.pk, {}).get("refused_amount"),
            networks=networks.get(call.pk, 0),
            released=released.get(call.pk) or _ZERO,
            forfeited=forfeited.get(call.pk) or _ZERO,
        )
        for call in calls
    ]
