"""A network with 500 members and 5 000 ledger lines, and a portfolio of 200 networks over 10 years, beside plain SQL (speed.md).

Held: the same queries for fifty lines and for five thousand; ledger page, claim check and settlement within 3 times the plain SQL,
the import within twice what openpyxl and a bulk insert need alone; the lists of networks, that draw a light or seven a network, within
what `LISTS` says.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from calls.enums import ContributionKind
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation
from monitoring.documents import contribution_list as workbook
from monitoring.domain import contribution_checks, contribution_list, portfolio, settlements
from monitoring.domain.overview import view_of, with_years
from monitoring.domain.queries import rules_row
from monitoring.models import AwardYear, Contribution, Membership, Network
from tests.benchmarks.harness import MAX_QUERIES, Comparison, measure, quietest, report, rows_floor
from tests.factories.calls import CallFactory
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import approved_report, proof, running_network, team

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

SMALL, LARGE = 50, 5_000
MEMBERS = 500
ROUNDS = 5


@pytest.fixture
def crew():
    clock.freeze("2027-03-01T10:00")
    return team()


@pytest.fixture
def grow(crew):
    """`grow(5_000)` fills year 1 up to that many lines, half of them accepted, over five hundred members."""
    paper = proof()
    number = OrganisationFactory.build  # a valid enterprise number each
    Organisation.objects.bulk_create(number() for _ in range(MEMBERS))
    payers = list(Organisation.objects.exclude(pk=crew.network.beneficiary_id).order_by("-pk")[:MEMBERS])
    Membership.objects.bulk_create(
        Membership(network=crew.network, organisation=payer, joined_on=date(2026, 9, 1), yearly_fee=Decimal(100))
        for payer in payers
    )
    year, at = crew.year(), clock.now()

    def fill(size: int) -> AwardYear:
        have = Contribution.objects.count()
        Contribution.objects.bulk_create(
            Contribution(
                award_year=year, payer=payers[line % MEMBERS], kind=ContributionKind.CASH_FEE, amount=Decimal("45.00"),
                invoice_number=f"L-{line}", invoiced_on=date(2026, 9, 1) + timedelta(days=line % 180), refers_to_project=True,
                services="Lidmaatschap", received_on=date(2027, 2, 28), proof=paper, entered_at=at, entered_by=crew.worker,
                **({"state": "accepted", "judged_at": at, "judged_by": crew.manager} if line % 2 else {}),
            )
            for line in range(have, size)
        )  # fmt: skip
        analyze()
        return year

    return fill


def analyze() -> None:
    """Let the database know how much it holds, as it finds out by itself within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(deed: Callable[[], object]) -> tuple[float, int]:
    """(median seconds, queries) of a deed."""
    with CaptureQueriesContext(connection) as captured:
        deed()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[ROUNDS // 2], len(captured)


def plain_sql(year: AwardYear) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.*, o.* FROM monitoring_contribution c JOIN accounts_organisation o ON o.id = c.payer_id"
            " WHERE c.award_year_id = %s ORDER BY c.invoiced_on, c.id",
            [year.pk],
        )
        return cursor.fetchall()


def test_the_ledger_page(client, crew, grow):
    client.force_login(crew.manager, backend="ibnportal.core.accounts.backends.SessionBackend")
    sizes = {}
    for size in (SMALL, LARGE):
        year = grow(size)
        rows = Contribution.objects.filter(award_year=year).select_related("payer").order_by("invoiced_on", "id")
        floor = rows_floor(lambda rows=rows: rows.values_list("invoice_number", "payer__name", "amount", "state"))
        sizes[size] = measure(client, f"/netwerken/{crew.network.code}/jaar/1/bijdragen/", floor=floor, rounds=ROUNDS)
    report("ledger page", sizes)
    assert sizes[SMALL].page.queries == sizes[LARGE].page.queries
    assert sizes[LARGE].page.repeated == 0
    assert sizes[LARGE].ratio <= 3


def test_the_claim_check(crew, grow):
    found = {}
    for size in (SMALL, LARGE):
        year = grow(size)
        rules = rules_row(year.network).frozen()

        def check(year: AwardYear = year, rules: object = rules) -> None:
            rows = Contribution.objects.filter(award_year=year)
            assert contribution_checks.refused_by(rows, year, rules) == []

        found[size] = (*timed(check), timed(lambda year=year: plain_sql(year))[0])
    show("claim check", found)
    assert found[SMALL][1] == found[LARGE][1]
    assert found[LARGE][0] <= 3 * found[LARGE][2]


def test_the_settlement(crew, grow):
    found = {}
    for size in (SMALL, LARGE):
        clock.freeze("2027-03-01T10:00")
        year = grow(size)
        Contribution.objects.filter(state="submitted").update(
            state="accepted", judged_at=clock.now(), judged_by=crew.manager
        )
        clock.freeze("2027-09-15T10:00")
        deed = transaction.atomic()
        deed.__enter__()
        approved_report(crew)
        settlements.close_claims(crew.year(), by=crew.manager)
        year = crew.year()
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            settlements.settle(year, by=crew.manager)
            taken = time.perf_counter() - began
        transaction.set_rollback(True)
        deed.__exit__(None, None, None)
        found[size] = (taken, len(captured), timed(lambda year=year: plain_sql(year))[0])
    show("settlement", found)
    assert found[LARGE][0] <= 3 * found[LARGE][2]
    assert found[SMALL][1] == found[LARGE][1]


