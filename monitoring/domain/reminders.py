"""Who is reminded, and when: of a yearly report (NOT-11), of minutes that are late (MON-07)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.money import format_euros
from ibnportal.core.months import add_months
from monitoring.domain import aftermath, forecasting, notices, steering
from monitoring.domain.payable import required_cofinancing
from monitoring.domain.queries import report_due_on
from monitoring.enums import LIVE_NETWORK, NetworkState, ReportState
from monitoring.models import AwardYear, Network, SteeringMeeting


def send(*, on: date, before: timedelta, write_date: Callable[[date], str]) -> int:
    """Remind of every ended year without a report handed in; each occasion once a year. Returns how many were due."""
    years = (
        AwardYear.objects.filter(
            ends_on__lt=on,
            network__state__in=LIVE_NETWORK,
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


def send_for_minutes(*, at: datetime, write_date: Callable[[date], str]) -> int:
    """Remind of every meeting whose minutes are past their last day; once each. Returns how many there are."""
    meetings = SteeringMeeting.objects.filter(
        minutes__isnull=True, cancelled_at__isnull=True, ends_at__lt=at, network__state__in=steering.OPEN_NETWORK
    ).select_related("network__beneficiary", "network__agreement__rules__call")
    reminded = 0
    for meeting in meetings:
        due_on = steering.minutes_due_on(meeting, meeting.network.agreement.rules.frozen())
        if clock.local(at).date() <= due_on:
            continue
        day = write_date(clock.local(meeting.starts_at).date())
        with transaction.atomic():
            notices.remind_of_minutes(meeting, day=day, due_on=write_date(due_on))
        reminded += 1
    return reminded


def send_for_cofinancing(*, on: date, write_date: Callable[[date], str]) -> int:
    """Warn of every running year that will probably fall short, from so many months before its end; once a year (COF-01)."""
    years = AwardYear.objects.filter(
        starts_on__lte=on, ends_on__gte=on, claims_closed_at__isnull=True, network__is_reconstructed=False,
        network__state__in=LIVE_NETWORK,
    ).select_related("network__beneficiary", "network__account_manager", "network__agreement__rules__call")  # fmt: skip
    warned = 0
    for year in years:
        rules = year.network.agreement.rules.frozen()
        if on < add_months(year.ends_on, -rules.cofinancing_reminder_months):
            continue
        before = AwardYear.objects.filter(network=year.network_id, project_year=year.project_year - 1).first()
        outlook = forecasting.of_year(year, rules, before=before, on=on)
        required = required_cofinancing(year.awarded_amount)
        nothing_yet = outlook.amount is None
        if not nothing_yet and not outlook.falls_short_of(required):
            continue
        with transaction.atomic():
            notices.warn_of_shortfall(
                year,
                required=format_euros(required),
                expected="" if outlook.amount is None else format_euros(outlook.amount),
                basis=outlook.basis,
                ends_on=write_date(year.ends_on),
            )
        warned += 1
    return warned


def ask_for_plans(*, on: date, write_date: Callable[[date], str]) -> int:
    """Ask running networks for the plan of what comes after, from a month before it is due; once each (LES-03)."""
    networks = Network.objects.filter(
        state=NetworkState.RUNNING, is_reconstructed=False, agreement__isnull=False, future_plans__isnull=True
    ).select_related("beneficiary", "agreement__rules__call")
    asked = 0
    for network in networks:
        due_on = aftermath.plan_due_on(network, network.agreement.rules.frozen())
        if due_on is None or on < add_months(due_on, -1):
            continue
        with transaction.atomic():
            notices.ask_for_plan(network, due_on=write_date(due_on))
        asked += 1
    return asked
