"""Phase 2 as the applicant lives it: thirty new letters, the budget workbook, the co-financing plan, the indicators, submitting."""

import re

from playwright.sync_api import Locator, expect

from applications.domain import letters
from applications.models import Application
from calls.enums import CostType
from ibnportal.core.accounts.models import User
from ibnportal.core.files.kinds import XLSX
from ibnportal.portal.story import companies, papers
from ibnportal.portal.story.companies import Company
from tests.factories.applications import fill_budget
from tests.journeys.steps.journey import APPLICANT, CASE_HANDLER, Journey, euro
from tests.journeys.steps.phase1 import add_letter, answer_every_section, declare
from tests.journeys.steps.selection import judge_every_check

SENTENCE = "We bouwen dit samen met de deelnemende bedrijven uit, met duidelijke afspraken over wie wat doet."
PHASE = "volledige aanvraag"
RENEWED_BY_HAND = 3


def applicant_opens_the_full_dossier(journey: Journey) -> None:
    journey.travel("fase-2")
    journey.become(APPLICANT)
    journey.shot("aanvrager-gepreselecteerd")
    journey.task(journey.title)
    journey.press("Begin de volledige aanvraag")
    journey.sees("De volledige aanvraag staat klaar.")
    journey.follow("Gegevens", within=_rail(journey))
    journey.page.get_by_label("Bestaande organisatie als begunstigde").select_option(
        label="Circulair Bouwen Vlaanderen vzw"
    )
    journey.fill({"Start van het project": "2027-01-01", "Duur in maanden": "36"})
    journey.press("Bewaar")
    journey.sees("De gegevens zijn bewaard.")
    journey.shot("aanvrager-gegevens-fase-2")
    answer_every_section(journey, text=SENTENCE)


def _rail(journey: Journey) -> Locator:
    return journey.page.get_by_role("navigation", name="Onderdelen")


def applicant_renews_and_adds_letters(journey: Journey) -> None:
    """Who signed in phase 1 is taken over by one click and signs again; others are new: thirty valid letters in all."""
    journey.task(journey.title)
    journey.follow("Intentiebrieven", within=_rail(journey))
    journey.sees("Nog niet opnieuw getekend")
    journey.shot("aanvrager-brieven-overnemen")
    for serial in range(RENEWED_BY_HAND):
        journey.visit(f"/dossiers/{journey.number}/brieven/")
        journey.main.get_by_text("Toon welke").click()
        journey.press(re.compile(f"^Neem over.*{re.escape(companies.company(serial).name)}"))
        declare(journey)
        journey.choose_file(
            "Ondertekende brief", papers.signed_letter(companies.company(serial).name, journey.title, PHASE)
        )
        journey.press("Bewaar de brief")
        journey.sees("is bewaard en telt mee")
    for serial in (12, 13):
        add_letter(journey, companies.company(serial), phase=PHASE)
        journey.sees("is bewaard en telt mee")
    # The rest by the verbs behind the form, to save minutes of typing; the form itself was walked many times by now.
    for serial in (*range(RENEWED_BY_HAND, 10), *range(14, 32)):
        _add_by_verb(journey, companies.company(serial))
    journey.visit(f"/dossiers/{journey.number}/brieven/")
    journey.reads("30 van 30")
    journey.shot("aanvrager-dertig-brieven")
    journey.shot("aanvrager-dertig-brieven-smal", narrow=True)


def _add_by_verb(journey: Journey, company: Company) -> None:
    application = Application.objects.get(number=journey.number)
    writer = User.objects.get(email=APPLICANT)
    facts = {name: getattr(company, name) for name in Company.__dataclass_fields__ if name != "name"}
    letter = letters.add(
        application,
        by=writer,
        company_name=company.name,
        declares_mandate=True,
        declares_support=True,
        declares_cofinancing=True,
        **facts,
    )
    letters.sign(letter, papers.signed_letter(company.name, journey.title, PHASE), by=writer)


