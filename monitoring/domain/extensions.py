"""A later due date for one yearly report: asked by the network, granted or refused by its account manager, on record (NOT-11)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.lifecycle import lock
from monitoring.domain import notices, people
from monitoring.domain.lifecycle import move_extension
from monitoring.domain.queries import report_due_on, rules_row
from monitoring.enums import LIVE_NETWORK, ExtensionState, ReportState
from monitoring.models import AwardYear, Report, ReportExtension


def open_request(award_year: AwardYear) -> ReportExtension | None:
    """The request that waits for an answer, if any."""
    return award_year.report_extensions.filter(state=ExtensionState.ASKED).select_related("asked_by").first()


@transaction.atomic
def ask(award_year: AwardYear, *, until: date, reason: str, by: User, at: datetime | None = None) -> ReportExtension:
    """Ask to hand the report in later, by somebody of the network and with why; the due date stays until it is granted."""
    at = at or clock.now()
    network = award_year.network
    if not by.belongs_to(network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, vraagt uitstel.", rule_id="NOT-11")
    if network.state not in LIVE_NETWORK:
        raise WrongState("Dit netwerk loopt niet: er is geen jaarverslag in te dienen.", rule_id="NOT-11")
    year = lock(award_year)
    if Report.objects.filter(award_year=year, state__in=(ReportState.SUBMITTED, ReportState.APPROVED)).exists():
        raise WrongState("Dit jaarverslag is al ingediend: uitstel is niet nodig.", rule_id="NOT-11")
    if not reason.strip():
        raise DomainError("Schrijf op waarom u uitstel vraagt.", rule_id="NOT-11")
    due_on = report_due_on(year, rules_row(network).frozen())
    if until <= due_on or until <= clock.local(at).date():
        raise DomainError(
            f"Kies een dag in de toekomst, na de huidige uiterste dag ({due_on:%d/%m/%Y}).", rule_id="NOT-11"
        )
    try:
        with transaction.atomic():
            asked = ReportExtension.objects.create(
                award_year=year, until=until, reason=reason.strip(), state_changed_at=at, asked_at=at, asked_by=by
            )
    except IntegrityError as error:
        raise WrongState("Er wacht al een vraag om uitstel op een antwoord van de accountmanager.") from error
    changes = {"until": [due_on, until], "extension": asked.pk}
    trail.record("report.extension_asked", year, by=by, at=at, changes=changes, reason=asked.reason)
    notices.tell_extension_asked(asked)
    return asked


@transaction.atomic
def grant(extension: ReportExtension, *, reason: str, by: User, at: datetime | None = None) -> ReportExtension:
    """The due date is the day that was asked; of this year's report only. With a reason, by the account manager."""
    at = at or clock.now()
    why = _may_decide(extension, reason, by)
    year = lock(extension.award_year)
    before = report_due_on(year, rules_row(year.network).frozen())
    granted = move_extension(extension, ExtensionState.GRANTED, by=by, at=at, reason=why)
    year.report_extended_until = granted.until
    year.save(update_fields=["report_extended_until"])
    Report.objects.filter(award_year=year, submitted_at__isnull=True).update(due_on=granted.until)
    trail.record("report.extended", year, by=by, at=at, changes={"due_on": [before, granted.until]}, reason=why)
    notices.tell_extension_decided(granted)
    return granted


@transaction.atomic
def refuse(extension: ReportExtension, *, reason: str, by: User, at: datetime | None = None) -> ReportExtension:
    """The due date stays, with why."""
    why = _may_decide(extension, reason, by)
    refused = move_extension(extension, ExtensionState.REFUSED, by=by, at=at or clock.now(), reason=why)
    notices.tell_extension_decided(refused)
    return refused


def _may_decide(extension: ReportExtension, reason: str, by: User) -> str:
    people.refuse_own_network(extension.award_year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER)
    if not reason.strip():
        raise DomainError("Schrijf op waarom u het uitstel toestaat of niet.", rule_id="NOT-11")
    return reason.strip()
