"""What must always be true of the money of networks; `manage.py check_invariants` asks it (trust.md, domain.md "Money")."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from ibnportal.core.canonical import digest
from ibnportal.core.invariants import invariant
from ibnportal.core.money import ZERO
from ibnportal.core.outbox.models import OutboxMessage
from monitoring.domain import amendments, explain, steering
from monitoring.domain.payable import accepted_cofinancing
from monitoring.domain.queries import CASH
from monitoring.enums import (
    AccountChangeState,
    AmendmentKind,
    BatchState,
    ContributionState,
    ExtensionState,
    TrancheState,
)
from monitoring.models import (
    AccountChange,
    Agreement,
    AgreementPaper,
    AwardYear,
    Contribution,
    Network,
    PaymentBatch,
    Recovery,
    Report,
    ReportExtension,
    ReportPaper,
    Settlement,
    SteeringMeeting,
    Tranche,
)

PAID_OUT = (TrancheState.RELEASED, TrancheState.ORDERED, TrancheState.PAID)


@invariant("paid within the award of the year")
def paid_within_award_of_year() -> Iterator[str]:
    """What was released in a year is at most its award, and is the sum of its released tranches."""
    years = AwardYear.objects.select_related("network").annotate(
        released=Sum("tranches__amount", filter=Q(tranches__state__in=PAID_OUT))
    )
    for year in years:
        if year.paid_amount > year.awarded_amount:
            yield f"{year}: released {year.paid_amount}, awarded {year.awarded_amount}"
        if year.paid_amount != (year.released or ZERO):
            yield f"{year}: says {year.paid_amount} released, its tranches say {year.released or ZERO}"


@invariant("paid within the award of the project")
def paid_within_award_of_project() -> Iterator[str]:
    """Over the project at most the decision's amount; its years hold what the decision and every amendment gave them."""
    networks = Network.objects.filter(agreement__isnull=False).annotate(
        paid=Sum("award_years__paid_amount"),
        awarded=Sum("award_years__awarded_amount"),
        amount=F("agreement__decision__amount"),
    )
    amended = Agreement.objects.filter(amendments__kind=AmendmentKind.AMOUNTS).distinct()
    amended_ids = set(amended.values_list("network_id", flat=True))
    for network in networks:
        if (network.paid or ZERO) > (network.amount or ZERO):
            yield f"{network}: released {network.paid}, the decision awards {network.amount}"
        if network.pk not in amended_ids and network.awarded != network.amount:
            yield f"{network}: its years add up to {network.awarded}, the decision awards {network.amount}"
    for agreement in amended.select_related("network", "decision"):
        wanted = amendments.amended_amounts(agreement)
        held = dict(agreement.network.award_years.values_list("project_year", "awarded_amount"))
        if held != wanted:
            yield f"{agreement.network}: its years hold {held}, the decision and its amendments give {wanted}"
        if sum(held.values(), ZERO) > (agreement.decision.amount or ZERO):
            yield f"{agreement.network}: its years add up to more than the decision's {agreement.decision.amount}"


@invariant("paid within the accepted co-financing")
def paid_within_cofinancing() -> Iterator[str]:
    """A euro for a euro: a settled year nets at most its accepted co-financing; an open one what counted at its proposal."""
    recovered = dict(Recovery.objects.values_list("settlement__award_year_id", "amount"))
    for settlement in Settlement.objects.select_related("award_year__network"):
        year = settlement.award_year
        carried = Decimal(settlement.derivation["inputs"]["carried"])
        counted = settlement.accepted_cash + settlement.accepted_income + carried
        net = year.paid_amount - recovered.get(year.pk, ZERO)
        if net > counted:
            yield f"{year}: paid {net} net, accepted co-financing {counted}"
    yield from _open_years()


