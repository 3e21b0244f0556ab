from io import BytesIO

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404
from django.test import RequestFactory

from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store, uploads
from ibnportal.core.files.http import respond
from ibnportal.core.files.kinds import FileKind
from tests.factories.core import StoredFileFactory, UserFactory, pdf_bytes


def close(response):
    """The file only: `response.close()` would end the test's connection too."""
    for closer in response._resource_closers:
        closer()


@pytest.mark.django_db
class TestRespond:
    def test_sends_a_download_that_can_do_nothing(self):
        stored, user = StoredFileFactory(name="Brief één.pdf"), UserFactory()
        response = respond(stored, by=user)
        assert b"".join(response.streaming_content) == store.read_bytes(stored)
        close(response)
        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Brief%20%C3%A9%C3%A9n.pdf")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cache-Control"] == "private, no-store"

    def test_writes_down_who_fetched_it(self):
        stored, user = StoredFileFactory(), UserFactory()
        close(respond(stored, by=user))
        event = trail.history(stored).last()
        assert (event.action, event.actor) == ("storedfile.downloaded", user)

    def test_shows_a_pdf_in_our_own_pages_only(self):
        response = respond(StoredFileFactory(), by=None, inline=True)
        close(response)
        assert response["Content-Disposition"].startswith("inline")
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"

    def test_a_lost_file_is_absent_and_not_written_down_as_fetched(self, caplog):
        stored = StoredFileFactory()
        store.path_of(stored.sha256).unlink()
        with pytest.raises(Http404):
            respond(stored, by=None)
        assert "is missing" in caplog.text
        assert trail.history(stored).last().action == "storedfile.stored"


def test_an_upload_far_too_large_is_refused_by_its_real_size_and_not_kept(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 100_000)
    request = RequestFactory().post("/", {"brief": BytesIO(b"%PDF-" + b"0" * 21 * 1024 * 1024)})
    request.upload_handlers = [uploads.CappedUploadHandler(request)]
    upload = request.FILES["brief"]
    assert isinstance(upload, TemporaryUploadedFile)
    assert upload.size == 5 + 21 * 1024 * 1024
    upload.seek(0, 2)
    assert upload.tell() < 300_000
    with pytest.raises(DomainError, match="21,0 MB"):
        store.store(upload, by=None, kind=FileKind.LETTER_PDF)
    upload.close()


@pytest.mark.django_db
def test_a_small_upload_is_kept_whole():
    file = BytesIO(pdf_bytes())
    file.name = "brief.pdf"
    request = RequestFactory().post("/", {"brief": file})
    request.upload_handlers = [uploads.CappedUploadHandler(request)]
    stored = store.store(request.FILES["brief"], by=None, kind=FileKind.LETTER_PDF)
    assert store.read_bytes(stored) == pdf_bytes()
    request.FILES["brief"].close()
