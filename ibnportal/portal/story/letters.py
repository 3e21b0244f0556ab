"""What a register of letters looks like halfway: a list taken in, companies invited, one that signed, one that declined, a scan to pair."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from applications.documents import letter_list, spearhead_list
from applications.domain import invitations, letter_lists, letter_uploads, letters, spearheads
from applications.models import Application
from ibnportal.core.accounts.models import User
from ibnportal.core.files import pdf_text, store
from ibnportal.core.files.kinds import FileKind
from ibnportal.portal.story import companies, papers

FIRST, COUNT = 180, 5
STROKES = [[[20, 100], [120, 40], [220, 150], [320, 60]], [[330, 90], [420, 110], [500, 80], [560, 120]]]


def leave_open(application: Application, *, by: User) -> None:
    """Five companies from a list, four of them invited, and two scans of which one could be paired."""
    some = [companies.company(serial) for serial in range(FIRST, FIRST + COUNT)]
    found = letter_lists.keep(application, _list(some), by=by)
    letter_lists.take_in(found, letter_list.read(store.read_bytes(found.file), name=found.file.name), by=by)
    rows = {letter.enterprise_number: letter for letter in application.letters.filter(phase=application.phase)}
    sent = [invitations.invite(rows[company.enterprise_number], by=by) for company in some[:4]]
    invitations.opened(sent[1])
    invitations.decline(sent[2], reason="Dit jaar hebben we er de mensen niet voor; volgend jaar graag wel.")
    signer = some[3]
    fields = {name: getattr(rows[signer.enterprise_number], name) for name in letters.FIELDS}
    fields |= dict.fromkeys(("declares_mandate", "declares_support", "declares_cofinancing"), True)
    invitations.sign(
        sent[3], fields=fields, signer_name=signer.contact_name, signer_function="zaakvoerder", strokes=STROKES
    )
    scans = [
        papers.signed_letter(some[4].name, application.title, "vooraanmelding"),
        papers.pdf("scan0012.pdf", ["Intentiebrief"], ["Getekend, onleesbaar"]),
    ]
    letter_uploads.receive(application, scans, read=pdf_text.text_of, by=by)


def _list(some: list[companies.Company]) -> SimpleUploadedFile:
    book = load_workbook(BytesIO(letter_list.template()))
    for row, company in enumerate(some, start=2):
        values = (
            company.name, company.enterprise_number, company.contact_name, company.contact_email, company.street,
            company.postcode, company.municipality,
        )  # fmt: skip
        for column, value in enumerate(values, start=1):
            book[letter_list.SHEET].cell(row, column, value)
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("ondernemingen.xlsx", out.getvalue())


def member_list(handler: User) -> None:
    """A dated list of an invented spearhead cluster, so that the screening has something to compare with."""
    lines = [
        "Naam;Ondernemingsnummer",
        *(f"{one.name};{one.enterprise_number}" for one in map(companies.company, range(0, 60, 3))),
    ]
    upload = SimpleUploadedFile("leden-speerpunt.csv", "\n".join(lines).encode("utf-8-sig"))
    stored = store.store(upload, by=handler, kind=FileKind.IMPORT_LIST)
    reading = spearhead_list.read(store.read_bytes(stored), name=stored.name)
    spearheads.keep(
        cluster="Speerpuntcluster Proef",
        as_of=date(2025, 12, 31),
        source="website van de cluster",
        reading=reading,
        file=stored,
        by=handler,
    )