def _open_years() -> Iterator[str]:
    """Years that are not settled: what is accepted now still covers what was released, refusals after it aside."""
    years = {
        year.pk: year
        for year in AwardYear.objects.filter(paid_amount__gt=0, settlement__isnull=True).select_related(
            "network__agreement__rules__call"
        )
    }
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    refused_later: set[int] = set()
    for contribution in Contribution.objects.filter(award_year__in=years):
        if contribution.state == ContributionState.ACCEPTED:
            sums[contribution.award_year_id][0 if contribution.kind in CASH else 1] += contribution.amount
    for tranche in Tranche.objects.filter(award_year__in=years, state__in=PAID_OUT):
        ids = [row["id"] for row in tranche.derivation["contributions"]]
        if Contribution.objects.filter(pk__in=ids, state=ContributionState.REFUSED).exists():
            refused_later.add(tranche.award_year_id)
    for pk, year in years.items():
        cash, income = sums[pk]
        rules = year.network.agreement.rules.frozen()
        counted = accepted_cofinancing(cash=cash, income=income, rules=rules, carried=year.awarded_amount).total
        if pk not in refused_later and year.paid_amount > counted:
            yield f"{year}: released {year.paid_amount}, accepted co-financing {counted}"


@invariant("one payout per network, year and number")
def one_payout_per_number() -> Iterator[str]:
    """Withdrawn proposals aside."""
    standing = Tranche.objects.exclude(state=TrancheState.WITHDRAWN).order_by()
    for row in standing.values("award_year_id", "number").annotate(count=Count("pk")).filter(count__gt=1):
        yield f"project year {row['award_year_id']}: tranche {row['number']} stands {row['count']} times"


@invariant("every payment follows from its derivation")
def payments_recompute() -> Iterator[str]:
    """Each tranche and settlement, computed again from its stored inputs, rules version and contributions."""
    for tranche in Tranche.objects.select_related("rules__call", "award_year__network", "award_year__settlement"):
        for breach in explain.breaches_of_tranche(tranche):
            yield f"tranche {tranche.pk} ({tranche}): {breach}"
    for settlement in Settlement.objects.select_related("rules__call", "award_year__network"):
        for breach in explain.breaches_of_settlement(settlement):
            yield f"settlement {settlement.pk} ({settlement}): {breach}"


@invariant("settlements add up")
def settlements_add_up() -> Iterator[str]:
    """Balance, forfeit, and what followed: a second tranche, a recovery, or neither."""
    recoveries = dict(Recovery.objects.values_list("settlement_id", "amount"))
    seconds: dict[int, Decimal] = {}
    for tranche in Tranche.objects.filter(number=2).exclude(state=TrancheState.WITHDRAWN):
        seconds[tranche.award_year_id] = tranche.amount
    for settlement in Settlement.objects.select_related("award_year__network"):
        year = settlement.award_year
        if settlement.forfeited != year.awarded_amount - settlement.payable:
            yield f"{settlement}: forfeits {settlement.forfeited} of {year.awarded_amount} with {settlement.payable} due"
        if max(-settlement.balance, ZERO) != recoveries.get(settlement.pk, ZERO):
            yield f"{settlement}: balance {settlement.balance}, recovery {recoveries.get(settlement.pk, ZERO)}"
        second = seconds.pop(year.pk, None)
        if second is not None and second != settlement.balance:
            yield f"{settlement}: balance {settlement.balance}, second tranche {second}"
    for pk in seconds:
        yield f"project year {pk}: a second tranche without a settlement"


@invariant("what counts may count")
def accepted_contributions_may_count() -> Iterator[str]:
    """An accepted contribution is positive, a company's, received, and has its proof; a reconstructed one is of a past network and pays for nothing."""
    bad = Contribution.objects.filter(state=ContributionState.ACCEPTED).filter(
        ~Q(payer_kind="company")
        | Q(received_on__isnull=True)
        | Q(amount__lte=0)
        | Q(proof__isnull=True, is_reconstructed=False)
        | Q(is_reconstructed=True, award_year__network__is_reconstructed=False)
        | Q(is_reconstructed=True, award_year__paid_amount__gt=0)
    )
    for contribution in bad.select_related("payer"):
        yield f"contribution {contribution.pk} ({contribution}): accepted, but it may not count"


