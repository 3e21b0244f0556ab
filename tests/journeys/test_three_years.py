"""One network through its three project years, in a browser: a shortfall, a recovery, an amendment, and a year as it should be.

Up to the signed agreement the domain plays it; from the start on the network, its account manager and the financial officer do it on
their pages. The money, with EUR 225 000 awarded a year:

| year | co-financing | accepted costs | due                                    | first tranche | balance                | forfeited |
|------|--------------|----------------|----------------------------------------|---------------|------------------------|-----------|
| 1    | 150 000      | 450 000        | min(225 000; 225 000; 150 000) 150 000 | none: < 180 000 | second tranche 150 000 | 75 000    |
| 2    | 200 000      | 320 000        | min(225 000; 160 000; 200 000) 160 000 | 180 000       | recovery 20 000        | 65 000    |
| 3    | 220 000      | 430 000        | min(200 000; 215 000; 220 000) 200 000 | 160 000       | second tranche 40 000  | 0         |

Before the third year an addendum brings its award to EUR 200 000. Screenshots: `screenshots/three-years/`.
"""

import shutil
from contextlib import suppress
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from calls.models import Call
from evaluation.models import CallCeiling
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.portal.story import companies, papers
from monitoring.domain import agreements, members
from monitoring.models import Network, Recovery, Settlement, Tranche
from tests.factories.monitoring import IBAN, ApplicationFactory, award
from tests.guards.browser import SCREENSHOTS
from tests.journeys.conftest import Stage
from tests.journeys.steps.journey import ACCOUNT_MANAGER, APPLICANT, FINANCIAL_OFFICER, Journey, euro

PATIENCE = 15_000
TITLE = "Circulair Bouwen Vlaanderen"


class Play:
    """The three people at their own windows, one album, one clock."""

    def __init__(self, stage: Stage, network: Network, clock: Any) -> None:
        album = SCREENSHOTS / "three-years"
        shutil.rmtree(album, ignore_errors=True)
        album.mkdir(parents=True)
        self.stage, self.clock, self.code = stage, clock, network.code
        self.seats = {
            email: Journey(page=stage.page_of(email), url=stage.url, album=album, title=TITLE, network=network.code)
            for email in (APPLICANT, ACCOUNT_MANAGER, FINANCIAL_OFFICER)
        }
        for seat in self.seats.values():
            seat.page.set_default_timeout(PATIENCE)
        self.worker, self.manager, self.officer = self.seats.values()
        self.taken = 0

    def shot(self, seat: Journey, name: str, *, narrow: bool = False) -> None:
        """One numbering over the three windows."""
        seat.taken, self.taken = self.taken, self.taken + 1
        seat.shot(name, narrow=narrow)

    def year(self, number: int, part: str) -> str:
        return f"/netwerken/{self.code}/jaar/{number}/{part}/"


@pytest.fixture
def play(stage: Stage, clock: Any) -> Play:
    """A signed agreement that starts on 1 January 2027, with two members."""
    clock.set("2026-11-02T10:00")
    manager = User.objects.get(email=ACCOUNT_MANAGER)
    applicant = User.objects.get(email=APPLICANT)
    organisation = Organisation.objects.get(memberships__user=applicant)
    application = ApplicationFactory(call=Call.objects.get(code="2025"), applicant=organisation, title=TITLE)
    agreement = agreements.draft(award(application=application), start_on=date(2027, 1, 1), by=manager)
    # The award was not recorded by a committee: what that would have counted is counted here.
    CallCeiling.objects.filter(call=application.call).update(awarded_count=1, awarded_amount=Decimal(675_000))
    agreements.set_account_number(agreement.network, IBAN, by=manager)
    agreements.sign(agreement, founded_on=date(2025, 3, 1), signatories="Fonds en voorzitter", by=manager)
    for serial in range(2):
        company = companies.company(serial)
        members.register(
            agreement.network, name=company.name, enterprise_number=company.enterprise_number, joined_on=date(2027, 1, 1),
            yearly_fee=Decimal(3000), by=applicant, street=company.street, postcode=company.postcode,
            municipality=company.municipality, contact_email=company.contact_email,
        )  # fmt: skip
    stage.work()
    return Play(stage, agreement.network, clock)


@pytest.mark.browser
@pytest.mark.rule("PAY-02")
@pytest.mark.rule("PAY-05")
@pytest.mark.rule("PAY-07")
@pytest.mark.rule("SUB-04")
def test_three_project_years_with_a_shortfall_a_recovery_and_an_amendment(play: Play) -> None:
    _start(play)
    _year_one_falls_short(play)
    _year_two_is_paid_too_much(play)
    _an_addendum_lowers_the_third_year(play)
    _year_three_is_as_it_should_be(play)
    _what_stands_afterwards(play)


# ---------------------------------------------------------------- the years


def _start(play: Play) -> None:
    play.clock.set("2027-01-04T09:00")
    play.manager.visit(f"/netwerken/{play.code}/overeenkomst/")
    play.manager.press("Zet het netwerk als lopend")
    play.manager.sees("Lopend")
    play.shot(play.manager, "gestart")


