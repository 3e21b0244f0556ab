"""From the award to the settled first year: agreement, members, contributions, two tranches, the yearly report.

The money, so that every figure can be followed: EUR 220 000 awarded a year, accepted contributions of EUR 154 880 in cash and
EUR 38 720 of income (193 600, 88 %), accepted costs of EUR 422 400 of which half is 211 200. So the first tranche is
80 % of 220 000 = 176 000, the year is worth min(220 000; 211 200; 193 600) = 193 600, the second tranche is 17 600 and
26 400 is forfeited.
"""

from playwright.sync_api import expect

from ibnportal.portal.story import companies, papers
from tests.journeys.steps.journey import ACCOUNT_MANAGER, APPLICANT, FINANCIAL_OFFICER, Journey, euro

SEPARATE_BOOKS = "De begunstigde opent een afzonderlijke boekhouding voor het netwerk."
IBAN = "BE68 5390 0754 7034"


def account_manager_drafts_the_agreement(journey: Journey) -> None:
    journey.travel("overeenkomst")
    journey.become(ACCOUNT_MANAGER)
    journey.shot("accountmanager-mijn-werk")
    journey.task(f"Maak de overeenkomst op voor {journey.title}")
    journey.reads(euro("220.000,00"), euro("660.000,00"))
    journey.press("Maak de overeenkomst op")
    journey.sees("De overeenkomst is opgemaakt.")
    journey.network = journey.page.url.split("/netwerken/")[1].split("/")[0]
    journey.fill({"Rekeningnummer (IBAN)": IBAN})
    journey.press("Bewaar het nummer")
    journey.shot("accountmanager-overeenkomst")


def agreement_waits_for_its_blocking_condition(journey: Journey) -> None:
    """Signing is refused as long as the start condition is not met, and says so."""
    _sign(journey)
    journey.reads("De overeenkomst kan nog niet ondertekend worden.", f"Nog niet vervuld: {SEPARATE_BOOKS}")
    journey.shot("accountmanager-ondertekening-geweigerd")
    journey.main.get_by_text("Zet als vervuld").first.click()
    journey.fill({"Hoe is de voorwaarde vervuld?": "De boekhouder heeft een afzonderlijk dagboek geopend."})
    journey.main.get_by_role("button", name="Vervuld", exact=True).first.click()
    journey.sees("De voorwaarde staat als vervuld.")
    _sign(journey)
    journey.sees("Start", "Zet het netwerk als lopend")
    journey.shot("accountmanager-ondertekend")


def _sign(journey: Journey) -> None:
    journey.fill(
        {
            "Begunstigde opgericht op": "2025-03-01",
            "Ondertekenaars": "Fonds voor Innoveren en Ondernemen; de voorzitter",
        }
    )
    signed = papers.pdf("overeenkomst.pdf", ["Overeenkomst", journey.title, "Ondertekend door beide partijen"])
    journey.main.locator("#ondertekenen input[type=file]").set_input_files(journey.payload(signed))
    journey.press("Leg de ondertekening vast")


def network_starts(journey: Journey) -> None:
    journey.travel("jaar-1")
    journey.task(journey.title, action="Start het netwerk")
    journey.press("Zet het netwerk als lopend")
    journey.sees("Lopend")


def beneficiary_registers_members(journey: Journey) -> None:
    journey.become(APPLICANT)
    journey.shot("netwerk-mijn-werk")
    journey.task(journey.title, action="Schrijf in")
    for serial in range(3):
        company = companies.company(serial)
        journey.fill({
            "Naam": company.name, "Ondernemingsnummer": company.enterprise_number, "Lid sinds": "2027-01-15",
            "Jaarlijks lidgeld": "3.000",
        })  # fmt: skip
        journey.press("Schrijf in")
        expect(journey.main.get_by_role("rowheader", name=company.name)).to_be_visible()
    journey.shot("netwerk-leden")


