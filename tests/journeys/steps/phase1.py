"""Phase 1 as the applicant lives it: reading the call, drafting, letters of intent, submitting."""

from playwright.sync_api import expect

from ibnportal.portal.story import companies, papers
from ibnportal.portal.story.companies import Company
from tests.journeys.steps.journey import APPLICANT, Journey, euro

SENTENCE = "Bouwbedrijven, slopers en materiaalproducenten maken samen hergebruik van bouwelementen gewoon."


def visitor_reads_about_the_programme(journey: Journey) -> None:
    journey.visit("/")
    journey.shot("bezoeker-start")
    journey.shot("bezoeker-start-smal", narrow=True)
    journey.visit("/oproepen/")
    journey.follow("2025")
    journey.reads("10", "30", euro("675.000"))
    journey.shot("bezoeker-oproep")
    journey.visit("/programma/")
    journey.reads("20", euro("4.824.749"), euro("3.767.323"))
    journey.shot("bezoeker-programma")


def applicant_starts_a_pre_registration(journey: Journey) -> None:
    journey.travel("fase-1")
    journey.become(APPLICANT)
    journey.shot("aanvrager-mijn-werk-leeg")
    journey.visit("/dossiers/")
    journey.follow("Start een vooraanmelding")
    journey.fill({"Titel van het initiatief": journey.title})
    journey.press("Start het dossier")
    journey.sees("is gestart")
    journey.number = journey.page.url.rstrip("/").rsplit("/", 1)[-1]
    journey.shot("aanvrager-dossier-gestart")


def applicant_answers_the_questions(journey: Journey) -> None:
    journey.task(journey.title)
    rail = journey.page.get_by_role("navigation", name="Onderdelen")
    journey.follow("Gegevens", within=rail)
    journey.fill({
        "Korte naam": "CIRBO", "Samenvatting": SENTENCE, "Kernwoorden": "bouw, hergebruik, materiaalpaspoort",
        "Sector": "Bouw", "Technologiedomein": "Circulaire economie",
    })  # fmt: skip
    journey.press("Bewaar")
    journey.sees("De gegevens zijn bewaard.")
    _type_too_many_words(journey)
    answer_every_section(journey, text=SENTENCE)
    journey.shot("aanvrager-laatste-onderdeel")


def _type_too_many_words(journey: Journey) -> None:
    """The refused answer stays in its box, with the number of words over."""
    journey.visit(f"/dossiers/{journey.number}/onderdeel/initiatief/")
    too_long = " ".join(["hergebruik"] * 251)
    box = journey.page.get_by_label("Vat het initiatief samen.")
    box.fill(too_long)
    journey.press("Bewaar")
    journey.reads("251", "250")
    expect(box).to_have_value(too_long)
    journey.shot("aanvrager-te-veel-woorden")
    box.fill(SENTENCE)
    journey.press("Bewaar")
    journey.sees("Uw antwoorden zijn bewaard.")


def answer_every_section(journey: Journey, *, text: str) -> None:
    """Each section of the rail in turn: text, choice, number, yes or no."""
    rail = journey.page.get_by_role("navigation", name="Onderdelen")
    addresses = [str(link.get_attribute("href")) for link in rail.get_by_role("link").all()]
    for address in addresses:
        if "/onderdeel/" not in address:
            continue
        journey.visit(address)
        for box in journey.main.get_by_role("textbox").all():
            if box.get_attribute("type") == "date":
                box.fill("2027-01-01")
            elif box.get_attribute("inputmode") == "decimal":
                box.fill("2,5")
            elif box.evaluate("element => element.tagName") == "TEXTAREA":
                box.fill(text)
            else:
                box.fill("circulair bouwen")
        for choice in journey.main.get_by_role("combobox").all():
            choice.select_option(index=1)
        for answer in journey.main.get_by_role("radio", name="Nee").all():
            answer.check()
        journey.press("Bewaar en ga verder")
        journey.sees("bewaard")


def applicant_collects_ten_letters(journey: Journey) -> None:
    _open_letters(journey)
    _letter_with_wrong_check_digits(journey)
    _letter_that_is_no_pdf(journey)
    for serial in range(2, 8):
        add_letter(journey, companies.company(serial))
        journey.sees("is bewaard en telt mee")
    _letter_from_brussels(journey)
    _the_same_company_again(journey)
    add_letter(journey, companies.company(8))
    journey.reads("9 van 10")
    add_letter(journey, companies.company(9))
    journey.reads("10 van 10")
    journey.shot("aanvrager-brieven")
    journey.shot("aanvrager-brieven-smal", narrow=True)


def _open_letters(journey: Journey) -> None:
    journey.task(journey.title)
    journey.follow("Intentiebrieven", within=journey.page.get_by_role("navigation", name="Onderdelen"))