def _year_one_falls_short(play: Play) -> None:
    _collect(play, 1, "150.000", paid_on="2027-06-15", read_on="2027-07-01T10:00")
    play.manager.visit(f"/netwerken/{play.code}/?jaar=1")
    play.manager.reads("Wacht op cofinanciering", euro("180.000,00"))
    play.shot(play.manager, "jaar-1-onder-de-drempel")
    _report(play, 1, "450.000", on="2028-01-20T10:00")
    _settle(play, 1, payable="150.000,00", forfeited="75.000,00", balance="150.000,00")
    _release(play, 1, "150.000,00")
    play.worker.visit(f"/netwerken/{play.code}/?jaar=1")
    play.worker.reads(euro("75.000"))
    play.shot(play.worker, "jaar-1-voor-het-netwerk")
    play.shot(play.worker, "jaar-1-voor-het-netwerk-smal", narrow=True)


def _year_two_is_paid_too_much(play: Play) -> None:
    _collect(play, 2, "200.000", paid_on="2028-05-15", read_on="2028-06-01T10:00")
    _propose(play, 2, "180.000,00")
    _release(play, 2, "180.000,00")
    _report(play, 2, "320.000", on="2029-01-20T10:00")
    _settle(play, 2, payable="160.000,00", forfeited="65.000,00", balance="20.000,00")
    play.manager.reads("Terug te betalen")
    play.stage.work()
    recovery = Recovery.objects.get()
    play.worker.visit(f"/betalingen/terugvorderingen/{recovery.pk}/")
    play.worker.reads(euro("20.000,00"), "Er kwam nog niets terug.")
    play.shot(play.worker, "terugvordering-voor-het-netwerk")
    play.clock.set("2029-03-01T10:00")
    play.officer.visit(f"/betalingen/terugvorderingen/{recovery.pk}/")
    play.officer.main.get_by_text("Terugbetaling noteren").click()
    play.officer.fill({"Bedrag (euro)": "20.000", "Ontvangen op": "2029-02-27"})
    play.officer.press("Noteer")
    play.officer.sees("Alles is terugbetaald")
    play.shot(play.officer, "terugbetaald")


def _an_addendum_lowers_the_third_year(play: Play) -> None:
    play.clock.set("2029-03-05T10:00")
    play.manager.visit(f"/netwerken/{play.code}/overeenkomst/addendum/bedragen/")
    play.manager.fill({
        "Projectjaar 3 (euro)": "200.000",
        "Waarom wijzigt de overeenkomst?": "Het netwerk werkt het derde jaar met een kleinere ploeg.",
    })  # fmt: skip
    addendum = papers.pdf("addendum-1.pdf", ["Addendum 1", TITLE, "Derde jaar: 200 000 euro"])
    play.manager.main.locator("input[type=file]").set_input_files(play.manager.payload(addendum))
    play.shot(play.manager, "addendum")
    play.manager.press("Leg het addendum vast")
    play.manager.sees("Addendum 1 is vastgelegd.")
    play.manager.reads(euro("200.000,00"))
    play.shot(play.manager, "overeenkomst-met-addendum")
    play.stage.work()


def _year_three_is_as_it_should_be(play: Play) -> None:
    _collect(play, 3, "220.000", paid_on="2029-05-15", read_on="2029-06-01T10:00")
    _propose(play, 3, "160.000,00")
    _release(play, 3, "160.000,00")
    _report(play, 3, "430.000", on="2030-01-20T10:00")
    _settle(play, 3, payable="200.000,00", forfeited="0,00", balance="40.000,00")
    _release(play, 3, "40.000,00")
    play.worker.visit(f"/netwerken/{play.code}/?jaar=3")
    play.shot(play.worker, "jaar-3-voor-het-netwerk")
    play.manager.visit(f"/netwerken/{play.code}/")
    play.shot(play.manager, "drie-jaren-voor-de-accountmanager")
    play.shot(play.manager, "drie-jaren-voor-de-accountmanager-smal", narrow=True)


def _what_stands_afterwards(play: Play) -> None:
    """The same in the database, every euro from its evidence, and nothing went wrong in a window."""
    tranches = Tranche.objects.order_by("award_year__project_year", "number")
    assert [(t.award_year.project_year, t.number, str(t.amount), t.state) for t in tranches] == [
        (1, 2, "150000.00", "paid"),
        (2, 1, "180000.00", "paid"),
        (3, 1, "160000.00", "paid"),
        (3, 2, "40000.00", "paid"),
    ]
    settled = Settlement.objects.order_by("award_year__project_year")
    assert [(str(s.payable), str(s.balance), str(s.forfeited)) for s in settled] == [
        ("150000.00", "150000.00", "75000.00"),
        ("160000.00", "-20000.00", "65000.00"),
        ("200000.00", "40000.00", "0.00"),
    ]
    assert Recovery.objects.get().repaid_on is not None
    play.stage.work()
    breaches = StringIO()
    with suppress(SystemExit):  # the text says which
        call_command("check_invariants", stdout=breaches)
    assert breaches.getvalue() == ""
    assert [fault for seat in play.seats.values() for fault in seat.faults] == []


