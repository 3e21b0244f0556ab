"""A completion in the browser, twice: from request to answer, and from request to the end of its term (manual 5.3.2)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from applications.domain import screening, supplements
from applications.enums import ApplicationState as S
from applications.enums import CheckOutcome
from applications.models import Application
from calls.models import Call
from ibnportal.core.accounts.models import User
from ibnportal.portal.story import papers
from ibnportal.portal.story.cast import assemble
from ibnportal.portal.story.play import ACTS
from tests.guards.browser import NARROW, WIDE
from tests.journeys.conftest import Stage

HANDLER = "dossier@demo.example"
LAST_ACT = "Volledige aanvragen indienen"


@pytest.fixture
def dossiers(stage: Stage, clock: Any) -> list[Application]:
    """Two full dossiers as they were handed in; made once for the module."""
    call = Call.objects.get(code="2025")
    if not call.applications.exists():
        clock.run()
        cast = assemble(call, only={"hout", "industrienet"})
        for title, act in ACTS:
            act(cast)
            if title == LAST_ACT:
                break
        stage.work()
    return list(call.applications.order_by("number"))


def representative(dossier: Application) -> str:
    return str(dossier.applicant.legal_representatives()[0].email)


def annex(pages: int) -> dict[str, Any]:
    upload = papers.pdf("annex.pdf", *[[f"Bladzijde {number}"] for number in range(1, pages + 1)])
    return {"name": "annex.pdf", "mimeType": "application/pdf", "buffer": upload.read()}


def ask(page: Page, stage: Stage, dossier: Application, *, section: str = "") -> None:
    """The case handler asks: the mail is read and changed before it goes."""
    page.goto(f"{stage.url}/behandeling/{dossier.number}/vervollediging/")
    page.get_by_label(re.compile("^Wat ontbreekt er")).fill("Licht de taakverdeling in het tweede projectjaar toe.")
    if section:
        page.get_by_label(section, exact=True).check()
    page.get_by_role("button", name="Bekijk de mail").click()
    mail = page.get_by_label(re.compile("^Mail aan de aanvrager"))
    expect(mail).to_contain_text("1. Licht de taakverdeling")
    mail.fill(mail.input_value() + "\n\nBel gerust als iets niet duidelijk is.")
    page.get_by_role("button", name="Verstuur de vraag").click()
    expect(page.get_by_text("De vraag is verstuurd.")).to_be_visible()


@pytest.mark.browser
@pytest.mark.rule("P2-COM-01")
@pytest.mark.rule("P2-COM-03")
def test_a_request_is_answered_and_the_handler_sees_what_changed(
    stage: Stage, clock: Any, dossiers: list[Application]
) -> None:
    dossier = dossiers[0]
    section = dossier.call.sections.filter(phase=2).order_by("position")[0]
    clock.set("2026-05-13T10:00")
    handler = stage.page_of(HANDLER)
    ask(handler, stage, dossier, section=section.title)
    stage.work()

    applicant = stage.page_of(representative(dossier))
    applicant.goto(f"{stage.url}/werk/")
    applicant.get_by_role("article").filter(has_text=dossier.title).get_by_role("link").first.click()
    expect(applicant.get_by_role("main")).to_contain_text("2 juni 2026 om 23.59")
    applicant.get_by_label("Antwoord op punt 1").fill("Twee mensen trekken elk een werkpakket.")
    applicant.locator("textarea[name^=q]").first.fill("We maken de samenvatting concreter.")
    applicant.get_by_label(re.compile("^Bijlage")).set_input_files(annex(6))
    applicant.get_by_role("button", name="Bewaar", exact=True).click()
    expect(applicant.get_by_role("main")).to_contain_text("telt 6 bladzijden")
    expect(applicant.get_by_label("Antwoord op punt 1")).to_have_value("Twee mensen trekken elk een werkpakket.")
    stage.shoot(applicant, "aanvulling-zes-bladzijden", folder="vervollediging")
    applicant.get_by_label(re.compile("^Bijlage")).set_input_files(annex(5))
    clock.set("2026-05-20T16:00")
    applicant.get_by_role("button", name="Verstuur het antwoord").click()
    expect(applicant.get_by_text("Uw antwoord is ontvangen").first).to_be_visible()
    stage.work()

    handler.goto(f"{stage.url}/behandeling/{dossier.number}/screening/")
    handler.get_by_role("button", name="Begin de screening").click()
    expect(handler.get_by_role("main")).to_contain_text("Wat de aanvulling wijzigde")
    expect(handler.get_by_role("main")).to_contain_text("We maken de samenvatting concreter.")
    handler.get_by_role("link", name="Berichten").click()
    for label in ("Vraag om vervollediging", "Vervollediging ontvangen"):
        expect(
            handler.locator("details.notice summary").filter(has_text=label).get_by_text("Verzonden")
        ).to_be_visible()
    stage.shoot(handler, "berichten-met-bewijs", folder="vervollediging")
    assert [fault for fault in stage.faults_of(HANDLER) if "422" not in fault] == []


@pytest.mark.browser
@pytest.mark.rule("P2-COM-06")
@pytest.mark.rule("DAT-11")
def test_a_request_runs_out_and_the_dossier_goes_on_as_it_stands(
    stage: Stage, clock: Any, dossiers: list[Application]
) -> None:
    dossier = dossiers[1]
    clock.set("2026-05-13T10:00")
    handler = stage.page_of(HANDLER)
    ask(handler, stage, dossier)
    applicant = stage.page_of(representative(dossier))
    address = f"{stage.url}/dossiers/{dossier.number}/vervollediging/"
    applicant.goto(address)
    applicant.get_by_label("Antwoord op punt 1").fill("Half geschreven en nooit verstuurd.")
    applicant.get_by_role("button", name="Bewaar", exact=True).click()
    expect(applicant.get_by_text("Bewaard.").first).to_be_visible()

    clock.set("2026-05-28T07:00")
    assert supplements.remind_due() == 1
    applicant.goto(address)
    clock.set("2026-06-03T00:00:00")
    applicant.get_by_role("button", name="Verstuur het antwoord").click()
    expect(applicant.get_by_role("main")).to_contain_text("3 juni 2026 om 00.00.00")
    expect(applicant.get_by_role("main")).to_contain_text("2 juni 2026 om 23.59.59")
    clock.set("2026-06-03T06:00")
    assert supplements.expire_due() == 1
    stage.work()
    applicant.goto(address)
    expect(applicant.get_by_role("main")).to_contain_text("De termijn is voorbij")
    expect(applicant.get_by_role("main")).to_contain_text("Half geschreven en nooit verstuurd.")
    applicant.set_viewport_size(NARROW)
    stage.shoot(applicant, "termijn-voorbij-smal", folder="vervollediging")
    assert applicant.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    applicant.set_viewport_size(WIDE)

    person = User.objects.get(email=HANDLER)
    for check in screening.open_screening(dossier, by=person):
        screening.judge(check, verdict=CheckOutcome.YES, reason="Nagekeken in de stukken.", by=person)
    handler.goto(f"{stage.url}/behandeling/{dossier.number}/screening/")
    handler.get_by_role("link", name="Ontvankelijk verklaren").click()
    handler.get_by_role("button", name="Verklaar ontvankelijk en verstuur").click()
    expect(handler.get_by_text("is ontvankelijk verklaard")).to_be_visible()
    dossier.refresh_from_db()
    assert (dossier.state, dossier.latest_submission(2).version) == (S.P2_ADMISSIBLE, 1)