def beneficiary_enters_contributions(journey: Journey) -> None:
    """Two fees, income of an event, and a federation's sponsoring that can never count."""
    journey.task(journey.title, action="Voer bijdragen in")
    journey.reads(euro("176.000,00"), euro("220.000,00"))
    _enter(journey, "F-2027-001", "77.440", member=0, kind="Lidgeld")
    _enter(journey, "F-2027-002", "77.440", member=1, kind="Lidgeld")
    _enter(journey, "F-2027-100", "38.720", member=2, kind="Inkomsten")
    _enter(journey, "F-2027-200", "5.000", member=None, kind="Sponsoring")
    journey.reads("COF-19")
    journey.shot("netwerk-bijdrage-van-federatie")
    journey.visit(f"/netwerken/{journey.network}/jaar/1/bijdragen/")
    journey.reads("F-2027-001", "F-2027-200", euro("77.440,00"))
    journey.shot("netwerk-bijdragen")
    journey.shot("netwerk-bijdragen-smal", narrow=True)


def _enter(journey: Journey, invoice: str, amount: str, *, member: int | None, kind: str) -> None:
    journey.visit(f"/netwerken/{journey.network}/jaar/1/bijdragen/nieuw/")
    if member is None:
        journey.fill({"Naam van de betaler": "Federatie van Voorbeeldbedrijven"})
        journey.fill({"Ondernemingsnummer van de betaler": companies.enterprise_number(990)})
        journey.choose("Soort betaler", "ederatie")
    else:
        journey.choose("Lid dat betaalt", companies.company(member).name)
    journey.choose("Soort bijdrage", kind)
    journey.fill({
        "Bedrag zonder btw (euro)": amount, "Factuurnummer": invoice, "Factuurdatum": "2027-03-15", "Ontvangen op": "2027-04-20",
        "Diensten op de factuur": "Deelname aan het netwerk",
    })  # fmt: skip
    journey.main.get_by_label("De factuur verwijst naar het clusterproject").check()
    proof = papers.pdf(f"{invoice}.pdf", [f"Factuur {invoice}", journey.title, f"{amount} euro"])
    journey.main.locator("input[type=file]").set_input_files(journey.payload(proof))
    journey.press("Bewaar")
    journey.reads(invoice)


def account_manager_judges_the_contributions(journey: Journey) -> None:
    journey.become(ACCOUNT_MANAGER)
    journey.task(journey.title, action="Beoordeel")
    journey.press("Aanvaard alles zonder opmerking")
    journey.reads(euro("193.600,00"), euro("154.880,00"), euro("38.720,00"))
    journey.follow("F-2027-200", within=journey.main)
    expect(journey.main.get_by_role("button", name="Aanvaard")).to_have_count(0)
    journey.choose("Regel", "COF-19")
    journey.fill({"Reden": "Bijdragen van federaties tellen niet mee."})
    journey.press("Telt niet mee")
    journey.visit(f"/netwerken/{journey.network}/jaar/1/bijdragen/")
    journey.reads("Bijdragen van federaties tellen niet mee. (COF-19)", euro("193.600,00"))
    journey.shot("accountmanager-bijdragen-beoordeeld")


def first_tranche_is_proposed_and_not_released_by_the_proposer(journey: Journey) -> None:
    journey.task(journey.title, action="Stel voor")
    journey.reads(euro("176.000,00"), euro("193.600,00"))
    journey.shot("accountmanager-voorstel-eerste-schijf")
    journey.press("Stel de schijf voor")
    journey.sees("De schijf is voorgesteld.")
    expect(journey.main.get_by_role("button", name="Geef vrij")).to_have_count(0)
    journey.shot("accountmanager-schijf-voorgesteld")


def financial_officer_releases_and_a_worker_makes_the_order(journey: Journey) -> None:
    journey.become(FINANCIAL_OFFICER)
    journey.shot("financieel-mijn-werk")
    journey.task(journey.title, action="Kijk na en geef vrij")
    journey.reads(euro("176.000,00"), "Ilse Claes")
    with journey.worker() as finished:
        journey.press("Geef vrij")
        journey.sees("De schijf is vrijgegeven.")
        finished("monitoring.payment_order")
    journey.page.reload()
    address = journey.main.get_by_role("link", name="betaalopdracht").first.get_attribute("href")
    assert journey.page.request.get(journey.url + str(address)).body().startswith(b"%PDF")
    journey.shot("financieel-betaalopdracht")
    _confirm_payment(journey)


def _confirm_payment(journey: Journey) -> None:
    journey.press("Bevestig de betaling")
    journey.sees("De betaling is bevestigd")


