"""The story after the decision: agreements, a first project year with its money, and the settlement."""

from datetime import date, timedelta
from decimal import Decimal
from zlib import crc32

from django.core.files.uploadedfile import SimpleUploadedFile

from calls.enums import ContributionKind, CostType, PayerKind
from ibnportal.core import clock
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import User
from ibnportal.portal.story import companies, papers
from ibnportal.portal.story.cast import Cast, Role
from ibnportal.portal.story.initiatives import Stage
from monitoring.documents import cost_workbook, questionnaire
from monitoring.domain import (
    activities,
    agreement_papers,
    agreements,
    amendments,
    collaborations,
    contribution_list,
    contributions,
    extensions,
    member_list,
    members,
    pledges,
    report_costs,
    reports,
    settlements,
    steering,
    surveys,
    tranches,
)
from monitoring.domain import companies as companies_of_members
from monitoring.domain.report_costs import CostLine
from monitoring.models import CompanyProfile, Network, Report

_IBAN = "BE68539007547034"
_YEAR_START = date(2027, 1, 1)
_COST_SHARES = {
    CostType.PERSONNEL: Decimal("0.68"),
    CostType.OVERHEAD: Decimal("0.12"),
    CostType.OPERATING: Decimal("0.11"),
    CostType.EXTERNAL: Decimal("0.05"),
}
_PAYERS = 10
_INCOME_FRACTION = Decimal("0.20")


def agree(cast: Cast) -> None:
    """Autumn 2026: agreements are drafted; most are signed and start on 1 January 2027."""
    manager = cast.user("account")
    with clock.fixed("2026-09-15T10:00"):
        for role in cast.reaching(Stage.AGREEMENT):
            decision = role.dossier.decisions.get(kind="support")
            agreement = agreements.draft(decision, start_on=_YEAR_START, by=manager)
            agreements.set_account_number(agreement.network, _IBAN, by=manager)
    with clock.fixed("2026-11-03T14:00"):
        for role in cast.reaching(Stage.SIGNED):
            agreement = _network(role).agreement
            for condition in agreement.conditions.filter(is_blocking=True):
                agreements.meet_condition(
                    condition, note="De boekhouder heeft een afzonderlijk dagboek geopend.", by=manager
                )
            agreement_papers.request(agreement, by=manager)
            agreements.sign(
                agreement,
                founded_on=date(2025, 3, 1),
                signatories="Fonds voor Innoveren en Ondernemen; de voorzitter",
                by=manager,
            )
    with clock.fixed("2027-01-04T09:00"):
        for role in cast.reaching(Stage.RUNNING):
            agreements.start(_network(role), by=manager)
    with clock.fixed("2027-03-08T10:00"):
        for role in cast.reaching(Stage.RUNNING):
            kpi = _network(role).agreement.kpis.order_by("pk")[0]
            amendments.amend_target(
                kpi,
                (kpi.target or Decimal(0)) + 5,
                reason="Het netwerk kreeg er een deelsector bij; de stuurgroep vroeg een hogere streefwaarde.",
                document=papers.pdf("addendum-1.pdf", ["Addendum 1", role.initiative.title, "Hogere streefwaarde"]),
                by=manager,
            )


def run_first_year(cast: Cast) -> None:
    """2027: members join, invoices are paid, the account manager judges them, the first tranche goes out."""
    manager, officer = cast.user("account"), cast.user("finance")
    for role in cast.reaching(Stage.RUNNING):
        network = _network(role)
        year = network.award_years.get(project_year=1)
        with clock.fixed("2027-02-01T10:00"):
            joined = [
                members.register(
                    network, name=company.name, enterprise_number=company.enterprise_number, joined_on=date(2027, 1, 15),
                    yearly_fee=Decimal(3000), by=role.representative, street=company.street, postcode=company.postcode,
                    municipality=company.municipality, contact_email=company.contact_email,
                )
                for company in _members(role)
            ]  # fmt: skip
        with clock.fixed("2027-02-02T10:00"):
            _describe_members(role, network, joined)
        with clock.fixed("2027-06-14T10:00"):
            _enter_contributions(role, year, [membership.organisation for membership in joined[:_PAYERS]])
        with clock.fixed("2027-07-05T10:00"):
            contributions.accept_clean(year, by=manager)
            for left in year.contributions.filter(state="submitted", payer_kind=PayerKind.FEDERATION):
                contributions.refuse(
                    left, rule_id="COF-19", reason="Bijdragen van federaties tellen niet mee.", by=manager
                )
        with clock.fixed("2027-09-13T10:00"):
            tranche = tranches.propose(year, 1, by=manager)
        if role.reaches(Stage.REPORTED):
            with clock.fixed("2027-09-20T10:00"):
                tranches.release(tranche, by=officer)


