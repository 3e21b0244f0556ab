"""Networks for tests: an award, a running network with its three years, members, contributions and people around them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from applications.enums import ApplicationState
from applications.models import Application, KpiTarget
from calls.enums import ContributionKind, KpiKind
from calls.models import Call, CallRules, KpiDefinition
from evaluation.enums import ConditionKind, DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition, DecisionYear
from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.accounts.models import User
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from monitoring.domain import agreements, contributions, members, reports
from monitoring.domain.lifecycle import move_network
from monitoring.enums import NetworkState
from monitoring.models import AwardYear, Contribution, Membership, Network, Report
from tests.factories.calls import INSTALLED_AT, CallFactory, CallRulesFactory, KpiDefinitionFactory
from tests.factories.core import MembershipFactory, OrganisationFactory, StaffFactory, StoredFileFactory, UserFactory
from tests.factories.remembered import remembered

__all__ = [
    "ApplicationFactory", "DecisionFactory", "Team", "approved_report", "award", "contribution", "filled_report", "member",
    "running_network", "staff", "team",
]  # fmt: skip

IBAN = "BE68539007547034"


class ApplicationFactory(DjangoModelFactory[Application]):
    """An awarded initiative of a cluster organisation."""

    class Meta:
        model = Application

    number = factory.Sequence(lambda n: f"IBN-2025-{n:02d}")
    call = factory.SubFactory(CallFactory)
    title = factory.Sequence(lambda n: f"Netwerk Proef {n}")
    state = ApplicationState.AWARDED
    applicant = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.NETWORK, legal_form="vzw")
    created_at = factory.LazyFunction(clock.now)
    created_by = factory.LazyFunction(system_user)


class DecisionFactory(DjangoModelFactory[Decision]):
    """A released award; its years come with `award()`."""

    class Meta:
        model = Decision

    application = factory.SubFactory(ApplicationFactory)
    kind = DecisionKind.SUPPORT
    outcome = DecisionOutcome.AWARDED
    rules = factory.LazyAttribute(lambda decision: rules_of(decision.application.call))
    reason = "Sterk netwerk met een duidelijk doel."
    decided_on = date(2026, 7, 20)
    amount = Decimal("675000.00")
    recorded_at = factory.LazyFunction(clock.now)
    recorded_by = factory.LazyFunction(system_user)
    released_at = factory.LazyFunction(clock.now)
    released_by = factory.LazyFunction(system_user)


def rules_of(call: Call) -> CallRules:
    """The call's rules, those of 2025 where it has none."""
    return call.rules_versions.order_by("-version").first() or CallRulesFactory(call=call)


def indicators_of(call: Call) -> list[KpiDefinition]:
    """The two mandatory indicators that the register of members gives."""
    existing = list(call.kpi_definitions.all())
    if existing:
        return existing
    return [
        KpiDefinitionFactory(
            call=call, code=code, label=label, definition="Betalende leden.", kind=KpiKind.REACH, position=position
        )
        for position, (code, label) in enumerate(
            (("kpi1", "Actieve ondernemingen"), ("kpi2", "Nieuwe actieve ondernemingen"))
        )
    ]


def award(
    *, amounts: tuple[str, ...] = ("225000.00", "225000.00", "225000.00"), blocking: bool = False, **fields: Any
) -> Decision:
    """A released award with an amount a year, indicators, and one condition."""
    rules = fields.pop("rules", {})
    application = fields.pop("application", None) or ApplicationFactory(**fields)
    call = application.call
    if not call.rules_versions.exists():
        CallRulesFactory(call=call, **rules)
    for position, definition in enumerate(indicators_of(call)):
        KpiTarget.objects.create(
            application=application,
            definition_of_call=definition,
            label=definition.label,
            kind=definition.kind,
            definition=definition.definition or "Betalende leden.",
            baseline=Decimal(10),
            target=Decimal(40),
            method="Telling in het ledenregister.",
            position=position,
        )
    decision = DecisionFactory(application=application, amount=sum(map(Decimal, amounts)))
    DecisionYear.objects.bulk_create(
        DecisionYear(decision=decision, project_year=year, amount=Decimal(amount))
        for year, amount in enumerate(amounts, start=1)
    )
    DecisionCondition.objects.create(
        decision=decision, kind=ConditionKind.START, text="Bezorg de statuten.", is_blocking=blocking
    )
    return decision