def second_proposal_is_impossible(journey: Journey) -> None:
    """The address of the proposal leads to the tranche that is there."""
    journey.become(ACCOUNT_MANAGER)
    journey.visit(f"/betalingen/{journey.network}/jaar/1/schijf/1/")
    journey.reads("Betaald", euro("176.000,00"))
    expect(journey.main.get_by_role("button", name="Stel de schijf voor")).to_have_count(0)
    journey.visit("/betalingen/")
    journey.shot("accountmanager-betalingen")


def beneficiary_reports(journey: Journey) -> None:
    journey.travel("afrekening")
    journey.become(APPLICANT)
    journey.task(journey.title, action="Schrijf het verslag")
    journey.press("Begin het verslag van jaar 1")
    journey.fill({
        "Projectstatus": "Het netwerk draait volgens plan; de stuurgroep kwam vier keer samen.",
        "Behaalde resultaten": "Drie werkgroepen, twaalf bijeenkomsten en de eerste gezamenlijke proefopstelling.",
        "Succesverhalen": "Vier bedrijven brachten samen een nieuw product op de markt.",
        "Actieve ondernemingen": "3", "Nieuwe actieve ondernemingen": "3", "Samenwerkingsinitiatieven": "4",
        "Opgestarte innovatie-initiatieven": "2", "Bijeenkomsten over hergebruik": "12", "Bedrijven met een hergebruikt product": "4",
        "Personeel": "299.200", "Overhead": "52.800", "Werking": "70.400", "Extern": "0", "Mensmaanden": "30",
        "Verdeelsleutel van de overhead": "Mensmaanden van het project tegenover die van de hele organisatie.",
    })  # fmt: skip
    for box in journey.main.get_by_role("checkbox").all():
        box.check()
    journey.shot("netwerk-jaarverslag")
    journey.press("Bewaar en dien in")
    journey.sees("Ingediend door An Peeters")
    journey.reads(euro("422.400,00"))


def account_manager_approves_and_closes(journey: Journey) -> None:
    journey.become(ACCOUNT_MANAGER)
    journey.task(journey.title, action="Lees na")
    journey.shot("accountmanager-jaarverslag")
    journey.press("Keur het verslag goed")
    journey.sees("Dit verslag is goedgekeurd.")
    journey.follow("Bijdragen", within=journey.page.get_by_role("navigation", name="Onderdelen van het netwerk"))
    journey.press("Sluit af voor bijdragen")
    journey.sees_heading("Afrekening")


def year_is_settled(journey: Journey) -> None:
    """Worth 193 600, of which 176 000 is paid; the rest of the award is lost."""
    journey.task(journey.title, action="Reken af")
    journey.reads(euro("211.200,00"), euro("193.600,00"), euro("17.600,00"), euro("26.400,00"))
    journey.shot("accountmanager-afrekening-voorbeeld")
    journey.press("Reken af")
    journey.reads(euro("17.600,00"), euro("26.400,00"))
    journey.shot("accountmanager-afgerekend")


def second_tranche_is_released_by_the_other(journey: Journey) -> None:
    expect(journey.main.get_by_role("button", name="Geef vrij")).to_have_count(0)
    journey.become(FINANCIAL_OFFICER)
    journey.task(journey.title, action="Kijk na en geef vrij")
    journey.reads(euro("17.600,00"))
    journey.press("Geef vrij")
    journey.sees("De schijf is vrijgegeven.")
    journey.perform_outbox()
    journey.page.reload()
    _confirm_payment(journey)
    journey.shot("financieel-tweede-schijf-betaald")


def beneficiary_sees_the_settled_year(journey: Journey) -> None:
    journey.become(APPLICANT)
    journey.visit(f"/netwerken/{journey.network}/?jaar=1")
    journey.reads(euro("193.600"), euro("26.400"), euro("220.000"))
    journey.shot("netwerk-eerste-jaar-afgerekend")
    journey.shot("netwerk-eerste-jaar-afgerekend-smal", narrow=True)


STEPS = (
    account_manager_drafts_the_agreement,
    agreement_waits_for_its_blocking_condition,
    network_starts,
    beneficiary_registers_members,
    beneficiary_enters_contributions,
    account_manager_judges_the_contributions,
    first_tranche_is_proposed_and_not_released_by_the_proposer,
    financial_officer_releases_and_a_worker_makes_the_order,
    second_proposal_is_impossible,
    beneficiary_reports,
    account_manager_approves_and_closes,
    year_is_settled,
    second_tranche_is_released_by_the_other,
    beneficiary_sees_the_settled_year,
)
