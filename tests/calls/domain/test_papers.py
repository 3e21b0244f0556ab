"""A template that was uploaded to read its mail, and of which nothing came."""

import pytest

from applications.models import Document
from calls.domain import papers
from calls.tasks import drop_unused_papers
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.files.models import Blob, StoredFile
from tests.factories.applications import ApplicationFactory, small_pdf
from tests.factories.calls import install_call

pytestmark = pytest.mark.django_db


def test_what_was_kept_and_never_handed_out_goes_after_two_days(clock, make_user):
    admin, call = make_user(Role.ADMINISTRATOR), install_call()
    unused = papers.keep(small_pdf("nooit.pdf", title="Nooit"), by=admin)
    twice = papers.keep(small_pdf("dubbel.pdf", title="Nooit"), by=admin)
    used = papers.keep(small_pdf("wel.pdf", title="Wel"), by=admin)
    papers.add(call, used, code="pitch", kind="pitch", title="Pitch", phase=1, by=admin, reason="Huisstijl")
    clock.advance(hours=47)
    assert drop_unused_papers() == 0
    recent = papers.keep(small_pdf("straks.pdf", title="Straks"), by=admin)
    clock.advance(hours=2)
    assert drop_unused_papers() == 2
    assert not StoredFile.objects.filter(pk__in=(unused.pk, twice.pk)).exists()
    assert not Blob.objects.filter(pk=unused.sha256).exists()
    assert StoredFile.objects.filter(pk__in=(used.pk, recent.pk)).count() == 2
    assert [event.action for event in trail.history(f"files.storedfile:{unused.pk}")] == [
        "storedfile.stored",
        "paper.kept",
        "storedfile.discarded",
    ]
    assert drop_unused_papers() == 0


def test_a_file_that_something_else_holds_stays_and_holds_up_no_other(clock, make_user):
    admin = make_user(Role.ADMINISTRATOR)
    held, unused = (papers.keep(small_pdf(f"{name}.pdf", title=name), by=admin) for name in ("vast", "los"))
    Document.objects.create(
        application=ApplicationFactory(),
        phase=1,
        kind="secondment_agreement",
        file=held,
        added_at=clock.now(),
        added_by=admin,
    )
    clock.advance(hours=49)
    assert drop_unused_papers() == 1
    assert list(StoredFile.objects.filter(pk__in=(held.pk, unused.pk))) == [held]
    assert "storedfile.discarded" not in [event.action for event in trail.history(f"files.storedfile:{held.pk}")]


def test_content_that_somebody_else_stored_too_stays(clock, make_user):
    admin, call = make_user(Role.ADMINISTRATOR), install_call()
    papers.keep(small_pdf("eerst.pdf", title="Zelfde"), by=admin)
    same = papers.add(
        call,
        small_pdf("later.pdf", title="Zelfde"),
        code="pitch",
        kind="pitch",
        title="Pitch",
        phase=1,
        by=admin,
        reason="x",
    )
    clock.advance(days=3)
    assert drop_unused_papers() == 1
    assert Blob.objects.filter(pk=same.file.sha256).exists()
