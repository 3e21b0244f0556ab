"""From two experts to the released award and its sheet: evaluation, panel, ranking, committee."""

import re
from io import BytesIO

import pikepdf
from playwright.sync_api import Locator, expect

from tests.journeys.steps.journey import (
    APPLICANT,
    CASE_HANDLER,
    COMMITTEE_MEMBER,
    EXPERTS,
    SECOND_READER,
    SECRETARY,
    Journey,
    euro,
)
from tests.journeys.steps.selection import plan_meeting

MOTIVATION = "De stukken tonen dit voldoende aan en de bedrijven staan er zichtbaar achter."


def case_handler_invites_two_experts(journey: Journey) -> None:
    journey.travel("evaluatie")
    journey.become(CASE_HANDLER)
    journey.task(journey.title)
    journey.follow("Start ze eerst")
    journey.press("Start de beoordeling")
    for name in ("Dirk Jacobs", "Els Mertens"):
        journey.visit(f"/behandeling/{journey.number}/beoordeling/deskundigen/")
        option = journey.main.get_by_label("Deskundige").get_by_role("option").filter(has_text=name)
        journey.main.get_by_label("Deskundige").select_option(option.get_attribute("value"))
        journey.fill({"Scores verwacht tegen": "2026-06-24"})
        journey.press("Zoek banden en nodig uit")
        journey.sees(name)
    journey.perform_outbox()
    journey.shot("behandelaar-deskundigen")


def experts_declare_and_score(journey: Journey) -> None:
    for position, expert in enumerate(EXPERTS):
        journey.become(expert)
        journey.task(journey.number)
        journey.sees_not(journey.title)
        if position == 0:
            journey.shot("deskundige-verklaring")
        journey.page.get_by_label("Nee, ik heb geen enkel belang").check()
        journey.page.get_by_label("Ik houd alles uit dit dossier vertrouwelijk").check()
        journey.press("Onderteken de verklaring")
        journey.sees("Het dossier is nu open voor u")
        if position == 0:
            journey.shot("deskundige-scores-leeg-smal", narrow=True)
        score_every_criterion(journey, "Goed" if position == 0 else "Zeer goed")
        for question in ("Twijfelt u zeer sterk", "Ziet u een duidelijk risico op marktverstoring"):
            journey.main.get_by_role("group", name=question).get_by_text("Nee", exact=True).click()
        if position == 0:
            journey.shot("deskundige-scores")
        journey.press("Controleer en dien in")
        journey.sees("zijn ingediend. Bedankt.")
    journey.perform_outbox()


def score_every_criterion(journey: Journey, step: str) -> None:
    """The same step and motivation for the sixteen criteria."""
    radio = journey.page.get_by_role("radio", name="Niet-steunbaar", exact=True)
    criteria = journey.main.get_by_role("group").filter(has=radio)
    assert criteria.count() == 16
    for position in range(16):
        criteria.nth(position).get_by_text(step, exact=True).first.click()
    for box in _motivations(journey):
        box.fill(MOTIVATION)


def _motivations(journey: Journey) -> list[Locator]:
    boxes = journey.main.get_by_role("textbox", name=re.compile("^Motivering bij ")).all()
    assert len(boxes) == 16
    return boxes


def panel_advises(journey: Journey) -> None:
    journey.become(CASE_HANDLER)
    journey.visit(f"/behandeling/{journey.number}/beoordeling/")
    journey.shot("behandelaar-scores-naast-elkaar")
    journey.follow("Schrijf het advies")
    for group in (
        journey.main.get_by_role("group").filter(has=journey.page.get_by_text("Niet-steunbaar", exact=True)).all()
    ):
        group.locator("label").get_by_text("Goed", exact=True).click()
    for box in _motivations(journey):
        box.fill("De deskundigen komen tot dezelfde vaststelling.")
    journey.fill({
        "Sterktes": "Sterk engagement van de bedrijven.", "Zwaktes": "De opvolging van resultaten kan scherper.",
        "Geadviseerde steun": "660.000", "Motivering van het advies": "Een gedragen en haalbaar voorstel.",
    })  # fmt: skip
    journey.main.get_by_role("radio", name="Gunstig", exact=True).check()
    journey.shot("behandelaar-paneladvies")
    journey.press("Geef aan een tweede lezer")
    journey.sees("wacht op een tweede lezer")
    journey.become(SECOND_READER)
    journey.task(f"Lees het advies over {journey.number} na")
    journey.reads("Een gedragen en haalbaar voorstel.")
    journey.shot("tweede-lezer-advies")
    journey.press("Keur het advies goed")
    journey.reads("Een gedragen en haalbaar voorstel.")


