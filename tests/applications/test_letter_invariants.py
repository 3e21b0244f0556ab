"""What must always be true of the register of letters, and that a breach of it is told."""

import pytest

from applications import invariants
from applications.domain import invitations, letter_uploads, letters
from applications.models import Letter, LetterUpload
from ibnportal.core.files import pdf_text
from tests.applications.domain.test_invitations import bare, sign
from tests.factories.applications import ApplicationFactory, add_letters, small_pdf


@pytest.fixture
def draft(db, clock):
    draft = ApplicationFactory()
    sign(invitations.invite(bare(draft), by=draft.representative))
    (row,) = add_letters(draft, 1, signed=False)
    letter_uploads.receive(
        draft, [small_pdf(f"{row.enterprise_number}.pdf")], read=pdf_text.text_of, by=draft.representative
    )
    return draft


def breaches():
    return [*invariants.letters_signed_online(), *invariants.uploaded_letters()]


def test_what_companies_sign_and_people_upload_agrees(draft):
    assert breaches() == []


def test_a_letter_changed_behind_its_companys_back_is_told(draft):
    signed = draft.letters.get(signed_online_at__isnull=False)
    Letter.objects.filter(pk=signed.pk).update(commitment_amount=1_000_000)
    assert breaches() == [f"letter {signed.pk}: changed since its company signed it"]


def test_a_signature_without_its_invitation_is_told(draft):
    signed = draft.letters.get(signed_online_at__isnull=False)
    signed.online_signature.delete()
    assert len(breaches()) == 2


def test_a_pdf_of_another_dossier_is_told(draft):
    other = ApplicationFactory()
    (foreign,) = add_letters(other, 1)
    upload = LetterUpload.objects.get()
    LetterUpload.objects.filter(pk=upload.pk).update(letter=foreign)
    assert breaches() == [f"upload {upload.pk}: paired with a letter of another dossier or phase"]


def test_a_removed_letter_leaves_nothing_crooked(draft):
    for letter in draft.letters.all():
        letters.remove(letter, by=draft.representative)
    assert breaches() == []