_SIZES = (  # staff, turnover, balance total
    (6, 800_000, 500_000), (24, 4_200_000, 2_900_000), (48, 9_000_000, 12_000_000), (130, 31_000_000, 28_000_000), (900, 210_000_000, 160_000_000),
)  # fmt: skip
_SECTORS = ("62.01", "28.29", "71.12", "72.19", "46.69", "25.62")


def _describe_members(role: Role, network: Network, joined: list) -> None:
    """What the fee includes, what is known of some members, and a list that waits to be taken over."""
    members.set_conditions(
        network,
        membership_package="Vier bijeenkomsten per jaar\nDeelname aan de werkgroepen\nNieuwsbrief en ledenlijst",
        entry_conditions="Elke onderneming met een vestiging in Vlaanderen die het charter ondertekent.",
        by=role.representative,
    )
    for position, membership in enumerate(joined[:_PAYERS]):
        if CompanyProfile.objects.filter(organisation=membership.organisation_id).exists():
            continue
        staff, turnover, balance = _SIZES[position % len(_SIZES)]
        companies_of_members.describe(
            membership.organisation, founded_on=date(1990 + position, 5, 1), nace=_SECTORS[position % len(_SECTORS)], figures_year=2026,
            staff=Decimal(staff), turnover=Decimal(turnover), balance_total=Decimal(balance),
            independence="linked" if position == 0 else "autonomous", by=role.representative,
        )  # fmt: skip
        if position == 0:
            companies_of_members.tie(
                membership.organisation, name="Moederhuis Holding nv", fraction=Decimal("0.60"), staff=Decimal(35),
                turnover=Decimal(6_000_000), balance_total=Decimal(5_000_000), by=role.representative,
            )  # fmt: skip
    coming = companies.company((role.serial * 5 + 30) % 200)
    member_list.upload(
        network,
        papers.xlsx(
            "ledenlijst.xlsx",
            ["Onderneming", "Ondernemingsnummer", "Lid sinds", "Lidgeld"],
            [
                [coming.name, coming.enterprise_number, date(2027, 2, 1), 3000],
                ["Zonder nummer bv", "", date(2027, 2, 1), 3000],
            ],
        ),
        by=role.representative,
    )


_MEETINGS = (
    ("2027-03-10", "Brussel, Havenlaan 88", "Werkplan 2027\nStand van de leden en de cofinanciering", True),
    ("2027-09-29", "Online", "Voortgang van de werkgroepen\nVoorbereiding van het najaarsevent", True),
    ("2028-01-12", "Gent, Technologiepark 3", "Jaarverslag 2027\nPlanning 2028", False),
    ("2028-03-15", "Hasselt, Corda Campus", "Voortgang eerste kwartaal", False),
)


def steer(cast: Cast) -> None:
    """Meetings of the steering groups: two with minutes and the observer, one without minutes, one to come."""
    manager = cast.user("account")
    for role in cast.reaching(Stage.RUNNING):
        network = _network(role)
        for day, location, agenda, has_minutes in _MEETINGS:
            with clock.fixed(clock.moment(f"{day}T14:00") - timedelta(days=21)):
                meeting = steering.plan(
                    network, starts_at=clock.moment(f"{day}T14:00"), ends_at=clock.moment(f"{day}T16:00"), location=location,
                    agenda=agenda, by=role.representative,
                )  # fmt: skip
            if has_minutes:
                with clock.fixed(clock.moment(f"{day}T14:00") + timedelta(days=9)):
                    steering.hand_in_minutes(
                        meeting,
                        upload=papers.pdf(
                            f"verslag-{day}.pdf", [f"Verslag van de stuurgroep van {day}", network.name, agenda]
                        ),
                        attendees=steering.who_may_sit(meeting)[:6],
                        others="VLAIO, waarnemer",
                        by=role.representative,
                    )
                    steering.record_observer(meeting, present=True, by=manager)


