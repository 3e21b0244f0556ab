"""From the submitted pre-registration to the released preselection: screening, pitch, advice, committee."""

import re

from playwright.sync_api import expect

from tests.journeys.steps.journey import APPLICANT, CASE_HANDLER, COMMITTEE_MEMBER, SECRETARY, Journey


def case_handler_screens(journey: Journey) -> None:
    journey.travel("screening-1")
    journey.become(CASE_HANDLER)
    journey.shot("behandelaar-mijn-werk")
    journey.task(journey.title)
    _open_screening(journey)
    journey.press("Begin de screening")
    journey.shot("behandelaar-screening")
    judge_every_check(journey)
    journey.shot("behandelaar-screening-klaar")
    journey.follow("Ontvankelijk verklaren en pitch plannen")
    journey.press("Bekijk de mail")
    journey.reads(journey.title, "De mail die vertrekt")
    journey.shot("behandelaar-mail-en-pitchmoment")
    journey.press("Verklaar ontvankelijk en verstuur")
    journey.sees("ontvankelijk")
    journey.perform_outbox()
    journey.visit("/behandeling/pitches/")
    journey.reads(journey.number)
    journey.shot("behandelaar-pitchdagen")


def _open_screening(journey: Journey) -> None:
    """The task may lead to the dossier first; its screening is one link further."""
    if "/screening/" not in journey.page.url:
        journey.follow("Screening", within=journey.main)


def judge_every_check(journey: Journey) -> None:
    """Every criterion gets the verdict "voldaan", with a reason where the machine could not tell."""
    forms = journey.page.get_by_role("form", name="Oordeel over")
    total = journey.main.get_by_role("status").filter(has_text=re.compile(r"\d van \d+ beoordeeld"))
    # A judged form is folded away and no longer counts as a form of the page: the first is always the next.
    amount = forms.count()
    assert amount
    for position in range(1, amount + 1):
        forms.first.get_by_role("radio", name="Voldaan", exact=True).check()
        forms.first.get_by_label("Reden").fill("Nagekeken in de stukken: in orde.")
        forms.first.get_by_role("button", name="Bewaar het oordeel").click()
        expect(total).to_contain_text(f"{position} van {amount} beoordeeld")


def case_handler_holds_the_pitch_and_advises(journey: Journey) -> None:
    journey.travel("pitches")
    journey.task(journey.title)
    journey.fill({
        "Voortraject en gedragenheid": "De trekkers kennen hun achterban en namen haar mee.",
        "Doelstellingen en activiteiten": "De doelen zijn concreet; de planning van het eerste jaar is helder.",
        "Positionering en complementariteit": "Er zijn afspraken met de naburige clusters gemaakt.",
        "Aansluiting bij de oproep en het beleid": "Sluit aan bij de prioriteiten van de oproep.",
    })  # fmt: skip
    journey.press("Sluit de notities af")
    journey.sees("Schrijf nu het advies.")
    journey.fill({
        "Sterktes": "Betrokken bedrijven en een duidelijke nood.", "Zwaktes": "De verdeling van taken kan scherper.",
        "Motivering": "Het voorstel is tijdens de pitch overtuigend toegelicht.",
    })  # fmt: skip
    journey.page.get_by_role("radio", name="Gunstig", exact=True).check()
    journey.shot("behandelaar-advies")
    journey.press("Geef het advies")
    journey.sees("Advies over de vooraanmelding: gunstig")
    journey.shot("behandelaar-dossier-na-advies")


def secretary_records_the_preselection(journey: Journey) -> None:
    journey.travel("preselectie")
    journey.become(SECRETARY)
    journey.shot("secretaris-mijn-werk")
    journey.task("Plan een vergadering van het comité")
    plan_meeting(journey, held_on="2026-02-24")
    journey.shot("secretaris-agenda")
    journey.follow("Leg vast")
    journey.page.get_by_role("radio", name="Gepreselecteerd", exact=True).check()
    journey.fill({"Motivering": "Het comité volgt het advies van het agentschap."})
    journey.press("Leg de beslissing vast")
    _applicant_sees_nothing_yet(journey)
    journey.become(SECRETARY)
    journey.task("Vergadering van 24/02/2026")
    journey.follow("Beslissingen bekendmaken")
    journey.reads(journey.title)
    journey.shot("secretaris-bekendmaken")
    journey.press("Maak bekend en verstuur")
    journey.sees("bekendgemaakt")
    journey.perform_outbox()


def plan_meeting(journey: Journey, *, held_on: str) -> None:
    """Both members take part; call and phase stand in the form as the task proposed them."""
    journey.fill({"Datum": held_on, "Plaats": "Brussel"})
    for box in journey.main.get_by_role("checkbox").all():
        box.check()
    journey.press("Plan de vergadering")
    journey.reads(journey.title)


def _applicant_sees_nothing_yet(journey: Journey) -> None:
    journey.become(APPLICANT)
    journey.visit(f"/dossiers/{journey.number}/")
    journey.sees("Het beslissingscomité beslist over de preselectie.")
    journey.sees_not("Begin de volledige aanvraag")


def committee_member_reads_the_agenda(journey: Journey) -> None:
    journey.become(COMMITTEE_MEMBER)
    journey.shot("comite-mijn-werk")
    journey.visit("/comite/")
    journey.sees_heading("Beslissingscomité")
    journey.shot("comite-vergaderingen")


STEPS = (
    case_handler_screens,
    case_handler_holds_the_pitch_and_advises,
    secretary_records_the_preselection,
    committee_member_reads_the_agenda,
)
