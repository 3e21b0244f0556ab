"""The page of a company behind its link: no account, once, and nothing of the dossier but title, summary and applicant."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.domain import drafts, invitations
from applications.models import Letter
from applications.views import company_letter
from tests.applications.domain.test_invitations import STROKES, bare
from tests.factories.applications import ApplicationFactory, add_letters, small_pdf

DECLARED = {"declares_mandate": "on", "declares_support": "on", "declares_cofinancing": "on"}


@pytest.fixture
def draft(db, clock):
    draft = ApplicationFactory(title="Slimme Kranen", summary="Kranen die samen denken.")
    add_letters(draft, 1, company_name="Buurman nv", motivation="Vertrouwelijk buurplan")
    return draft


@pytest.fixture
def invitation(draft):
    return invitations.invite(bare(draft, company_name="Alfa nv"), by=draft.representative)


def link(invitation, name="company_letter"):
    return reverse(f"applications:{name}", args=[invitations.token_of(invitation)])


def typed(invitation, **fields):
    letter = invitation.letter
    names = ("company_name", "enterprise_number", "street", "postcode", "municipality", "contact_name", "contact_email")
    return {
        **{name: getattr(letter, name) for name in names},
        **DECLARED,
        "signer_name": "An Claes",
        "actie": "onderteken",
        **fields,
    }


def post(invitation, **fields):
    return Client().post(link(invitation), typed(invitation, **fields))


def test_the_page_opens_without_an_account_and_shows_only_its_own_letter(draft, invitation):
    drafts.save_facts(draft, by=draft.representative, keywords="geheime kernwoorden")
    page = Client().get(link(invitation))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Slimme Kranen" in text
    assert "Kranen die samen denken." in text
    assert draft.applicant.name in text
    for foreign in ("Buurman", "Vertrouwelijk buurplan", "geheime kernwoorden", draft.number):
        assert foreign not in text
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    invitation.refresh_from_db()
    assert invitation.opened_at is not None


def test_drawing_signs_and_the_link_then_thanks(draft, invitation):
    answer = post(invitation, drawing=json.dumps(STROKES), commitment_amount="2.500,50", role="Testlocatie")
    assert answer.status_code == 302
    letter = Letter.objects.get(pk=invitation.letter_id)
    assert (str(letter.commitment_amount), letter.is_signed, letter.signed_online_by) == ("2500.50", True, "An Claes")
    again = Client().get(link(invitation))
    assert "Bedankt, uw brief is ondertekend" in again.content.decode()
    assert "Slimme Kranen" not in again.content.decode()
    twice = post(invitation, drawing=json.dumps(STROKES), signer_name="Iemand anders")
    assert twice.status_code == 409
    assert "Bedankt, uw brief is ondertekend" in twice.content.decode()
    assert "Wat u nu verstuurde, is niet bewaard" in twice.content.decode()
    assert "is niet bewaard" not in again.content.decode()
    assert Letter.objects.get(pk=letter.pk).signed_online_by == "An Claes"


def test_without_a_script_one_uploads_the_signed_letter(draft, invitation):
    assert post(invitation, signed_file=small_pdf("getekend.pdf")).status_code == 302
    assert Letter.objects.get(pk=invitation.letter_id).signed_file.name == "getekend.pdf"


def test_a_file_that_is_no_pdf_is_one_error_beside_its_field_and_any_other_asks_to_choose_it_again(draft, invitation):
    page = post(invitation, signed_file=SimpleUploadedFile("brief.pdf", b"PK\x03\x04"))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["signed_file"]
    (message,) = page.context["form"].errors["signed_file"]
    assert "“brief.pdf” is geen PDF" in message
    page = post(invitation, signed_file=small_pdf("getekend.pdf"), company_name="")
    assert set(page.context["form"].errors) == {"company_name", "signed_file"}
    assert "Kies het bestand opnieuw" in page.context["form"].errors["signed_file"][0]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_letter_can_be_printed_with_what_was_typed_and_nothing_is_kept(draft, invitation):
    answer = post(invitation, actie="pdf", motivation="Met de hand getekend")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == 'attachment; filename="intentiebrief-om-te-ondertekenen.pdf"'
    letter = Letter.objects.get(pk=invitation.letter_id)
    assert (letter.is_signed, letter.motivation) == (False, "")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({}, "Teken in het kader, of laad de ondertekende brief op als PDF.", id="no signature"),
        pytest.param({"declares_support": ""}, "Zonder deze verklaring telt uw brief niet mee.", id="no declaration"),
        pytest.param({"enterprise_number": "0566.988.258"}, "controlegetal", id="check digits"),
        pytest.param({"postcode": "99999"}, "ten hoogste", id="postcode too long"),
        pytest.param({"postcode": "abcd"}, "geen Belgische postcode", id="postcode"),
        pytest.param({"commitment_amount": "veel"}, "commitment_amount", id="amount"),
        pytest.param({"drawing": "[[[1,1],[2,2]]]"}, "te klein voor een handtekening", id="a dot"),
        pytest.param({"drawing": "kapot"}, "kwam niet goed door", id="broken drawing"),
        pytest.param({"drawing": '[[["a","b"]]]'}, "kwam niet goed door", id="no numbers"),
        pytest.param({"drawing": "[[[1e9,1]]]"}, "kwam niet goed door", id="off the board"),
        pytest.param({"drawing": "[" * 5000}, "kwam niet goed door", id="too deep"),
        pytest.param({"drawing": json.dumps([[[1, 1]] * 4001])}, "kwam niet goed door", id="too many points"),
        pytest.param({"drawing": '{"a": 1}'}, "kwam niet goed door", id="an object"),
        pytest.param({"signed_file": small_pdf("brief.docx")}, "geen PDF-bestand", id="docx"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(draft, invitation, fields, sentence):
    page = post(invitation, **{"motivation": "Dit blijft staan.", **fields})
    text = page.content.decode()
    assert page.status_code == 422
    assert sentence in text
    assert "Dit blijft staan." in text
    assert not Letter.objects.get(pk=invitation.letter_id).is_signed


@pytest.mark.rule("TGT-12")
def test_a_company_that_signs_twice_under_another_spelling_is_told(draft, invitation):
    neighbour = draft.letters.get(company_name="Buurman nv")
    page = post(invitation, drawing=json.dumps(STROKES), enterprise_number=f"BE {neighbour.enterprise_number}")
    assert page.status_code == 422
    assert "Een onderneming telt één keer per fase" in page.content.decode()


def test_declining_is_told_and_the_link_then_thanks(draft, invitation):
    Client().post(link(invitation, "company_decline"), {"reason": "Geen tijd."})
    invitation.refresh_from_db()
    assert invitation.decline_reason == "Geen tijd."
    assert "Bedankt voor uw antwoord" in Client().get(link(invitation)).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda i, c: c.set(i.expires_at) and c.advance(seconds=1), "Die termijn is voorbij", id="expired"),
        pytest.param(lambda i, c: invitations.revoke(i, by=i.sent_by), "trok deze link in", id="revoked"),
        pytest.param(lambda i, c: i.letter.delete(), "trok deze link in", id="letter removed"),
    ],
)
def test_a_link_that_is_over_says_so_kindly(draft, invitation, clock, change, sentence):
    values = typed(invitation, drawing=json.dumps(STROKES))
    change(invitation, clock)
    page = Client().get(link(invitation))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert "Slimme Kranen" not in page.content.decode()
    assert Client().post(link(invitation), values).status_code == 409
    assert Client().post(link(invitation, "company_decline"), {}).status_code == 409


def test_a_wrong_link_does_not_exist_and_guessing_is_slowed(db, clock, monkeypatch):
    monkeypatch.setattr(company_letter, "WRONG_LINKS_AN_HOUR", 2)
    codes = [Client().get(reverse("applications:company_letter", args=[f"geraden-{n}"])).status_code for n in range(4)]
    assert codes == [404, 404, 429, 429]


def test_one_link_is_not_tried_without_end(draft, invitation, monkeypatch):
    monkeypatch.setattr(company_letter, "POSTS_AN_HOUR", 1)
    assert post(invitation).status_code == 422
    answer = post(invitation)
    assert answer.status_code == 429
    assert "Even wachten" in answer.content.decode()