_ACTIVITIES = (
    ("Startbijeenkomst", "event", date(2027, 2, 18), "in_fee", 12),
    ("Bedrijfsbezoek pilootlijn", "ecosystem", date(2027, 4, 22), "in_fee", 8),
    ("Najaarsevent", "event", date(2027, 10, 14), "cost", 16),
    ("Werkgroep normering", "ideation", date(2027, 11, 25), "in_fee", 6),
    ("Voorjaarsevent", "event", date(2028, 4, 20), "market", 0),
)
_COLLABORATIONS = (
    ("Gezamenlijke proefopstelling", "project", "living_lab", 4, True, "started"),
    ("Gedeelde meetcampagne", "operational", "mou", 2, False, "started"),
    ("Haalbaarheid van een gedeeld dataplatform", "project", "feasibility", 3, True, "applied"),
    ("Gezamenlijke aankoop van testapparatuur", "operational", "own_means", 3, False, "failed"),
    ("Opleiding voor operatoren", "project", "none", 2, True, "idea"),
)


def work_together(cast: Cast) -> None:
    """What the networks did in their first year, who took part, and what came of it."""
    for role in cast.reaching(Stage.RUNNING):
        network, by = _network(role), role.representative
        companies_in = [membership.organisation for membership in network.memberships.select_related("organisation")]
        with clock.fixed("2027-12-06T10:00"):
            for title, kind, day, price, count in _ACTIVITIES:
                activity = activities.record(
                    network, kind=kind, title=title, starts_on=day, price_basis=price, location="Gent", by=by
                )
                if count:
                    activities.set_participants(activity, {one.pk: 1 for one in companies_in[:count]}, by=by)
            centre, _ = people.find_or_register_organisation(
                name="Kennisinstelling Voorbeeld",
                enterprise_number=companies.enterprise_number(991),
                by=None,
                kind="research",
            )
            begun = [
                _collaborate(network, companies_in, centre if with_centre else None, by=by, title=title, nature=nature,
                             instrument=instrument, size=size, state=state)
                for title, nature, instrument, size, with_centre, state in _COLLABORATIONS
            ]  # fmt: skip
            other = Network.objects.exclude(pk=network.pk).order_by("pk")[:1]
            collaborations.record_project(
                network, title="Demonstratie over de grenzen van netwerken heen", source="vlaio", outcome="supported",
                role="facilitator", amount=None, applied_on=date(2027, 6, 1), collaboration=begun[0], partners=other, by=by,
            )  # fmt: skip
            collaborations.tell_story(
                network, title="Van werkgroep naar proefopstelling", told_on=date(2027, 11, 30), collaboration=begun[0], by=by,
                text="Vier bedrijven die elkaar op de startbijeenkomst leerden kennen, bouwden samen een proefopstelling.",
            )  # fmt: skip


def _collaborate(network: Network, companies_in: list, centre, *, size: int, state: str, by, **fields):
    parties = [*companies_in[:size], *([centre] if centre else [])]
    made = collaborations.begin(network, initiated_on=date(2027, 3, 1), parties=parties, by=by, **fields)
    if state == "failed":
        collaborations.move(made, state, failure_reason="commitment", by=by)
    elif state != "idea":
        collaborations.move(made, state, on=date(2027, 9, 1), by=by)
    return made


def pledge_second_year(cast: Cast) -> None:
    """Early 2028: what the members pledge for the second year, a first question, and a list that waits."""
    manager = cast.user("account")
    with clock.fixed("2028-01-24T10:00"):
        for role in cast.reaching(Stage.RUNNING):
            network, by = _network(role), role.representative
            year = network.award_years.get(project_year=2)
            payers = [one.organisation for one in network.memberships.select_related("organisation")[:8]]
            for position, payer in enumerate(payers):
                committed = Decimal(12_000) if position % 2 else None
                pledges.pledge(
                    year,
                    payer,
                    kind=ContributionKind.CASH_FEE,
                    planned_amount=Decimal(15_000),
                    committed_amount=committed,
                    by=by,
                )
            entered = contributions.enter(
                year, payer=payers[0], kind=ContributionKind.CASH_FEE, amount=Decimal(15_000), invoice_number="F-2028-900",
                invoiced_on=date(2028, 1, 17), services="Lidgeld 2028", refers_to_project=True, by=by,
            )  # fmt: skip
            contributions.ask(
                entered, question="Wanneer verwacht u deze betaling? Het bewijsstuk ontbreekt nog.", by=manager
            )
            contribution_list.upload(
                year,
                papers.xlsx(
                    "bijdragen.xlsx",
                    ["Ondernemingsnummer", "Betaler", "Factuurnummer", "Factuurdatum", "Bedrag zonder btw"],
                    [
                        [payers[1].enterprise_number, payers[1].name, "F-2028-901", date(2028, 1, 20), 12000],
                        [payers[2].enterprise_number, payers[2].name, "F-2028-902", date(2028, 1, 20), -500],
                    ],
                ),
                by=by,
            )


