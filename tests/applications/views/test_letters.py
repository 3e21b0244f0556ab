"""The register as an applicant works in it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.domain import invitations, mergers, submission
from applications.models import LetterInvitation, LetterUpload
from ibnportal.core.accounts.enums import Role
from tests.applications.domain.test_invitations import bare, sign
from tests.factories.applications import ApplicationFactory, add_letters, reach, small_pdf


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory()


def url(name, draft, *args):
    return reverse(f"applications:{name}", args=[draft.number, *args])


def test_many_pdfs_by_one_plain_form(as_user, draft):
    (row,) = add_letters(draft, 1, signed=False)
    client = as_user(draft.representative)
    files = [
        small_pdf(f"{row.enterprise_number}.pdf"),
        small_pdf("scan.pdf"),
        SimpleUploadedFile("brief.pdf", b"geen pdf"),
    ]
    page = client.post(url("letters_upload", draft), {"letters": files}, follow=True).content.decode()
    assert "2 brieven bewaard: 1 gekoppeld aan een onderneming, 1 nog te koppelen hieronder." in page
    assert "“brief.pdf” is geen PDF" in page
    assert "1 brief te koppelen" in page


def test_a_script_that_sends_them_one_by_one_gets_a_sentence(as_user, draft):
    client = as_user(draft.representative)
    good = client.post(url("letters_upload", draft), {"letters": small_pdf("scan.pdf")}, headers={"X-Upload": "1"})
    bad = client.post(
        url("letters_upload", draft), {"letters": SimpleUploadedFile("a.pdf", b"x")}, headers={"X-Upload": "1"}
    )
    assert (good.status_code, good.json()) == (200, {"message": "ok", "is_known": False})
    again = client.post(url("letters_upload", draft), {"letters": small_pdf("scan.pdf")}, headers={"X-Upload": "1"})
    assert (again.status_code, again.json()) == (200, {"message": "ok", "is_known": True})
    assert draft.letter_uploads.count() == 1
    assert bad.status_code == 422
    assert bad.json()["message"].startswith("“a.pdf” is geen PDF")


def test_nothing_chosen_is_said(as_user, draft):
    page = as_user(draft.representative).post(url("letters_upload", draft), {})
    assert page.status_code == 422
    assert "Kies minstens één PDF." in page.content.decode()


def test_a_waiting_pdf_is_paired_or_becomes_a_row(as_user, draft):
    (row,) = add_letters(draft, 1, signed=False)
    client = as_user(draft.representative)
    client.post(url("letters_upload", draft), {"letters": [small_pdf("scan 1.pdf"), small_pdf("scan 2.pdf")]})
    first, second = LetterUpload.objects.order_by("pk")
    client.post(url("upload_pair", draft, first.pk), {f"u{first.pk}-letter": row.pk})
    row.refresh_from_db()
    assert row.signed_file.name == "scan 1.pdf"
    client.post(url("upload_pair", draft, second.pk), {f"u{second.pk}-letter": ""})
    assert draft.letters.filter(company_name="scan 2").exists() or draft.letters.count() == 2


@pytest.mark.parametrize("chosen", ["999999", "-1", "abc", "²"])
def test_a_letter_that_is_not_there_is_not_found(as_user, draft, chosen):
    client = as_user(draft.representative)
    client.post(url("letters_upload", draft), {"letters": small_pdf("scan.pdf")})
    upload = LetterUpload.objects.get()
    assert client.post(url("upload_pair", draft, upload.pk), {f"u{upload.pk}-letter": chosen}).status_code == 404


def test_strangers_see_no_upload_and_no_invitation(as_user, draft):
    invitation = invitations.invite(bare(draft), by=draft.representative)
    as_user(draft.representative).post(url("letters_upload", draft), {"letters": small_pdf("scan.pdf")})
    stranger = as_user(ApplicationFactory().representative)
    upload = LetterUpload.objects.get()
    assert stranger.get(url("upload_file", draft, upload.pk)).status_code == 404
    assert stranger.post(url("upload_discard", draft, upload.pk)).status_code == 404
    assert stranger.post(url("letter_link_revoke", draft, invitation.pk)).status_code == 404
    assert stranger.post(url("letters_invite", draft)).status_code == 404


def test_each_invitation_shows_what_became_of_it(as_user, draft, clock):
    rows = [bare(draft, company_name=f"Bedrijf {name}") for name in "ABCDE"]
    sent, opened, signed, declined, revoked = (invitations.invite(row, by=draft.representative) for row in rows)
    invitations.opened(opened)
    sign(signed)
    invitations.decline(declined, reason="Past niet.")
    invitations.revoke(revoked, by=draft.representative)
    client = as_user(draft.representative)
    page = client.get(url("letters", draft)).content.decode()
    for label in ("Verstuurd", "Geopend", "Ondertekend", "Geweigerd", "Ingetrokken", "Past niet."):
        assert label in page
    clock.set(sent.expires_at)
    clock.advance(seconds=1)
    assert "Verlopen" in client.get(url("letters", draft)).content.decode()


def test_invite_all_and_remind_all_tell_how_many(as_user, draft, clock):
    bare(draft)
    bare(draft)
    client = as_user(draft.representative)
    assert "2 uitnodigingen vertrekken." in client.post(url("letters_invite", draft), follow=True).content.decode()
    assert "niemand om uit te nodigen" in client.post(url("letters_invite", draft), follow=True).content.decode()
    clock.advance(days=1)
    assert "2 herinneringen vertrekken." in client.post(url("letters_remind", draft), follow=True).content.decode()


@pytest.mark.rule("P2-SUB-03")
def test_phase_2_shows_who_is_still_to_sign_with_one_button(as_user, draft, clock):
    add_letters(draft, 2)
    reach(draft, "p2_draft")
    clock.set("2026-03-02T10:00")
    client = as_user(draft.representative)
    page = client.get(url("letters", draft)).content.decode()
    assert "2 ondernemingen tekenden bij de vooraanmelding" in page
    assert "Nodig ze allemaal uit" in page
    client.post(url("letters_invite_again", draft))
    assert LetterInvitation.objects.filter(phase=2).count() == 2
    assert "Nodig ze allemaal uit" not in client.get(url("letters", draft)).content.decode()


def test_a_letter_the_company_signed_is_shown_and_not_offered_for_change(as_user, draft):
    row = bare(draft)
    sign(invitations.invite(row, by=draft.representative))
    page = as_user(draft.representative).get(url("letter", draft, row.pk)).content.decode()
    assert "De onderneming tekende zelf" in page
    assert "Bewaar de brief" not in page


def test_the_register_as_a_file_makes_no_formula_of_a_name(as_user, draft):
    add_letters(draft, 1, company_name="=cmd|' /C calc'!A0")
    content = as_user(draft.representative).get(f"{url('letters', draft)}?formaat=csv").content.decode()
    assert "'=cmd|" in content


@pytest.mark.rule("P1-DEC-03")
@pytest.mark.rule("P2-SUB-03")
def test_a_company_of_a_merged_initiative_is_taken_over_from_the_register(as_user, make_user, clock, db):
    clock.set("2026-03-02T10:00")
    lead, joining, stranger = (ApplicationFactory(state="preselected", letters=2) for _ in range(3))
    mergers.merge(lead, joining, reason="Beide aanvragers vragen het.", by=make_user(Role.CASE_HANDLER))
    submission.open_full_dossier(lead, by=lead.representative)
    client = as_user(lead.representative)
    theirs = joining.letters.first()
    page = client.get(url("letters", lead)).content.decode()
    assert theirs.company_name in page
    assert f"Ook de ondernemingen van {joining.title}" in page
    assert client.post(url("letter_renew", lead, stranger.letters.first().pk)).status_code == 404
    answer = client.post(url("letter_renew", lead, theirs.pk))
    taken = lead.letters.get(phase=2)
    assert answer.url == url("letter", lead, taken.pk)
    assert (taken.company_name, taken.is_signed, taken.declares_mandate) == (theirs.company_name, False, False)
