"""The factories reach every state through the domain, and what they make is admissible."""

from io import BytesIO

import pytest
from django.forms import model_to_dict
from openpyxl import load_workbook

from applications.documents import budget_workbook
from applications.domain import admissibility, budget
from applications.enums import ApplicationState
from ibnportal.core.files import store
from tests.factories.applications import (
    BY_THE_DOMAIN,
    PHASE1_AT,
    PHASE2_AT,
    ApplicationFactory,
    add_letters,
    budget_upload,
    fill_budget,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ApplicationState.values)
def test_every_state_is_reached(state):
    assert ApplicationFactory(state=state, letters=1).state == state


def test_a_full_pre_registration_meets_every_criterion():
    application = ApplicationFactory(state="p1_submitted")
    assert [(check.rule_id, check.outcome) for check in admissibility.examine(application, 1, at=PHASE1_AT)] == [
        ("P1-ADM-01", "yes"), ("P1-ADM-02", "yes"), ("P1-ADM-03", "yes"),
    ]  # fmt: skip


def test_a_full_dossier_meets_every_criterion():
    application = ApplicationFactory(state="p2_submitted")
    checks = admissibility.examine(application, 2, at=PHASE2_AT)
    assert [check.rule_id for check in checks if check.outcome != "yes"] == []
    assert len(checks) == 10


def test_what_is_made_as_rows_is_as_the_domain_makes_it():
    """Letters and answers in bulk differ from those that a person adds in nothing but whose they are."""
    application = ApplicationFactory(state="p1_draft")
    made = add_letters(application, BY_THE_DOMAIN + 1)
    theirs, ours = (letter.__class__.objects.get(pk=letter.pk) for letter in (made[0], made[-1]))
    own = {"id", "company_name", "enterprise_number", "contact_email", "street", "signed_file"}
    assert model_to_dict(theirs, exclude=own) == model_to_dict(ours, exclude=own)
    assert (theirs.added_by, theirs.added_at) == (ours.added_by, ours.added_at)
    assert (
        len({letter.enterprise_number for letter in made}) == len({letter.signed_file.sha256 for letter in made}) == 3
    )
    assert model_to_dict(theirs.signed_file, exclude=["id", "name", "blob", "stored_at"]) == model_to_dict(
        ours.signed_file, exclude=["id", "name", "blob", "stored_at"]
    )
    assert store.read_bytes(ours.signed_file).startswith(b"%PDF")

    full = ApplicationFactory(state="p1_submitted")
    texts = [answer for answer in full.answers.order_by("pk") if answer.file_id is None]
    first, last = texts[0], texts[-1]
    own = {"id", "question", "value"}
    assert model_to_dict(first, exclude=own) == model_to_dict(last, exclude=own)
    versions = [model_to_dict(answer.versions.get(), exclude=["id", "answer", "value"]) for answer in (first, last)]
    assert versions[0] == versions[1]
    assert last.versions.get().value == last.value


def test_the_workbook_of_a_dossier_is_the_one_that_the_portal_would_make():
    application = ApplicationFactory(state="p2_draft", title="Deeltjes & <velden>")
    whole = fill_budget(
        budget_workbook.build(
            budget.expected(application), title=application.title, applicant=application.applicant.name
        )
    )
    quick = budget_upload(application).read()
    cells, others = (
        [(cell.coordinate, cell.value) for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows() for cell in row]
        for content in (whole, quick)
    )  # fmt: skip
    assert cells == others
    marks, other_marks = ({prop.name: prop.value for prop in load_workbook(BytesIO(content)).custom_doc_props.props} for content in (whole, quick))  # fmt: skip
    assert marks == other_marks
