"""Pages of one dossier with sixty letters and two hundred lines of budget, beside their floors (speed.md)."""

from decimal import Decimal

import pytest
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.utils.html import format_html

from applications.enums import ApplicationState as S
from applications.forms.drafts import SectionForm
from applications.models import Answer, Application, BudgetLine, Letter
from calls.models import Question
from tests.benchmarks.harness import quietest, report, rows_floor
from tests.factories.applications import ApplicationFactory, complete_full_dossier

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

LETTERS, LINES = 60, 200


@pytest.fixture
def dossier(clock):
    application = ApplicationFactory(state=S.P2_DRAFT)
    complete_full_dossier(application, letters_count=LETTERS)
    upload = application.budget_uploads.get()
    there = upload.lines.count()
    BudgetLine.objects.bulk_create(
        BudgetLine(
            upload=upload, project_year=1 + serial % 3, cost_type="operating", description=f"Kost {serial}", amount=Decimal(1)
        )
        for serial in range(LINES - there)
    )  # fmt: skip
    return application


def _rows(dossier):
    lines = BudgetLine.objects.filter(upload__application=dossier)
    yield from lines.values_list("project_year", "cost_type", "description", "person_months", "amount", "motivation")
    letters = Letter.objects.filter(application=dossier).select_related("signed_file__blob")
    yield from letters.values_list("company_name", "enterprise_number", "postcode", "municipality", "signed_file__name")


@pytest.mark.parametrize(
    ("part", "most"), [("", 8), ("begroting/", 8), ("brieven/", 8), ("bijlagen/", 8), ("team/", 8)]
)
def test_a_page_of_a_dossier(client, dossier, part, most):
    client.force_login(dossier.colleague)
    found = quietest(client, f"/dossiers/{dossier.number}/{part}", floor=rows_floor(lambda: _rows(dossier)))
    report(f"dossier, {part}", {1: found})
    assert found.page.queries <= most
    assert found.page.repeated == 0
    assert found.ratio <= 3


def bare_form(dossier, section, *, asks_whose=True):
    """The same form as a bare view gives it: the questions, the answers with who saved them, the fields as Django renders them, the token.

    `asks_whose` reads the dossier as well, from what this person may write: no page shows a form before it knows that.
    """
    django_renders = DjangoTemplates()

    def view(request: HttpRequest) -> HttpResponse:
        found = dossier
        if asks_whose:
            own = Application.objects.written_by_person(request.user.pk, request.user.organisation_ids)
            found = own.only("title", "call").get(number=dossier.number)
        questions = list(Question.objects.filter(section=section).order_by("position"))
        saved = Answer.objects.filter(application=found, question__in=questions).select_related("saved_by")
        answers = {answer.question_id: answer for answer in saved}
        form = SectionForm(None, None, questions=questions, answers=answers, renderer=django_renders)
        page = "<!doctype html><title>{}</title><form method=post>{}{}<button>Bewaar</button></form>"
        return HttpResponse(format_html(page, found.title, csrf_input(request), form))

    return view


def test_the_form_of_a_section(client, dossier):
    section = dossier.call.sections.filter(phase=2).order_by("position")[2]
    client.force_login(dossier.colleague)
    address = f"/dossiers/{dossier.number}/onderdeel/{section.code}/"
    found = quietest(client, address, floor=bare_form(dossier, section))
    alone = quietest(client, address, floor=bare_form(dossier, section, asks_whose=False))
    report("dossier, a section's form", {1: found})
    report("the same, whoever's dossier", {1: alone})
    assert found.page.queries <= 7
    assert found.page.repeated == 0
    assert found.ratio <= 1.6
