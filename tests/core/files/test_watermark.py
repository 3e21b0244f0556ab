"""A copy that leaves says for whom it was made, and when; the stored file stays as it is (CONF-01)."""

from io import BytesIO

import pikepdf
import pytest
from openpyxl import Workbook, load_workbook

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.files import watermark
from ibnportal.core.files.http import respond
from ibnportal.core.files.store import read_bytes
from tests.factories.core import StaffFactory, StoredFileFactory, UserFactory, pdf_bytes

pytestmark = pytest.mark.rule("CONF-01")


def sent(answer):
    """What the answer carries; only its file is closed, for closing the answer would end the test's connection."""
    with answer.file_to_stream:
        return b"".join(answer.streaming_content)


def drawn(content):
    """What the pages draw, as one text."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [b"".join(stream.read_bytes() for stream in _streams(page)) for page in pdf.pages]


def _streams(page):
    found = page.obj.Contents
    return list(found) if isinstance(found, pikepdf.Array) else [found]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.EXPERT, Role.COMMITTEE_MEMBER])
def test_experts_and_committee_get_a_marked_copy_and_the_trail_keeps_it(role, clock):
    clock.set("2026-06-10T10:00")
    user, stored = StaffFactory(role=role, full_name="Els Mertens (UGent)"), StoredFileFactory(name="werkplan.pdf")
    answer = respond(stored, by=user, confidential=True)
    pages = drawn(sent(answer))
    assert all(rb"Kopie voor Els Mertens \(UGent\), 10/06/2026 om 10.00 uur" in page for page in pages)
    assert b"Kopie voor" not in read_bytes(stored)
    assert "Els Mertens" in trail.history(stored).last().changes["mark"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CASE_HANDLER, Role.SECRETARY])
def test_the_case_team_gets_the_file_as_it_is(role):
    stored = StoredFileFactory()
    answer = respond(stored, by=StaffFactory(role=role), confidential=True)
    assert sent(answer) == read_bytes(stored)


@pytest.mark.django_db
def test_an_applicant_gets_the_own_file_as_it_is():
    stored = StoredFileFactory()
    assert sent(respond(stored, by=UserFactory(), confidential=True)) == read_bytes(stored)


@pytest.mark.django_db
def test_what_is_not_confidential_is_not_marked():
    """A decision sheet carries its own proof: a mark would break it."""
    stored = StoredFileFactory()
    answer = respond(stored, by=StaffFactory(role=Role.COMMITTEE_MEMBER))
    assert sent(answer) == read_bytes(stored)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_every_page_is_marked_whichever_way_it_is_turned(turned):
    with pikepdf.open(BytesIO(pdf_bytes(3))) as pdf:
        for page in pdf.pages:
            page.rotate(turned, relative=False)
        out = BytesIO()
        pdf.save(out)
    pages = drawn(watermark.mark_pdf(out.getvalue(), "Kopie voor An"))
    assert [page.count(b"(Kopie voor An) Tj") for page in pages] == [2, 2, 2]


def test_a_workbook_says_it_in_its_properties_and_keeps_its_cells():
    book, out = Workbook(), BytesIO()
    book.active["A1"] = "=1+1"
    book.save(out)
    found = load_workbook(BytesIO(watermark.mark_office(out.getvalue(), "Kopie voor An & Bo")))
    assert (found.properties.description, found.active["A1"].value) == ("Kopie voor An & Bo", "=1+1")
