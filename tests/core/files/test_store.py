import os
import time
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import Blob, StoredFile
from ibnportal.core.invariants import breaches
from tests.factories.core import StoredFileFactory, UserFactory, pdf_bytes

HOURS = 3600


def upload(content, name="brief.pdf"):
    return SimpleUploadedFile(name, content)


def age(path, hours):
    moment = time.time() - hours * HOURS
    os.utime(path, (moment, moment))


@pytest.mark.django_db
class TestStore:
    def test_keeps_the_bytes_under_their_hash(self, clock):
        user, content = UserFactory(), pdf_bytes(2)
        stored = store.store(upload(content), by=user, kind=FileKind.LETTER_PDF)
        assert (stored.name, stored.pages, stored.size, stored.stored_by) == ("brief.pdf", 2, len(content), user)
        assert stored.stored_at == clock.now()
        assert store.read_bytes(stored) == content
        assert store.path_of(stored.sha256).parts[-4:] == (
            "blobs",
            stored.sha256[:2],
            stored.sha256[2:4],
            stored.sha256,
        )
        assert trail.history(stored).get().changes["sha256"] == stored.sha256

    def test_the_same_bytes_are_kept_once(self):
        first = store.store(upload(pdf_bytes(), "een.pdf"), by=UserFactory(), kind=FileKind.LETTER_PDF)
        second = store.store(upload(pdf_bytes(), "twee.pdf"), by=UserFactory(), kind=FileKind.LETTER_PDF)
        assert first.blob == second.blob
        assert Blob.objects.count() == 1

    def test_a_refused_file_leaves_nothing(self):
        with pytest.raises(DomainError, match=r"“brief\.pdf” is geen PDF"):
            store.store(upload(b"tekst"), by=UserFactory(), kind=FileKind.LETTER_PDF)
        assert not StoredFile.objects.exists()
        assert not Blob.objects.exists()

    def test_fifty_megabytes_are_refused_before_they_are_read(self):
        large = upload(b"%PDF-")
        large.size = 50 * 1024 * 1024
        with pytest.raises(DomainError, match="50,0 MB, en er mag hoogstens 20 MB"):
            store.store(large, by=UserFactory(), kind=FileKind.LETTER_PDF)

    def test_what_the_portal_made_is_stored_by_the_system(self):
        stored = store.store_bytes(pdf_bytes(), name="fiche.pdf", kind=FileKind.GENERATED_PDF, by=None)
        assert stored.stored_by.full_name == "Systeem"


@pytest.mark.django_db
class TestSweepAndVerify:
    def test_a_rollback_leaves_an_orphan_that_is_swept_after_an_hour(self):
        with transaction.atomic():
            path = store.path_of(StoredFileFactory().sha256)
            transaction.set_rollback(True)
        assert path.exists()
        assert list(store.verify_store()) == []
        assert store.sweep() == 0
        age(path, hours=2)
        assert list(store.verify_store()) == [f"file {path.name}: older than an hour and without a row"]
        assert store.sweep() == 1
        assert not path.exists()

    def test_what_has_a_row_is_never_swept(self):
        stored = StoredFileFactory()
        age(store.path_of(stored.sha256), hours=100)
        assert store.sweep() == 0
        assert list(store.verify_store()) == []

    def test_what_a_crash_left_half_written_is_swept(self):
        folder = store.path_of(StoredFileFactory().sha256).parent
        half = folder / "half.tmp"
        half.write_bytes(b"x")
        age(half, hours=2)
        assert store.sweep() == 1
        assert not half.exists()

    def test_an_orphan_that_is_stored_again_is_young_again(self):
        stored = StoredFileFactory(content=pdf_bytes())
        path = store.path_of(stored.sha256)
        age(path, hours=2)
        StoredFileFactory(content=pdf_bytes())
        assert path.stat().st_mtime > time.time() - 60

    def test_a_missing_file_is_a_breach(self):
        stored = StoredFileFactory()
        store.path_of(stored.sha256).unlink()
        assert ("file store equals its register", f"blob {stored.sha256}: the file is missing") in list(breaches())

    def test_a_changed_file_is_a_breach(self):
        stored = StoredFileFactory()
        path = store.path_of(stored.sha256)
        path.write_bytes(path.read_bytes().replace(b"proef", b"andre")[::-1])
        assert list(store.verify_store()) == [f"blob {stored.sha256}: the file differs from its hash or size"]


@pytest.mark.django_db(transaction=True)
def test_storing_the_same_content_at_once_keeps_it_once():
    user, content, names = UserFactory(), pdf_bytes(), [f"{number}.pdf" for number in range(6)]
    failures = []

    def keep(name):
        try:
            store.store_bytes(content, name=name, kind=FileKind.LETTER_PDF, by=user)
        except Exception as error:  # noqa: BLE001 - a thread must not hide it
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=keep, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert StoredFile.objects.count() == 6
    assert Blob.objects.count() == 1
    assert list(store.verify_store()) == []