def applicant_plans_the_work(journey: Journey) -> None:
    """One package of ninety person-months as in the budget, a milestone, the cluster manager, and what is always declared."""
    journey.follow("Werkplan", within=_rail(journey))
    journey.follow("Voeg een werkpakket toe")
    journey.fill({
        "Titel": "Hergebruik op de werf", "Doel": SENTENCE, "Activiteiten": SENTENCE, "Trekker": "Veerle Goossens", "Eerste maand": "1",
        "Laatste maand": "37", "Mensmaanden": "90", "Resultaten die opgeleverd worden": "Materialenpaspoort",
    })  # fmt: skip
    journey.press("Bewaar")
    journey.reads("kies een maand van 1 tot 36")
    journey.fill({"Laatste maand": "36"})
    journey.press("Bewaar")
    journey.sees("is bewaard")
    journey.follow("Voeg een mijlpaal toe")
    journey.fill({"Mijlpaal": "Eerste proefwerf", "Maand": "12", "Verifieerbaar resultaat": "Verslag van de werf"})
    journey.press("Bewaar")
    journey.sees("is bewaard")
    journey.shot("aanvrager-werkplan")
    journey.shot("aanvrager-werkplan-smal", narrow=True)
    journey.follow("Team", within=_rail(journey))
    journey.follow("Voeg iemand toe")
    journey.fill({"Naam": "Veerle Goossens", "Functie": "Clustermanager", "VTE": "1"})
    journey.page.get_by_label("Is de clustermanager").check()
    journey.page.get_by_label("Het netwerk leiden is de hoofdopdracht").check()
    journey.press("Bewaar")
    journey.sees("is bewaard")
    journey.shot("aanvrager-team")
    journey.follow("Omstandigheden", within=_rail(journey))
    journey.page.get_by_label("De begunstigde houdt de kosten").check()
    journey.press("Bewaar")
    journey.sees("Uw verklaringen zijn bewaard.")
    journey.shot("aanvrager-omstandigheden")


def applicant_uploads_the_budget(journey: Journey) -> None:
    journey.follow("Begroting", within=_rail(journey))
    template = journey.download(lambda: journey.follow("Download het rekenblad"))
    _upload(journey, fill_workbook(template, personnel_year_2="veel"))
    journey.reads("Er is niets veranderd", "Personeel jaar 2", "C5", "veel")
    journey.shot("aanvrager-begroting-fouten")
    _upload(journey, fill_workbook(template))
    journey.sees("De begroting is gelezen en bewaard als versie 1.")
    journey.reads(euro("1.320.000"), euro("660.000"), euro("220.000,00"), "2,5")
    journey.shot("aanvrager-begroting")
    journey.shot("aanvrager-begroting-smal", narrow=True)


def _upload(journey: Journey, content: bytes) -> None:
    journey.choose_file("Ingevuld rekenblad", ("begroting.xlsx", XLSX, content))
    journey.press("Laad op en lees na")


def fill_workbook(template: bytes, *, personnel_year_2: float | str = 308_000) -> bytes:
    """EUR 440 000 and 30 person-months in each of the three years, typed into the downloaded workbook as Excel would."""
    personnel = (308_000, personnel_year_2, 308_000)
    costs = (
        ("Clustermanager en projectmedewerkers", CostType.PERSONNEL, personnel, (30, 30, 30), ""),
        ("Overhead", CostType.OVERHEAD, (52_800,) * 3, (), "Volgens het deel van de voltijdse medewerkers op het project."),
        ("Evenementen en communicatie", CostType.OPERATING, (57_200,) * 3, (), ""),
        (
            "Begeleiding verdienmodel", CostType.EXTERNAL, (22_000,) * 3, (),
            "Kennis die het netwerk zelf niet heeft en maar kort nodig is.",
        ),
    )  # fmt: skip
    return fill_budget(template, costs)