def staff(role: Role, **fields: Any) -> User:
    """Somebody with that role."""
    return StaffFactory(role=role, **fields)


@dataclass
class Team:
    """A running network and the people around it."""

    network: Network
    manager: User
    officer: User
    worker: User

    def year(self, number: int = 1) -> AwardYear:
        return self.network.award_years.get(project_year=number)


def running_network(*, start_on: date = date(2026, 9, 1), manager: User | None = None, **fields: Any) -> Network:
    """Signed and running, with an account number; times are those of the start, whatever the clock says."""
    decision = award(**fields)
    manager = manager or staff(Role.ACCOUNT_MANAGER)
    agreement = agreements.draft(decision, start_on=start_on, by=manager)
    at = clock.start_of_day(start_on)
    agreements.set_account_number(agreement.network, IBAN, by=manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 15), signatories="An Claes en Jan Peeters", by=manager, at=at)
    return move_network(agreement.network, NetworkState.RUNNING, by=manager, at=at)


def team(**fields: Any) -> Team:
    """A running network with its account manager, a financial officer, and somebody who works for the beneficiary."""
    if fields:
        return Team(*_team(**fields))
    return Team(*remembered(("team",), _team, at=INSTALLED_AT))


def _team(**fields: Any) -> tuple[Network, User, User, User]:
    manager = staff(Role.ACCOUNT_MANAGER)
    network = running_network(manager=manager, **fields)
    worker = UserFactory()
    MembershipFactory(user=worker, organisation=network.beneficiary, is_legal_representative=True)
    return network, manager, staff(Role.FINANCIAL_OFFICER), worker


def member(network: Network, *, joined_on: date | None = None, fee: str = "1000.00", **fields: Any) -> Membership:
    """A company that is a member from the start on."""
    return members.join(
        network,
        fields.pop("organisation", None) or OrganisationFactory(),
        joined_on=joined_on or network.start_on or date(2026, 9, 1),
        yearly_fee=Decimal(fee),
        by=system_user(),
        **fields,
    )


_invoices = iter(range(1, 1_000_000))


def proof(by: User | None = None) -> StoredFile:
    """An invoice as a PDF."""
    return StoredFileFactory(kind=FileKind.PROOF_PDF, by=by)


def contribution(
    year: AwardYear, amount: str = "1000.00", *, accepted_by: User | None = None, **fields: Any
) -> Contribution:
    """A contribution that breaks no rule (a member's fee by default), accepted when somebody accepts it."""
    if "payer" not in fields:
        fields["payer"] = member(year.network, joined_on=year.starts_on).organisation
    values: dict[str, Any] = {
        "kind": ContributionKind.CASH_FEE,
        "amount": Decimal(amount),
        "invoice_number": f"F-{next(_invoices)}",
        "invoiced_on": year.starts_on,
        "received_on": year.starts_on,
        "refers_to_project": True,
        "services": "Lidmaatschap van het netwerk",
        **fields,
    }
    if "proof" not in values:
        values["proof"] = proof()
    by = values.pop("by", None) or system_user()
    entered = contributions.enter(year, by=by, **values)
    return contributions.accept(entered, by=accepted_by) if accepted_by else entered


def filled_report(team: Team, *, number: int = 1, costs: str = "450000.00") -> Report:
    """A report with every part filled in, not handed in; all costs are personnel."""
    year = team.year(number)
    if not team.network.memberships.exists():
        member(team.network)
    report = reports.open(year, by=team.worker)
    kpis = {kpi.pk: Decimal(20) for kpi in team.network.agreement.kpis.all()}
    return reports.save(
        report,
        by=team.worker,
        project_status="Op schema.",
        results="Twintig leden.",
        success_stories="Twee bedrijven bouwden samen een proefopstelling.",
        keeps_separate_accounts=True,
        costs={"personnel": (Decimal(costs), Decimal(24))},
        kpis=kpis,
        active_companies=[m.organisation_id for m in team.network.memberships.all()],
    )


def approved_report(team: Team, *, number: int = 1, costs: str = "450000.00") -> Report:
    """Handed in and approved as it stands; the clock must be past the year."""
    report = reports.submit(filled_report(team, number=number, costs=costs), by=team.worker)
    accepted = {cost.cost_type: cost.submitted_amount for cost in report.costs.all()}
    return reports.approve(report, accepted_costs=accepted, by=team.manager)