def secretary_freezes_the_ranking(journey: Journey) -> None:
    journey.travel("beslissing")
    journey.become(SECRETARY)
    journey.task("Bevries de rangschikking")
    journey.sees("Voorlopig")
    journey.press("Bevries rangschikking")
    journey.reads("Versie 1", journey.title, euro("660.000"), euro("3.375.000"))
    journey.shot("secretaris-rangschikking")


def committee_decides(journey: Journey) -> None:
    journey.task("Plan een vergadering van het comité")
    plan_meeting(journey, held_on="2026-07-20")
    journey.shot("secretaris-agenda-fase-2")
    journey.follow("Leg vast")
    journey.main.get_by_role("radio", name="Steun toegekend").check()
    journey.fill({f"Steun jaar {year} (euro)": "220.000" for year in (1, 2, 3)})
    journey.main.get_by_text("Voorwaarden bij de toekenning").click()
    journey.fill({
        "Voorwaarde 1": "De begunstigde opent een afzonderlijke boekhouding voor het netwerk.",
        "Voorwaarde 2": "Jaarlijks overleg met de naburige speerpuntcluster.",
        "Motivering": "Het comité volgt het advies: een gedragen voorstel met duidelijke resultaten voor de bedrijven.",
    })  # fmt: skip
    journey.main.get_by_label("Soort 1").select_option(label="Startvoorwaarde")
    journey.main.get_by_label("Voorwaarde 1 moet vervuld zijn voor de overeenkomst").check()
    journey.main.get_by_label("Soort 2").select_option(label="Bijzondere voorwaarde")
    journey.shot("secretaris-beslissing")
    journey.press("Leg de beslissing vast")
    journey.reads(euro("660.000"))
    journey.become(COMMITTEE_MEMBER)
    journey.task("Vergadering van 20/07/2026")
    journey.reads(journey.title, "Steun toegekend")
    journey.shot("comite-agenda")


def applicant_sees_nothing_before_the_release(journey: Journey) -> None:
    journey.become(APPLICANT)
    journey.visit(f"/dossiers/{journey.number}/")
    journey.sees("Het beslissingscomité beslist over de steun.")
    journey.sees_not("Steun toegekend", re.compile("een gedragen voorstel"), re.compile("Beslissing over de steun"))


def decisions_are_released(journey: Journey) -> None:
    """Released by the secretary; a Celery worker makes the sheet; the applicant finds it in the dossier."""
    journey.become(SECRETARY)
    journey.task("Vergadering van 20/07/2026")
    journey.follow("Beslissingen bekendmaken")
    journey.shot("secretaris-bekendmaken-fase-2")
    with journey.worker() as finished:
        journey.press("Maak bekend en verstuur")
        journey.sees("bekendgemaakt")
        finished("evaluation.decision_sheet")
    journey.become(APPLICANT)
    journey.visit(f"/dossiers/{journey.number}/")
    journey.reads("Steun toegekend", euro("660.000"), "afzonderlijke boekhouding")
    journey.shot("aanvrager-beslissing")
    sheet = journey.download(lambda: journey.follow("Download de projectfiche"))
    _is_tagged_pdf(sheet)
    journey.code = _code_on(journey)


def _code_on(journey: Journey) -> str:
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", journey.main.inner_text())
    assert found
    return found[0]


def _is_tagged_pdf(content: bytes) -> None:
    assert content.startswith(b"%PDF")
    with pikepdf.open(BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root
        assert str(document.Root.Lang).startswith("nl")


def visitor_verifies_the_sheet(journey: Journey) -> None:
    journey.leave()
    journey.visit("/fiche/controle/")
    journey.fill({"Code op de fiche": journey.code})
    journey.press("Controleer de code")
    journey.sees("Deze fiche is echt en geldig")
    journey.reads(journey.title, "Steun toegekend")
    journey.shot("bezoeker-fiche-gecontroleerd")
    journey.fill({"Code op de fiche": "2222-2222-2222"})
    journey.press("Controleer de code")
    expect(journey.main.get_by_text("Deze fiche kennen we niet")).to_be_visible()


STEPS = (
    case_handler_invites_two_experts,
    experts_declare_and_score,
    panel_advises,
    secretary_freezes_the_ranking,
    committee_decides,
    applicant_sees_nothing_before_the_release,
    decisions_are_released,
    visitor_verifies_the_sheet,
)
