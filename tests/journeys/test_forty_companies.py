"""Forty companies to a dossier that can be handed in: a list, an invitation for each, answers by link, letters on paper, and the counter.

What a person does is done in the browser; the companies that answer the same way as one before are played by the domain. Screenshots:
`screenshots/letters/`.
"""

import re
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from applications.documents import letter_list
from applications.domain import invitations, letters
from applications.models import Application, LetterInvitation
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.portal.story import companies, papers
from tests.factories.applications import ApplicationFactory, complete_full_dossier, small_pdf
from tests.guards.browser import NARROW, examine
from tests.journeys.conftest import Stage

APPLICANT = "aanvrager@demo.example"
STROKES = [[[20, 100], [120, 40], [220, 150], [320, 60]], [[330, 90], [420, 110], [500, 80], [560, 120]]]
ALBUM = "letters"
FORTY, NEEDED = 40, 30
PATIENCE = 15_000


@pytest.fixture
def dossier(stage: Stage, clock: Any) -> Application:
    """A full dossier of the demo organisation in which everything is there but the letters."""
    clock.set("2026-03-02T10:00")
    organisation = Organisation.objects.get(memberships__user__email=APPLICANT)
    application = ApplicationFactory(state="p2_draft", applicant=organisation, title="Samen Circulair Bouwen")
    complete_full_dossier(application, letters_count=0)
    stage.work()
    mail.outbox.clear()
    return application


@pytest.mark.browser
@pytest.mark.rule("P1-LET-07")
@pytest.mark.rule("P2-ADM-10")
def test_forty_companies_are_invited_and_thirty_valid_letters_let_the_dossier_be_handed_in(
    stage: Stage, dossier: Application, clock: Any
) -> None:
    page = stage.page_of(APPLICANT)
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    register = f"/dossiers/{dossier.number}/brieven/"
    _read_the_list(stage, page, register)
    _invite_everybody(stage, page, register)
    links = [_link_in(message) for message in mail.outbox]
    _sign_on_a_phone(stage, links[0])
    _sign_without_a_script(stage.browser, stage.url, links[1])
    _decline(stage, links[2])
    _two_letters_come_on_paper(stage, page, register, dossier)
    _the_others_answer(dossier, but=5)
    stage.work()

    page.goto(register)
    expect(page.locator("#stand")).to_contain_text("30 van 30")
    stage.shoot(page, "dertig-van-dertig", folder=ALBUM)
    _shoot_narrow(stage, page, "dertig-van-dertig-smal")
    assert examine(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})

    unanswered = LetterInvitation.objects.open().order_by("pk").first()
    assert unanswered is not None
    late = f"/brief/{invitations.token_of(unanswered)}/"
    page.goto(f"/dossiers/{dossier.number}/indienen/")
    expect(page.get_by_role("main")).to_contain_text("30 van 30 geldige brieven")
    page.get_by_label("Ik bevestig").check()
    page.get_by_role("button", name="Dien in").click()
    expect(page.get_by_role("main")).to_contain_text("goed ontvangen")
    assert stage.faults_of(APPLICANT) == []

    visitor = stage.page_of("")
    visitor.goto(late)
    expect(visitor.get_by_role("main")).to_contain_text("Het dossier is al ingediend")
    stage.shoot(visitor, "link-na-indiening", folder=ALBUM)
    stage.work()
    breaches = StringIO()
    with suppress(SystemExit):  # the text says which
        call_command("check_invariants", stdout=breaches)
    assert breaches.getvalue() == ""


def _read_the_list(stage: Stage, page: Page, register: str) -> None:
    """The template, filled with forty companies; first with a slip, which is named by its cell."""
    page.goto(register)
    page.get_by_role("link", name="Lees een lijst in").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download het sjabloon").click()
    book = openpyxl.load_workbook(BytesIO(Path(waiting.value.path()).read_bytes()))
    for row in range(FORTY):
        company = companies.company(row)
        values = (
            company.name, company.enterprise_number, company.contact_name, company.contact_email, company.street,
            company.postcode, company.municipality,
        )  # fmt: skip
        for column, value in enumerate(values, start=1):
            book[letter_list.SHEET].cell(row + 2, column, value)
    right = _bytes(book)
    book[letter_list.SHEET]["B5"] = "0400.000.985"
    _choose(page, _bytes(book))
    expect(page.get_by_role("main")).to_contain_text("Blad Ondernemingen, cel B5")
    stage.shoot(page, "lijst-met-een-fout", folder=ALBUM)
    assert examine(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="laad het opnieuw op").click()
    _choose(page, right)
    expect(page.get_by_role("main")).to_contain_text("40 nieuwe brieven")
    stage.shoot(page, "lijst-nagekeken", folder=ALBUM)
    page.get_by_role("button", name="Lees de lijst in").click()
    expect(page.get_by_role("main")).to_contain_text("40 nieuw, 0 aangevuld")


