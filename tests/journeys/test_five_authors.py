"""Five authors write one dossier at the same time, one loses the line, two are in one answer, and the signatory hands it in: nothing is lost.

Screenshots: `screenshots/authors/`.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from applications.domain import snapshot
from applications.enums import ApplicationState as S
from applications.models import Answer, Application, DossierAuthor
from calls.models import Section
from ibnportal.core import clock as clock_module
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.invariants import breaches
from tests.factories.applications import ApplicationFactory, complete_full_dossier
from tests.factories.core import UserFactory
from tests.guards.browser import NARROW, WIDE, examine
from tests.journeys.conftest import Stage

SIGNATORY, COLLEAGUE = "aanvrager@demo.example", "collega@demo.example"
INVITED = ("chris@schrijft.example", "dina@schrijft.example", "eddy@schrijft.example")
ALBUM = "authors"
PATIENCE = 15_000


@pytest.fixture
def dossier(stage: Stage, clock: Any) -> Application:
    """A full dossier of the demo organisation in which everything is there; three people from outside write along."""
    clock.set("2026-04-02T21:00")
    organisation = Organisation.objects.get(memberships__user__email=SIGNATORY)
    application = ApplicationFactory(state=S.P2_DRAFT, applicant=organisation, title="Samen Circulair Bouwen")
    complete_full_dossier(application)
    signatory = User.objects.get(email=SIGNATORY)
    for email in INVITED:
        DossierAuthor.objects.create(
            application=application, user=UserFactory(email=email), role="author", added_at=clock_module.now(), added_by=signatory
        )  # fmt: skip
    stage.work()
    return application


@pytest.mark.browser
@pytest.mark.rule("ROL-06")
@pytest.mark.rule("P2-ADM-05")
def test_five_authors_write_one_dossier_and_the_signatory_hands_it_in(
    stage: Stage, dossier: Application, clock: Any
) -> None:
    expect.set_options(timeout=PATIENCE)
    sections = list(dossier.call.sections.filter(phase=2).order_by("position"))
    people = (SIGNATORY, COLLEAGUE, *INVITED)
    # The fifth is where the fourth is.
    places = dict(zip(people, [*sections[:4], sections[3]], strict=True))
    pages = {email: stage.page_of(email) for email in people}
    for email, page in pages.items():
        page.set_default_timeout(PATIENCE)
        page.goto(f"/dossiers/{dossier.number}/onderdeel/{places[email].code}/")
    offline, second = pages[INVITED[0]], pages[INVITED[2]]
    names = {email: str(User.objects.get(email=email)) for email in people}

    offline.context.set_offline(True)
    texts = {email: f"Wat {names[email]} om negen uur ’s avonds schreef." for email in people}
    for email, page in pages.items():
        if page is not second:
            _box(page).fill(texts[email])
    for page in pages.values():
        if page not in (second, offline):
            expect(_status(page)).to_contain_text("Bewaard om")

    _the_line_is_lost_and_comes_back(stage, offline)
    _two_in_one_answer(stage, second, texts[INVITED[2]], names[INVITED[1]])
    assert all(stage.faults_of(email) == [] for email in people if pages[email] not in (offline, second))

    page = pages[COLLEAGUE]
    page.goto(f"/dossiers/{dossier.number}/indienen/")
    expect(page.get_by_role("button", name="Dien in")).to_have_count(0)
    page = pages[SIGNATORY]
    page.goto(f"/dossiers/{dossier.number}/indienen/")
    page.get_by_label("Ik bevestig").check()
    page.get_by_role("button", name="Dien in").click()
    expect(page.get_by_role("main")).to_contain_text("goed ontvangen")
    stage.shoot(page, "ontvangen", folder=ALBUM)

    handed_in = dossier.latest_submission(2)
    assert handed_in is not None
    frozen = snapshot.read(handed_in)
    for email in people:
        assert texts[email] in _first_answer(frozen, places[email]), email
    both = Answer.objects.get(application=dossier, question=places[INVITED[1]].questions.all()[0])
    written = " ".join(version.value for version in both.versions.all())
    assert texts[INVITED[1]] in written
    assert texts[INVITED[2]] in written
    assert list(breaches()) == []


def _box(page: Page) -> Any:
    return page.get_by_role("main").locator("textarea").first


def _status(page: Page) -> Any:
    return page.locator("[data-autosave-status]")


def _first_answer(frozen: snapshot.Dossier, section: Section) -> str:
    return next(part for part in frozen.sections if part.code == section.code).answers[0].value


def _the_line_is_lost_and_comes_back(stage: Stage, page: Page) -> None:
    """The page says so in sight, keeps the text, does not go to the browser's own error page, and saves by itself afterwards."""
    expect(_status(page)).to_contain_text("Geen verbinding")
    expect(_status(page)).to_be_in_viewport()
    page.get_by_role("button", name="Bewaar", exact=True).click()
    expect(_status(page)).to_contain_text("bijgehouden")
    stage.shoot(page, "geen-verbinding", folder=ALBUM)
    page.context.set_offline(False)
    expect(_status(page)).to_contain_text("Bewaard om")


def _two_in_one_answer(stage: Stage, page: Page, text: str, other: str) -> None:
    """The second sees who else is there, is told of the newer text, and puts both together."""
    _box(page).fill(text)
    expect(page.locator("[data-others]")).to_contain_text(f"{other} heeft dit onderdeel nu ook open")
    expect(_status(page)).to_contain_text("Klik op Bewaar om beide teksten te zien")
    page.get_by_role("button", name="Bewaar", exact=True).click()
    expect(page.get_by_role("heading", name=f"Tekst van {other}")).to_be_visible()
    assert examine(page) == []
    stage.shoot(page, "beide-teksten", folder=ALBUM)
    page.set_viewport_size(NARROW)
    stage.shoot(page, "beide-teksten-smal", folder=ALBUM)
    page.set_viewport_size(WIDE)
    page.get_by_role("button", name="Zet beide teksten onder elkaar").click()
    expect(_box(page)).to_have_value(f"{text}\n\nWat {other} om negen uur ’s avonds schreef.")
    page.get_by_role("button", name="Bewaar", exact=True).click()
    expect(page.get_by_role("main").get_by_text("Laatst bewaard door").first).to_be_visible()
    expect(page.get_by_role("heading", name=f"Tekst van {other}")).to_have_count(0)
