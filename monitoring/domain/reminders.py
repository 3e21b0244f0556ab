"""Who is reminded of a yearly report, and when (NOT-11)."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from monitoring.domain import notices
from monitoring.domain.queries import report_due_on
from monitoring.enums import NetworkState, ReportState
from monitoring.models import AwardYear


def send(*, on: date, before: timedelta, write_date: Callable[[date], str]) -> int:
    """Remind of every ended year without a report handed in; each occasion once a year. Returns how many were due."""
    years = (
        AwardYear.objects.filter(
            ends_on__lt=on,
            network__state__in=(NetworkState.RUNNING, NetworkState.FINAL_EVALUATION),
            network__is_reconstructed=False,
        )
        .exclude(report__state__in=(ReportState.SUBMITTED, ReportState.APPROVED, ReportState.RETURNED))
        .select_related("network__beneficiary", "network__agreement__rules__call")
    )
    reminded = 0
    for year in years:
        due_on = report_due_on(year, year.network.agreement.rules.frozen())
        occasion = occasion_of(due_on, on=on, before=before)
        with transaction.atomic():
            notices.remind_of_report(year, due_on=write_date(due_on), occasion=occasion)
        reminded += 1
    return reminded


def occasion_of(due_on: date, *, on: date, before: timedelta) -> str:
    """Which occasion it is: "late" after the due date, "soon" near it, "ended" from the end of the year on."""
    if on > due_on:
        return "late"
    return "soon" if on >= due_on - before else "ended"
