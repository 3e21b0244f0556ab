"""Digital signatures: valid, trusted, intact, by whom; with a certificate authority of our own."""

import pytest

from ibnportal.core import clock
from ibnportal.core.files import checks, signatures
from ibnportal.core.files.kinds import FileKind
from tests.core.files.signing import Authority, added_after
from tests.factories.core import pdf_bytes

AT = clock.moment("2026-01-20T10:00")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def look(content, *roots):
    return signatures.look(content, trust_roots=[item.root for item in roots], at=AT)


@pytest.mark.rule("P1-LET-07")
def test_a_signature_of_a_trusted_issuer(authority):
    (signer,) = look(authority.sign(pdf_bytes()), authority)
    assert (signer.name, signer.issuer) == ("An Claes", "Proef CA")
    assert (signer.is_intact, signer.is_valid, signer.is_trusted, signer.covers_all) == (True, True, True, True)


def test_the_issuer_of_nobody_we_know_is_told_apart_from_a_broken_signature(authority, tmp_path):
    (signer,) = look(authority.sign(pdf_bytes()), Authority(tmp_path, "Andere CA"))
    assert (signer.is_intact, signer.is_valid, signer.is_trusted) == (True, True, False)
    assert "staat niet bij de vertrouwde uitgevers" in signer.remark


@pytest.mark.rule("P1-LET-07")
def test_a_changed_byte_breaks_it(authority):
    signed = authority.sign(pdf_bytes(title="origineel"))
    (signer,) = look(signed.replace(b"origineel", b"vervalst!"), authority)
    assert signer.is_intact is False


def test_what_is_changed_after_signing_is_seen(authority):
    (signer,) = look(added_after(authority.sign(pdf_bytes())), authority)
    assert (signer.is_intact, signer.covers_all) == (False, False)
    assert signer.remark == "Na het tekenen is er nog iets aan het bestand gewijzigd."


def test_two_signatures_are_both_told(authority):
    both = authority.sign(authority.sign(pdf_bytes()), name="Bert Maes", field="Handtekening2")
    assert [signer.name for signer in look(both, authority)] == ["An Claes", "Bert Maes"]


def test_a_scan_has_none(authority):
    assert look(pdf_bytes(), authority) == []


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 /ByteRange [0 1 2 3]", b"geen pdf"])
def test_what_cannot_be_read_is_told_apart_from_none(content):
    assert look(content) is None


def test_a_folder_of_certificates_is_read(authority):
    assert len(signatures.certificates([authority.root.parent])) == 1


def test_a_signed_pdf_passes_the_checks_of_an_upload(authority):
    assert checks.check(authority.sign(pdf_bytes()), name="brief.pdf", kind=FileKind.LETTER_PDF).pages == 1
