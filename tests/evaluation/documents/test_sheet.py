"""The decision sheet: frozen, made once, archival and accessible, and verifiable by anyone (DEC-01, DEC-02, REV-04)."""

import hashlib
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluation.documents import sheet as document
from evaluation.domain import sheets
from evaluation.models import Decision, DecisionSheet
from ibnportal.core.accounts.enums import Role
from ibnportal.core.canonical import canonical
from ibnportal.core.errors import WrongState
from ibnportal.core.files.store import read_bytes
from ibnportal.core.invariants import breaches
from ibnportal.core.outbox.models import OutboxMessage
from tests.factories.core import StaffFactory
from tests.factories.evaluation import advised, evaluated, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(clock):
    clock.set("2026-07-20T10:00")
    return released(advised(evaluated(letters=1)))


@pytest.fixture
def made(decision, drain_outbox):
    drain_outbox()
    return DecisionSheet.objects.get(decision=decision)


@pytest.mark.rule("DEC-01", "P2-EVA-04")
def test_the_sheet_says_what_was_decided_scored_and_advised(decision):
    said = decision.sheet.snapshot
    assert said["decision"]["outcome_label"] == "Steun toegekend"
    assert said["decision"]["amount"] == "150000.00"
    assert [(row["year"], row["amount"]) for row in said["years"]] == [
        (1, "50000.00"),
        (2, "50000.00"),
        (3, "50000.00"),
    ]
    assert [len(row["criteria"]) for row in said["dimensions"]] == [2, 9, 5]
    assert said["dimensions"][0]["criteria"][0]["score"] == "Goed"
    assert said["advice"]["recommendation_label"] == "Gunstig"
    assert said["rules_version"] == 1
    assert {row["label"] for row in said["kpis"]} >= {"Actieve ondernemingen"}


@pytest.mark.rule("REV-04")
def test_the_last_day_for_a_review_is_thirty_working_days_after_the_release(decision):
    # From Tuesday 21 July (a holiday) to Tuesday 1 September 2026.
    assert decision.sheet.snapshot["review"] == {"working_days": 30, "until": "2026-09-01"}


@pytest.mark.rule("DEC-01")
def test_a_second_request_gives_the_same_sheet(decision):
    again = sheets.request(decision, by=StaffFactory(role=Role.SECRETARY))
    assert again.pk == decision.sheet.pk
    assert OutboxMessage.objects.filter(topic="evaluation.decision_sheet").count() == 1


def test_there_is_no_sheet_before_the_release_and_none_of_what_was_reconstructed(decision):
    for changes in ({"released_at": None, "released_by": None}, {"is_reconstructed": True}):
        Decision.objects.filter(pk=decision.pk).update(**changes)
        decision.refresh_from_db()
        with pytest.raises(WrongState):
            sheets.request(decision, by=StaffFactory(role=Role.SECRETARY))
        Decision.objects.filter(pk=decision.pk).update(
            released_at=decision.recorded_at, released_by=decision.recorded_by
        )


@pytest.mark.rule("DEC-01")
def test_a_worker_that_is_killed_and_tries_again_leaves_one_sheet_with_one_content(decision, monkeypatch, drain_outbox):
    message = OutboxMessage.objects.get(topic="evaluation.decision_sheet")
    from evaluation import tasks

    def killed(*args, **kwargs):
        raise RuntimeError("killed after rendering")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.sheets, "made", killed)
        with pytest.raises(RuntimeError):
            drain_outbox()
    assert DecisionSheet.objects.get().made_at is None
    tasks.make_decision_sheet(message)
    first = DecisionSheet.objects.get()
    tasks.make_decision_sheet(message)
    assert DecisionSheet.objects.get().file_id == first.file_id
    assert document.attached_content(read_bytes(first.file)) == canonical(first.snapshot)