def report_and_settle(cast: Cast) -> None:
    """Early 2028: yearly reports, the settlement of one year and its second tranche."""
    manager = cast.user("account")
    for role in cast.reaching(Stage.RUNNING):
        _ask_extension(role, manager)
    for role in cast.reaching(Stage.REPORTED):
        network = _network(role)
        year = network.award_years.get(project_year=1)
        with clock.fixed("2028-01-17T10:00"):
            report = reports.open(year, by=role.representative)
            cost = Decimal(role.initiative.yearly_cost)
            _upload_costs(report, cost, by=role.representative)
            reports.save(
                report,
                by=role.representative,
                project_status="Het netwerk draait volgens plan; de stuurgroep kwam vier keer samen.",
                results="Drie werkgroepen, twaalf bijeenkomsten en de eerste gezamenlijke proefopstelling.",
                success_stories="Vier bedrijven brachten samen een nieuw product op de markt.",
                keeps_separate_accounts=True,
                allocation_key="Mensmaanden van het project tegenover die van de hele organisatie: 30 op 96.",
                kpis={kpi.pk: Decimal(round((kpi.target or Decimal(0)) / 3)) for kpi in network.agreement.kpis.all()},
                active_companies=list(network.memberships.values_list("organisation_id", flat=True)),
            )
            reports.submit(report, by=role.representative)
        if role.reaches(Stage.SETTLED):
            with clock.fixed("2028-02-07T10:00"):
                accepted = {row.cost_type: row.submitted_amount for row in report.costs.all()}
                reports.approve(report, accepted_costs=accepted, by=manager)
                settlements.close_claims(year, by=manager)
                settlements.settle(year, by=manager)


def _ask_extension(role: Role, manager: User) -> None:
    """Who reports got a month more; who does not report yet waits for an answer."""
    year = _network(role).award_years.get(project_year=1)
    with clock.fixed("2028-01-10T10:00"):
        asked = extensions.ask(
            year,
            until=date(2028, 3, 31),
            reason="Onze boekhouder sluit het jaar pas in maart af.",
            by=role.representative,
        )
    if role.reaches(Stage.REPORTED):
        with clock.fixed("2028-01-11T10:00"):
            extensions.grant(asked, reason="De jaarrekening is nodig voor de kosten.", by=manager)


_STAFF = (("An Claes", "Clustermanager", "0.5", 1650, 12), ("Bram Peeters", "Projectmedewerker", "0.3", 1600, 11), ("Celine Smet", "Communicatie", "0.2", 990, 7))  # fmt: skip


def _upload_costs(report: Report, cost: Decimal, *, by: User) -> None:
    """The cost workbook of the year: people with their hours, the overhead's key, two invoices of an external service."""
    cent = Decimal("0.01")
    sums = {kind: (cost * share).quantize(cent) for kind, share in _COST_SHARES.items()}
    lines = [
        CostLine(CostType.PERSONNEL, row, name, (sums[CostType.PERSONNEL] * Decimal(part)).quantize(cent), role=role, hours=Decimal(hours),
                 person_months=Decimal(months))
        for row, (name, role, part, hours, months) in enumerate(_STAFF, start=1)
    ]  # fmt: skip
    lines += [
        CostLine(CostType.OVERHEAD, 1, "Kantoor en ICT", sums[CostType.OVERHEAD], motivation="30 van 96 mensmaanden"),
        CostLine(CostType.OPERATING, 1, "Zalen en catering", sums[CostType.OPERATING], supplier="Congreshuis bv",
                 invoice_number="2027-118", invoiced_on=date(2027, 10, 4)),
        CostLine(CostType.EXTERNAL, 1, "Begeleiding van de strategische oefening", sums[CostType.EXTERNAL], supplier="Adviesbureau Lint bv",
                 invoice_number="AL-2027-31", invoiced_on=date(2027, 11, 22), motivation="De kennis ontbreekt in het team."),
    ]  # fmt: skip
    content = cost_workbook.build(report.award_year, lines)
    upload = SimpleUploadedFile(cost_workbook.name_of(report.award_year), content)
    report_costs.take_over(report, upload, *cost_workbook.read(content, report.award_year), by=by)