# ---------------------------------------------------------------- what comes back each year


def _collect(play: Play, year: int, amount: str, *, paid_on: str, read_on: str) -> None:
    """Two members pay half each; the account manager accepts both in one go."""
    play.clock.set(read_on)
    half = f"{int(amount.replace('.', '')) // 2}"
    for serial in range(2):
        invoice = f"F-{year}-{serial + 1}"
        play.worker.visit(play.year(year, "bijdragen/nieuw"))
        play.worker.choose("Lid dat betaalt", companies.company(serial).name)
        play.worker.choose("Soort bijdrage", "Lidgeld")
        play.worker.fill({
            "Bedrag zonder btw (euro)": half, "Factuurnummer": invoice, "Factuurdatum": paid_on, "Ontvangen op": paid_on,
            "Diensten op de factuur": "Lidmaatschap van het netwerk",
        })  # fmt: skip
        play.worker.main.get_by_label("De factuur verwijst naar het clusterproject").check()
        proof = papers.pdf(f"{invoice}.pdf", [f"Factuur {invoice}", TITLE, f"{half} euro"])
        play.worker.main.locator("input[type=file]").set_input_files(play.worker.payload(proof))
        play.worker.press("Bewaar")
        play.worker.reads(invoice)
    play.shot(play.worker, f"jaar-{year}-bijdragen")
    play.manager.visit(play.year(year, "bijdragen"))
    play.manager.press("Aanvaard alles zonder opmerking")
    play.manager.reads(euro(f"{amount},00"))
    play.shot(play.manager, f"jaar-{year}-aanvaard")


def _propose(play: Play, year: int, amount: str) -> None:
    """The first tranche, from its page."""
    play.manager.visit(f"/betalingen/{play.code}/jaar/{year}/schijf/1/")
    play.manager.reads(euro(amount))
    play.shot(play.manager, f"jaar-{year}-voorstel")
    play.manager.press("Stel de schijf voor")
    play.manager.sees("De schijf is voorgesteld.")


def _release(play: Play, year: int, amount: str) -> None:
    """The other person releases what waits, a worker makes the order, and the payment is confirmed."""
    waiting = Tranche.objects.get(award_year__network__code=play.code, award_year__project_year=year, state="proposed")
    play.officer.visit(f"/betalingen/schijf/{waiting.pk}/")
    play.officer.reads(euro(amount))
    play.officer.press("Geef vrij")
    play.officer.sees("De schijf is vrijgegeven.")
    play.stage.work()
    play.officer.page.reload()
    play.officer.press("Bevestig de betaling")
    play.officer.sees("De betaling is bevestigd")
    play.shot(play.officer, f"jaar-{year}-schijf-{waiting.number}-betaald")


def _report(play: Play, year: int, costs: str, *, on: str) -> None:
    """The report of a year that is over, approved as it stands, after which the year closes for contributions."""
    play.clock.set(on)
    play.worker.visit(play.year(year, "verslag"))
    play.worker.press(f"Begin het verslag van jaar {year}")
    play.worker.fill({
        "Projectstatus": f"Jaar {year} verliep volgens plan; de stuurgroep kwam vier keer samen.",
        "Behaalde resultaten": "Drie werkgroepen en een gezamenlijke proefopstelling.",
        "Succesverhalen": "Vier bedrijven brachten samen een nieuw product op de markt.",
        "Personeel": costs, "Overhead": "0", "Werking": "0", "Extern": "0", "Mensmaanden": "30",
        "Verdeelsleutel van de overhead": "Mensmaanden van het project tegenover die van de hele organisatie.",
    })  # fmt: skip
    indicators = play.worker.main.locator("section", has=play.worker.page.get_by_role("heading", name="2. Indicatoren"))
    for field in indicators.locator("input").all():
        field.fill("3")
    for box in play.worker.main.get_by_role("checkbox").all():
        box.check()
    play.shot(play.worker, f"jaar-{year}-verslag")
    play.worker.press("Bewaar en dien in")
    play.worker.sees("Ingediend door")
    play.manager.visit(play.year(year, "verslag"))
    play.shot(play.manager, f"jaar-{year}-verslag-nalezen")
    play.manager.press("Keur het verslag goed")
    play.manager.sees("Dit verslag is goedgekeurd.")
    play.manager.visit(play.year(year, "bijdragen"))
    play.manager.press("Sluit af voor bijdragen")
    play.manager.sees_heading("Afrekening")


def _settle(play: Play, year: int, *, payable: str, forfeited: str, balance: str) -> None:
    """What the preview says is what is fixed; with a balance the second tranche is proposed at once."""
    play.manager.visit(f"/betalingen/{play.code}/jaar/{year}/afrekening/")
    play.manager.reads(euro(payable), euro(forfeited), euro(balance))
    play.shot(play.manager, f"jaar-{year}-afrekening-voorbeeld")
    play.manager.press("Reken af")
    expect(play.manager.main).to_contain_text("Deze afrekening ligt vast.")
    play.manager.reads(euro(payable), euro(forfeited), euro(balance))
    play.shot(play.manager, f"jaar-{year}-afgerekend")
