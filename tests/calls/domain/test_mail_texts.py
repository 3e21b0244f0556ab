"""The wording of a call's notices: checked, versioned, and never without what the portal has to say."""

import pytest
from django.db import DatabaseError, transaction

from applications.domain import notices
from calls.domain import copying, mail_texts
from calls.enums import MailKind
from calls.models import MailText
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.outbox import mail
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import install_call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BODY = "Dag {initiatief}\n\n{kern}\n\nHartelijke groet van {oproep}"


@pytest.fixture
def call():
    return install_call()


@pytest.fixture
def admin(make_user):
    return make_user(Role.ADMINISTRATOR)


def test_without_a_wording_the_portal_speaks(call):
    application = ApplicationFactory(call=call)
    notice = notices.compose(application, "screening_admissible", phase=1)
    assert notice.text.startswith("Beste\n\nUw vooraanmelding")
    assert notice.text.endswith("Het team Innovatieve Bedrijfsnetwerken")


def test_the_call_s_words_stand_around_what_has_to_be_said(call, admin):
    mail_texts.save(
        call, MailKind.SCREENING_ADMISSIBLE, subject="Goed nieuws: {dossiernummer}", body=BODY, by=admin, reason="Toon"
    )
    application = ApplicationFactory(call=call, title="Circulaire {kern}")
    notice = notices.compose(application, "screening_admissible", phase=1)
    assert notice.subject == f"Goed nieuws: {application.number}"
    lines = notice.text.splitlines()
    assert lines[0] == "Dag Circulaire {kern}"  # what is filled in is not filled in again
    assert lines[2].startswith("Uw vooraanmelding")
    assert notice.text.endswith("Hartelijke groet van Oproep 2025 Innovatieve Bedrijfsnetwerken")
    assert "Met vriendelijke groet" not in notice.text


@pytest.mark.parametrize("kind", MailKind.values)
def test_every_notice_has_its_own_text_with_greeting_and_signature(kind):
    source = (mail.get_template(f"mail/{kind}.txt")).template.source
    body = source.partition("\n")[2]
    core = mail_texts.core_of(body)
    assert core
    assert not core.startswith("Beste")
    assert "Met vriendelijke groet" not in core
    assert "Het IBN-portaal" not in core


@pytest.mark.parametrize(
    ("wording", "where", "message"),
    [
        (("", "Dag {naam}\n{kern}"), "body", "{naam} bestaat niet in dit bericht"),
        (("{kern}", "{kern}"), "subject", "past niet in een onderwerp"),
        (("", "Dag"), "body", "Zet {kern} in de tekst"),
        (("", "{kern} en {oproep"), "body", "losse accolade"),
        (("", "{kern} {application.applicant.email}"), "body", "bestaat niet"),
    ],
)
def test_a_wording_names_only_what_exists(call, admin, wording, where, message):
    subject, body = wording
    with pytest.raises(DomainError) as refused:
        mail_texts.save(call, MailKind.RECEIPT, subject=subject, body=body, by=admin, reason="Toon")
    assert [(finding.where, message in finding.message) for finding in refused.value.findings] == [(where, True)]
    assert not MailText.objects.exists()


def test_a_notice_without_a_dossier_cannot_name_one():
    found = mail_texts.check(MailKind.CALL_AMENDED, "", "{kern} {dossiernummer}")
    assert "{dossiernummer} bestaat niet" in found[0].message


def test_once_published_a_reason_is_asked_and_versions_stay(call, admin):
    with pytest.raises(DomainError, match="Schrijf waarom"):
        mail_texts.save(call, MailKind.RECEIPT, subject="", body=BODY, by=admin)
    mail_texts.save(call, MailKind.RECEIPT, subject="", body=BODY, by=admin, reason="Toon")
    mail_texts.save(call, MailKind.RECEIPT, subject="", body=f"{BODY}!", by=admin, reason="Leesteken")
    assert list(call.mail_texts.values_list("version", flat=True)) == [2, 1]
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        MailText.objects.update(body="{kern}")


def test_a_copy_takes_the_newest_wording_along(call, admin):
    for reason, body in (("een", "{kern} een"), ("twee", "{kern} twee")):
        mail_texts.save(call, MailKind.RECEIPT, subject="", body=body, by=admin, reason=reason)
    copy = copying.copy_call(call, code="2027", year=2027, by=admin)
    assert list(copy.mail_texts.values_list("version", "body")) == [(1, "{kern} twee")]