def ask_members(cast: Cast) -> None:
    """February 2028: every member is asked what it thinks; most have answered, some stopped halfway."""
    manager, read = cast.user("account"), questionnaire.read()
    with clock.fixed("2028-02-08T10:00"):
        survey = surveys.draft("Ledenbevraging 2028", read.questions, min_group=read.min_group, by=manager)
        surveys.open(survey, closes_on=date(2028, 3, 15), by=manager)
    questions = list(survey.questions.all())
    with clock.fixed("2028-02-14T10:00"):
        for position, invitation in enumerate(survey.invitations.order_by("pk")):
            surveys.opened(invitation, at=clock.now() - timedelta(minutes=5 + position % 7))
            if position % 5:
                given = _opinion(questions, position)
                if position % 7 == 0:
                    del given["10"]
                surveys.answer(invitation, given)
    with clock.fixed("2028-02-16T10:00"):
        surveys.draft("Ledenbevraging 2029", read.questions, min_group=read.min_group, by=manager)


def _opinion(questions: list, position: int) -> dict[str, dict[str, int]]:
    """What one company ticks: always the same for the same company, different enough to make a picture."""
    given: dict[str, dict[str, int]] = {}
    for question in questions:
        values = [option["value"] for option in question.options]
        given[str(question.number)] = {
            item["code"]: values[crc32(f"{position} {question.number} {item['code']}".encode()) % len(values)]
            for item in surveys.asked(question, given)
        }
    return given


def _network(role: Role) -> Network:
    return Network.objects.get(application=role.dossier)


def _members(role: Role) -> list[companies.Company]:
    return [companies.company((role.serial * 5 + offset) % 200) for offset in range(24)]


def _enter_contributions(role: Role, year, payers: list) -> None:
    """Enough for the first tranche, a claim that can never count, and for the settled year a little short of all."""
    needed = year.awarded_amount * (Decimal("0.96") if role.initiative.stage == Stage.SETTLED else Decimal("0.88"))
    cash = (needed * (1 - _INCOME_FRACTION) / len(payers)).quantize(Decimal("0.01"))
    for position, payer in enumerate(payers, start=1):
        _enter(
            role,
            year,
            payer,
            ContributionKind.CASH_FEE,
            amount=cash,
            number=f"F-2027-{position:03d}",
            services="Lidgeld en deelname aan het netwerk",
        )
    income = (needed * _INCOME_FRACTION).quantize(Decimal("0.01"))
    _enter(
        role,
        year,
        payers[0],
        ContributionKind.ACTIVITY_INCOME,
        amount=income,
        number="F-2027-100",
        services="Inschrijvingen voor het najaarsevent",
    )
    federation, _ = people.find_or_register_organisation(
        name="Federatie van Voorbeeldbedrijven",
        enterprise_number=companies.enterprise_number(990),
        by=None,
        kind="federation",
    )
    _enter(role, year, federation, ContributionKind.CASH_SPONSORING, amount=Decimal(5000), number="F-2027-200", services="Sponsoring",
           payer_kind=PayerKind.FEDERATION)  # fmt: skip


def _enter(role: Role, year, payer, kind: str, *, amount: Decimal, number: str, services: str, **more) -> None:
    contributions.enter(
        year, payer=payer, kind=kind, amount=amount, invoice_number=number, invoiced_on=date(2027, 3, 15), services=services,
        refers_to_project=True, received_on=date(2027, 4, 20), by=role.representative,
        upload=papers.pdf(f"{number}.pdf", [f"Factuur {number}", payer.name, role.initiative.title, f"{amount} euro"]), **more,
    )  # fmt: skip