def _bytes(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _choose(page: Page, content: bytes) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("De ingevulde lijst").set_input_files({"name": "lijst.xlsx", "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Kijk de lijst na").click()


def _invite_everybody(stage: Stage, page: Page, register: str) -> None:
    page.get_by_role("button", name="Nodig 40 ondernemingen uit").click()
    expect(page.get_by_role("main")).to_contain_text("40 uitnodigingen vertrekken.")
    stage.shoot(page, "uitgenodigd", folder=ALBUM)
    stage.work()
    assert len(mail.outbox) == FORTY


def _link_in(message: Any) -> str:
    found = re.search(r"/brief/[\w-]+/", message.body)
    assert found is not None
    return found[0]


def _sign_on_a_phone(stage: Stage, link: str) -> None:
    """A company without an account, on a phone: data, three ticks, a drawn signature."""
    page = stage.page_of("")
    page.goto(link)
    assert examine(page) == []
    page.set_viewport_size(NARROW)
    for box in page.get_by_role("group", name="2. Wat u verklaart").get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Waarom doet uw onderneming mee?").fill("Wij zoeken partners in de keten.")
    page.get_by_label("Financieel engagement").fill("2.500")
    board = page.locator("canvas")
    board.scroll_into_view_if_needed()
    frame = board.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 20, frame["y"] + 40)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(frame["x"] + 20 + step * 20, frame["y"] + (20 if step % 2 else 70))
    page.mouse.up()
    stage.shoot(page, "onderneming-tekent-smal", folder=ALBUM)
    page.get_by_role("button", name="Onderteken en verstuur").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bedankt, uw brief is ondertekend")
    stage.shoot(page, "onderneming-bedankt-smal", folder=ALBUM)
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("werkt niet opnieuw")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert stage.faults_of("") == []


def _sign_without_a_script(browser: Browser, url: str, link: str) -> None:
    """The same page where scripts are off: the letter is printed, signed and uploaded."""
    context = browser.new_context(base_url=url, java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    page.goto(link)
    expect(page.locator("[data-sign-board]")).to_be_hidden()
    for box in page.get_by_role("group", name="2. Wat u verklaart").get_by_role("checkbox").all():
        box.check()
    page.get_by_text("Liever op papier of met een digitale handtekening?").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download de brief als pdf").click()
    assert waiting.value.suggested_filename == "intentiebrief-om-te-ondertekenen.pdf"
    page.get_by_label("Of laad de ondertekende brief op").set_input_files(
        {"name": "getekend.pdf", "mimeType": "application/pdf", "buffer": small_pdf("getekend.pdf").read()}
    )
    page.get_by_role("button", name="Onderteken en verstuur").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bedankt, uw brief is ondertekend")
    context.close()


def _decline(stage: Stage, link: str) -> None:
    page = stage.page_of("")
    page.goto(link)
    page.get_by_text("Uw onderneming doet niet mee?").click()
    page.get_by_label("Waarom niet?").fill("Dit past niet in onze planning van dit jaar.")
    page.get_by_role("button", name="Laat weten dat we niet meedoen").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bedankt voor uw antwoord")


def _two_letters_come_on_paper(stage: Stage, page: Page, register: str, dossier: Application) -> None:
    """Scans dropped together: one is recognised by the name in its text, the other is paired by hand."""
    known, unknown = companies.company(38), companies.company(39)
    scan = papers.signed_letter(known.name, dossier.title, "volledige aanvraag").read()
    page.goto(register)
    page.locator("#id_letters").set_input_files([
        {"name": "scan-0001.pdf", "mimeType": "application/pdf", "buffer": scan},
        {"name": "scan-0002.pdf", "mimeType": "application/pdf", "buffer": small_pdf("scan-0002.pdf").read()},
    ])  # fmt: skip
    page.get_by_role("button", name="Laad de brieven op").click()
    expect(page.get_by_role("main")).to_contain_text("1 brief te koppelen")
    stage.shoot(page, "een-brief-te-koppelen", folder=ALBUM)
    page.get_by_label("Van welke onderneming?").select_option(label=unknown.name)
    page.get_by_role("button", name="Koppel").click()
    expect(page.get_by_role("main")).to_contain_text(f"is nu de brief van {unknown.name}")
    for company in (known, unknown):
        letter = dossier.letters.get(phase=2, enterprise_number=company.enterprise_number)
        by = User.objects.get(email=APPLICANT)
        letters.change(letter, by=by, declares_mandate=True, declares_support=True, declares_cofinancing=True)


def _the_others_answer(dossier: Application, *, but: int) -> None:
    """Companies answer by their link until thirty letters count; `but` draw, the rest give a signed PDF."""
    open_ones = (
        LetterInvitation.objects.open().filter(letter__signed_file=None).select_related("letter", "application__call")
    )
    for serial, invitation in enumerate(open_ones.order_by("pk")):
        if letters.tally(dossier, 2).valid >= NEEDED:
            return
        letter = invitation.letter
        assert letter is not None
        fields = {name: getattr(letter, name) for name in letters.FIELDS}
        fields |= dict.fromkeys(("declares_mandate", "declares_support", "declares_cofinancing"), True)
        how: dict[str, Any] = {"strokes": STROKES} if serial < but else {"upload": small_pdf(f"brief-{serial}.pdf")}
        invitations.sign(invitation, fields=fields, signer_name=letter.contact_name, **how)


def _shoot_narrow(stage: Stage, page: Page, name: str) -> None:
    page.set_viewport_size(NARROW)
    stage.shoot(page, name, folder=ALBUM)
    page.set_viewport_size({"width": 1280, "height": 900})
