"""Forty letters at once through the page: all arrive whole, a row each, for a bounded number of queries (DOC-04).

Printed only: the time beside that of keeping and reading as many files, which is ten times as quick: each letter is a transaction
of its own, with its trail and its row looked up again, so that one bad file stops none of the others.
"""

import hashlib
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import LetterUpload
from ibnportal.core.files import pdf_text, store
from ibnportal.core.files.kinds import FileKind
from tests.factories.applications import ApplicationFactory, add_letters, small_pdf

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

LETTERS = 40


def timed(deed):
    with CaptureQueriesContext(connection) as captured:
        began = time.process_time()
        deed()
        return time.process_time() - began, len(captured)


def test_forty_letters_at_once_arrive_whole(client, clock):
    draft = ApplicationFactory()
    rows = add_letters(draft, LETTERS // 2, signed=False)
    names = [f"{row.enterprise_number}.pdf" for row in rows] + [f"scan {serial}.pdf" for serial in range(LETTERS // 2)]
    files = [small_pdf(name) for name in names]
    sent = {file.name: hashlib.sha256(file.read()).hexdigest() for file in files}
    for file in files:
        file.seek(0)
    client.force_login(draft.representative)
    address = f"/dossiers/{draft.number}/brieven/opladen/"
    taken, queries = timed(lambda: client.post(address, {"letters": files}))
    kept = LetterUpload.objects.filter(application=draft).select_related("file__blob")
    assert {upload.file.name: upload.file.sha256 for upload in kept} == sent
    assert sum(upload.letter_id is not None for upload in kept) == len(rows)

    others = [small_pdf(f"floor {serial}.pdf") for serial in range(LETTERS)]

    def keep_and_read():
        for file in others:
            pdf_text.text_of(file.read())
            file.seek(0)
            store.store(file, by=draft.representative, kind=FileKind.LETTER_PDF)

    floor, least = timed(keep_and_read)
    print(
        f"\n{LETTERS} letters at once: {taken * 1000:.0f} ms, {queries} queries; keeping and reading as many files alone {floor * 1000:.0f} ms,"
        f" {least} queries; ratio {taken / floor:.1f}"
    )
    assert queries / LETTERS <= 30