def test_the_pdf_is_tagged_titled_in_dutch_and_says_which_standards_it_keeps(made):
    with pikepdf.open(BytesIO(read_bytes(made.file))) as pdf:
        root, metadata = pdf.Root, pdf.Root.Metadata.read_bytes().decode()
        assert bool(root.MarkInfo.Marked) is True
        assert str(root.Lang) == "nl"
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True
        assert "/StructTreeRoot" in root
        assert list(pdf.attachments) == ["projectfiche.json"]
        assert str(root.AF[0].AFRelationship) == "/Source"
        with pdf.open_metadata() as xmp:
            assert xmp["pdfaid:part"] == "3"
            assert xmp["pdfaid:conformance"] == "A"
            assert xmp["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
            assert "Projectfiche" in str(xmp["dc:title"])
        assert "PDF/UA Universal Accessibility Schema" in metadata


def test_invariants_hold_and_see_a_sheet_that_differs(made):
    names = {"decision sheets equal their record", "no score by a conflicted person"}
    assert [breach for breach in breaches() if breach[0] in names] == []


@pytest.mark.rule("DEC-01")
class TestChecking:
    def test_by_code_however_it_is_typed(self, made):
        typed = made.code.lower().replace("-", " ")
        assert sheets.check_code(typed).verdict == "valid"

    def test_an_unknown_code(self, made):
        assert sheets.check_code("2222-2222-2222").verdict == "unknown"

    def test_by_the_file_itself(self, made):
        data = read_bytes(made.file)
        assert sheets.check_file(file_sha256=hashlib.sha256(data).hexdigest()).verdict == "valid"

    def test_a_file_saved_again_is_not_what_we_handed_out(self, client, made):
        out = BytesIO()
        with pikepdf.open(BytesIO(read_bytes(made.file))) as pdf:
            pdf.docinfo["/Author"] = "Iemand anders"
            pdf.save(out)
        page = client.post("/fiche/controle/", {"file": SimpleUploadedFile("fiche.pdf", out.getvalue())})
        assert "Dit bestand is niet wat wij uitgaven" in page.content.decode()

    def test_a_sheet_that_a_review_replaced(self, made, drain_outbox, clock):
        clock.advance(days=40)
        first = made.decision
        later = released(first.application, amount="140000.00", supersedes=first)
        drain_outbox()
        checked = sheets.check_code(made.code)
        assert (checked.verdict, checked.replaced_by) == ("superseded", later.sheet.code)
        assert later.sheet.snapshot["supersedes"] == made.code

    def test_the_page_is_open_to_everyone(self, client, made):
        assert "Deze fiche is echt en geldig" in client.get(f"/fiche/controle/?code={made.code}").content.decode()
        page = client.post("/fiche/controle/", {"file": SimpleUploadedFile("fiche.pdf", read_bytes(made.file))})
        assert "tot op de letter gelijk" in page.content.decode()

    @pytest.mark.parametrize("content", [b"%PDF-1.7 onzin", b"\x00" * 300, b"PK\x03\x04"])
    def test_rubbish_is_unknown_and_never_an_error(self, client, made, content):
        page = client.post("/fiche/controle/", {"file": SimpleUploadedFile("x.pdf", content)})
        assert page.status_code == 200
        assert "Deze fiche kennen we niet" in page.content.decode()


@pytest.mark.rule("DEC-01")
class TestDownloading:
    def test_the_applicant_after_the_release(self, as_user, made):
        answer = as_user(made.decision.application.applicant.legal_representatives().get()).get(f"/fiche/{made.code}/")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[:5] == b"%PDF-"

    def test_another_applicant_and_an_expert_never(self, as_applicant, as_role, made):
        assert as_applicant().get(f"/fiche/{made.code}/").status_code == 404
        assert as_role(Role.EXPERT).get(f"/fiche/{made.code}/").status_code == 404

    def test_nobody_before_the_release(self, as_user, made):
        Decision.objects.filter(pk=made.decision_id).update(released_at=None, released_by=None)
        assert (
            as_user(made.decision.application.applicant.legal_representatives().get())
            .get(f"/fiche/{made.code}/")
            .status_code
            == 404
        )
        assert sheets.check_code(made.code).verdict == "unknown"