def test_the_import_of_five_thousand_lines(crew, grow):
    grow(0)
    payers = list(Organisation.objects.filter(network_memberships__network=crew.network).order_by("pk"))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Bijdragen")
    sheet.append(list(workbook.TITLES))
    for line in range(LARGE):
        payer = payers[line % len(payers)]
        sheet.append(
            [payer.enterprise_number, payer.name, "Lidgeld", f"I-{line}", date(2026, 10, 1), 45, 54.45, "EUR", date(2027, 1, 4), "Lidgeld", "ja", "nee"]
        )  # fmt: skip
    buffer = BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    found = contribution_list.upload(crew.year(), SimpleUploadedFile("lijst.xlsx", content), by=crew.worker)
    began = time.perf_counter()
    lines, _ = workbook.read(content)
    with CaptureQueriesContext(connection) as captured:
        counts = contribution_list.take_over(found, lines, by=crew.worker)
    taken = time.perf_counter() - began
    assert counts["new"] == LARGE, counts
    made = list(Contribution.objects.all())
    Contribution.objects.all().delete()
    began = time.perf_counter()
    assert len(list(load_workbook(BytesIO(content), read_only=True).active.iter_rows(values_only=True))) == LARGE + 1
    for one in made:
        one.pk = None
    Contribution.objects.bulk_create(made, batch_size=contribution_list.BATCH)
    floor = time.perf_counter() - began
    show("import", {LARGE: (taken, len(captured), floor)})
    assert taken <= 2 * floor
    assert len(captured) < LARGE / contribution_list.BATCH * 2 + 50


LISTS = {"/netwerken/": 8.0, "/betalingen/": 8.0, "/netwerken/opvolging/": 10.0}
"""The lists of an account manager, each with the most it may take beside the floor of all years.

The frame, the filter and a page of rows are a floor or three by themselves, with 25 networks in the database as with 200.
"""


def test_the_lists_of_two_hundred_networks_over_ten_years(client, crew):
    """In ten calls, and with a ledger for the year that runs: every light, total and order is of all of them."""
    client.force_login(crew.manager, backend="ibnportal.core.accounts.backends.SessionBackend")
    calls, paper, at = [CallFactory() for _ in range(10)], proof(), clock.now()
    found: dict[str, dict[int, Comparison]] = {address: {} for address in LISTS}
    have = 1
    for size in (5, 200):
        for number in range(have, size):
            network = running_network(manager=crew.manager, call=calls[number % len(calls)])
            AwardYear.objects.bulk_create(
                AwardYear(
                    network=network, project_year=year, starts_on=date(2026 + year, 9, 1), ends_on=date(2027 + year, 8, 31),
                    awarded_amount=Decimal(0),
                )
                for year in range(4, 11)
            )  # fmt: skip
            Contribution.objects.bulk_create(
                Contribution(
                    award_year=network.award_years.get(project_year=1), payer=network.beneficiary, amount=Decimal("45.00"),
                    kind=ContributionKind.CASH_FEE, invoice_number=f"L-{number}-{line}", invoiced_on=date(2026, 10, 1),
                    refers_to_project=True, services="Lidmaatschap", received_on=date(2027, 2, 28), proof=paper, entered_at=at,
                    entered_by=crew.worker, **({"state": "accepted", "judged_at": at, "judged_by": crew.manager} if line % 2 else {}),
                )
                for line in range(20)
            )  # fmt: skip
        have = size
        analyze()
        years = AwardYear.objects.select_related("network").order_by("network__name", "project_year")
        floor = rows_floor(lambda years=years: years.values_list("network__name", "project_year", "awarded_amount"))
        for address, sizes in found.items():
            sizes[size] = quietest(client, address, floor=floor)
    for address, sizes in found.items():
        report(f"{address}, networks of ten years", sizes)
        assert sizes[5].page.queries == sizes[200].page.queries <= MAX_QUERIES
        assert sizes[200].page.repeated == 0
        assert sizes[200].least_ratio <= LISTS[address]
    views = [view_of(network) for network in with_years(Network.objects.all())]
    assert len(portfolio.calendar(views, at=clock.now())) > len(views)


def show(name: str, found: dict[int, tuple[float, int, float]]) -> None:
    """One line a size: seconds, the floor's seconds, their ratio, queries."""
    print()
    for size, (taken, queries, floor) in found.items():
        print(f"{name:<24}{size:>6} lines: {taken * 1000:8.1f} ms, floor {floor * 1000:8.1f} ms, {taken / floor:5.1f} ×, {queries} queries")  # fmt: skip