def applicant_plans_the_cofinancing(journey: Journey) -> None:
    journey.follow("Cofinanciering", within=_rail(journey))
    _contribution(journey, 0, year=1, kind="Lidgeld", amount="88.000", payer_kind="federatie")
    journey.sees("Een bijdrage van dit soort betaler telt nooit mee: Federatie.")
    journey.shot("aanvrager-cofinanciering-geweigerd")
    for year in (1, 2, 3):
        for serial in (0, 1):
            _contribution(journey, serial, year=year, kind="Lidgeld", amount="88.000")
            journey.sees("is bewaard")
        _contribution(journey, 2, year=year, kind="Inkomsten", amount="44.000")
        journey.sees("is bewaard")
    years = journey.main.get_by_role("table", name="Stand per projectjaar").get_by_role(
        "row", name=re.compile(r"^Jaar \d")
    )
    expect(years.filter(has_text="Sluitend")).to_have_count(3)
    journey.reads(euro("176.000,00"), euro("44.000,00"), "80")
    journey.shot("aanvrager-cofinanciering")
    journey.shot("aanvrager-cofinanciering-smal", narrow=True)


def _contribution(
    journey: Journey, serial: int, *, year: int, kind: str, amount: str, payer_kind: str = "onderneming"
) -> None:
    company = companies.company(serial)
    journey.fill(
        {"Onderneming": company.name, "Ondernemingsnummer": company.enterprise_number, "Bedrag (euro)": amount}
    )
    journey.choose("Soort betaler", payer_kind)
    journey.choose("Projectjaar", f"Jaar {year}")
    journey.choose("Soort bijdrage", kind)
    journey.press("Voeg toe")


def applicant_sets_the_indicators(journey: Journey) -> None:
    targets = {
        "Actieve ondernemingen": "60", "Nieuwe actieve ondernemingen": "30", "Samenwerkingsinitiatieven": "12",
        "Opgestarte innovatie-initiatieven": "6",
    }  # fmt: skip
    for label, target in targets.items():
        journey.follow("Indicatoren", within=_rail(journey))
        journey.follow(label, within=journey.main, exact=True)
        journey.fill(
            {
                "Referentiewaarde": "0",
                "Streefwaarde": target,
                "Meetmethode": "Telling in het ledenregister, op 31 december.",
            }
        )
        journey.press("Bewaar")
        journey.sees("is bewaard")
    for kind, label in (("1", "Bijeenkomsten over hergebruik"), ("2", "Bedrijven met een hergebruikt product")):
        journey.follow("Voeg een eigen indicator toe")
        journey.fill({
            "Naam": label, "Definitie": f"{label} in het kader van het netwerk.", "Referentiewaarde": "0", "Streefwaarde": "9",
            "Meetmethode": "Telling in het jaarverslag.",
        })  # fmt: skip
        journey.main.get_by_label("Wat meet de indicator?").select_option(index=int(kind))
        journey.press("Bewaar")
        journey.sees("is bewaard")
    journey.shot("aanvrager-indicatoren")


def applicant_submits_the_full_dossier(journey: Journey) -> None:
    journey.follow("Controleren en indienen")
    journey.sees("Wat het portaal ziet: 10 van 10 criteria voldaan")
    journey.shot("aanvrager-controleren-fase-2")
    journey.page.get_by_label("Ik bevestig").check()
    journey.press("Dien in")
    journey.sees("Uw dossier is goed ontvangen")
    journey.perform_outbox()
    journey.shot("aanvrager-ontvangstbewijs-fase-2")


def case_handler_screens_the_full_dossier(journey: Journey) -> None:
    journey.travel("screening-2")
    journey.become(CASE_HANDLER)
    journey.task(journey.title)
    if "/screening/" not in journey.page.url:
        journey.follow("Screening", within=journey.main)
    journey.press("Begin de screening")
    judge_every_check(journey)
    journey.shot("behandelaar-screening-fase-2")
    journey.follow("Ontvankelijk verklaren")
    journey.press("Verklaar ontvankelijk en verstuur")
    journey.sees("ontvankelijk")
    journey.perform_outbox()


STEPS = (
    applicant_opens_the_full_dossier,
    applicant_renews_and_adds_letters,
    applicant_plans_the_work,
    applicant_uploads_the_budget,
    applicant_plans_the_cofinancing,
    applicant_sets_the_indicators,
    applicant_submits_the_full_dossier,
    case_handler_screens_the_full_dossier,
)