def fill_letter(journey: Journey, company: Company, **other: str) -> None:
    journey.fill({
        "Naam van de onderneming": company.name, "Ondernemingsnummer": other.get("enterprise_number", company.enterprise_number),
        "Contactpersoon": company.contact_name, "E-mail van de contactpersoon": company.contact_email,
        "Straat en nummer": other.get("street", company.street), "Postcode": other.get("postcode", company.postcode),
        "Gemeente": other.get("municipality", company.municipality), "Financieel engagement": "2.500",
    })  # fmt: skip
    declare(journey)


def declare(journey: Journey) -> None:
    """The three declarations of a letter."""
    boxes = journey.page.get_by_role("group", name="Verklaringen in de brief").get_by_role("checkbox")
    for position in range(3):
        boxes.nth(position).check()


def add_letter(journey: Journey, company: Company, *, phase: str = "vooraanmelding", **other: str) -> None:
    """From the register to a new letter and back."""
    journey.visit(f"/dossiers/{journey.number}/brieven/nieuw/")
    fill_letter(journey, company, **other)
    journey.choose_file("Ondertekende brief", papers.signed_letter(company.name, journey.title, phase))
    journey.press("Bewaar de brief")


def _letter_with_wrong_check_digits(journey: Journey) -> None:
    company = companies.company(0)
    wrong = f"{int(company.enterprise_number) + 1:010d}"
    journey.follow("Voeg een brief toe")
    fill_letter(journey, company, enterprise_number=wrong)
    journey.press("Bewaar de brief")
    journey.sees("controlegetal")
    journey.shot("aanvrager-brief-fout-nummer")
    journey.shot("aanvrager-brief-fout-nummer-smal", narrow=True)
    expect(journey.page.get_by_label("Straat en nummer")).to_have_value(company.street)
    journey.fill({"Ondernemingsnummer": company.enterprise_number})
    journey.choose_file("Ondertekende brief", papers.signed_letter(company.name, journey.title, "vooraanmelding"))
    journey.press("Bewaar de brief")
    journey.sees("is bewaard en telt mee")


def _letter_that_is_no_pdf(journey: Journey) -> None:
    """What was typed is kept; the file is refused by what it is, not by its name."""
    company = companies.company(1)
    journey.follow("Voeg een brief toe")
    fill_letter(journey, company)
    journey.choose_file(
        "Ondertekende brief", ("brief.pdf", "application/pdf", b"Dit is gewone tekst, geen PDF.\n" * 20)
    )
    journey.press("Bewaar de brief")
    journey.reads("brief.pdf")
    journey.shot("aanvrager-brief-geen-pdf")
    expect(journey.page.get_by_label("Naam van de onderneming")).to_have_value(company.name)
    journey.choose_file("Ondertekende brief", papers.signed_letter(company.name, journey.title, "vooraanmelding"))
    journey.press("Bewaar de brief")
    journey.sees("is bewaard en telt mee")


def _letter_from_brussels(journey: Journey) -> None:
    add_letter(journey, companies.company(11), street="Havenlaan 86", postcode="1000", municipality="Brussel")
    journey.reads("Vlaamse Gewest")
    journey.shot("aanvrager-brief-brussel")


def _the_same_company_again(journey: Journey) -> None:
    """One company counts once; the register says with which letter it is double."""
    company = companies.company(2)
    add_letter(journey, company)
    journey.reads(f"staat al bij de brief van {company.name}")
    journey.shot("aanvrager-brief-dubbel")


def applicant_submits(journey: Journey) -> None:
    journey.follow("Bijlagen", within=journey.page.get_by_role("navigation", name="Onderdelen"))
    journey.choose_file("bestand", papers.pdf("pitch.pdf", ["Pitch", journey.title], ["Wie wij zijn"]))
    journey.press("Laad op")
    journey.sees("is bewaard")
    journey.task(journey.title)
    journey.follow("Controleren en indienen")
    journey.sees("Wat het portaal ziet: 3 van 3 criteria voldaan")
    journey.shot("aanvrager-controleren")
    second_tab = journey.page.context.new_page()
    second_tab.goto(journey.page.url)
    journey.page.get_by_label("Ik bevestig").check()
    journey.press("Dien in")
    journey.sees("Uw dossier is goed ontvangen")
    journey.perform_outbox()
    journey.page.reload()
    receipt = journey.download(lambda: journey.follow("Download als PDF"))
    assert receipt.startswith(b"%PDF")
    journey.shot("aanvrager-ontvangstbewijs")
    second_tab.get_by_label("Ik bevestig").check()
    second_tab.get_by_role("button", name="Dien in").click()
    expect(second_tab.get_by_role("heading", name=journey.title)).to_be_visible()
    expect(second_tab.get_by_text("al ingediend").first).to_be_visible()
    second_tab.screenshot(path=journey.album / f"{journey.taken:02d}-tweede-tabblad.jpg", full_page=True)
    second_tab.close()


STEPS = (
    visitor_reads_about_the_programme,
    applicant_starts_a_pre_registration,
    applicant_answers_the_questions,
    applicant_collects_ten_letters,
    applicant_submits,
)