@invariant("every invitation of the observer was sent")
def invitations_were_sent() -> Iterator[str]:
    """Each invitation of a steering meeting has its row in the outbox (MON-06)."""
    sent = set(OutboxMessage.objects.filter(topic=steering.INVITATION).values_list("key", flat=True))
    for meeting in SteeringMeeting.objects.filter(invitation_version__gt=0).select_related("network"):
        if f"steering_invitation:{meeting.pk}:{meeting.invitation_version}" not in sent:
            yield f"{meeting}: says that the observer was invited, and nothing was sent"


@invariant("what the bank was asked and answered")
def bank_agrees() -> Iterator[str]:
    """A payment file adds up and holds each order once; a recovery was repaid by its repayments; an account was confirmed."""
    in_files: dict[int, str] = {}
    for batch in PaymentBatch.objects.filter(state=BatchState.MADE):
        total = sum((Decimal(payment["amount"]) for payment in batch.payments), ZERO)
        if total != batch.total or len(batch.payments) != batch.payment_count:
            yield f"{batch}: says {batch.total} in {batch.payment_count} payments, holds {total} in {len(batch.payments)}"
        for payment in batch.payments:
            if payment["tranche"] in in_files:
                yield f"tranche {payment['tranche']}: in {batch} and in {in_files[payment['tranche']]}"
            in_files[payment["tranche"]] = str(batch)
    for recovery in Recovery.objects.annotate(back=Sum("repayments__amount")):
        if recovery.repaid_amount != (recovery.back or ZERO):
            yield f"{recovery}: {recovery.repaid_amount} repaid, its repayments are {recovery.back or ZERO}"
    confirmed = AccountChange.objects.filter(state=AccountChangeState.CONFIRMED).order_by(
        "network_id", "-decided_at", "-pk"
    )
    for change in confirmed.distinct("network_id").select_related("network"):
        if change.network.iban != change.iban:
            yield f"{change.network}: pays to {change.network.iban}, confirmed is {change.iban}"


@invariant("what was signed is a text of that agreement")
def signed_texts_are_their_own() -> Iterator[str]:
    """The signature names the version that was signed, and it is one of the same agreement (AGR-04)."""
    for signed in Agreement.objects.exclude(signed_paper=None).exclude(signed_paper__agreement=F("pk")):
        yield f"{signed}: signed is the text of another agreement"


@invariant("what was reported is kept")
def reports_are_kept() -> Iterator[str]:
    """Each hand-in of a report has its frozen row, each approved one its paper, and neither was touched; extensions are what counts."""
    for report in (
        Report.objects.filter(version__gt=0).select_related("award_year__network").prefetch_related("submissions")
    ):
        kept = sorted(submission.version for submission in report.submissions.all())
        if kept != list(range(1, report.version + 1)):
            yield f"{report}: handed in {report.version} times, kept {kept}"
        for submission in report.submissions.all():
            if digest(submission.content) != submission.content_hash:
                yield f"{submission}: its content is not what was handed in"
    for paper in ReportPaper.objects.select_related("report__award_year__network"):
        if digest(paper.content) != paper.content_hash:
            yield f"{paper}: its content is not what was approved"
    granted: dict[int, date] = {}
    for extension in ReportExtension.objects.filter(state=ExtensionState.GRANTED).order_by("decided_at", "pk"):
        granted[extension.award_year_id] = extension.until
    for year in AwardYear.objects.select_related("network"):
        if year.report_extended_until != granted.get(year.pk):
            yield f"{year}: extended until {year.report_extended_until}, granted is {granted.get(year.pk)}"
    for text in AgreementPaper.objects.select_related("agreement__network"):
        if digest(text.content) != text.content_hash:
            yield f"{text}: its content is not what was drawn up"
