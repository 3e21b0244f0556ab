"""What a test gets back of an earlier one is what the domain made then, and only where it would make the same again."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from applications.models import Application
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.files import store
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import INSTALLED_AT, CallFactory, install_call
from tests.factories.core import OrganisationFactory
from tests.factories.remembered import forget_the_test, may_pass_over_triggers, remembered


@pytest.fixture(autouse=True)
def _allowed(db):
    if not may_pass_over_triggers():
        pytest.skip("This server does not allow it; every test makes its own.")


class Once:
    """Counts how often the domain had to do the work."""

    def __init__(self, make):
        self.times, self._make = 0, make

    def __call__(self):
        self.times += 1
        return self._make()


def everything() -> dict[str, list[tuple]]:
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed:
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
                found[model._meta.db_table] = cursor.fetchall()
    return found


def as_another_test(ask):
    """What `ask` gets and what the database holds then; undone, as after a test."""
    forget_the_test()
    with transaction.atomic():
        made = ask()
        held = everything()
        transaction.set_rollback(True)
    return made, held


def test_what_comes_back_is_every_row_that_was_made(settings, tmp_path):
    make = Once(lambda: ApplicationFactory.create(title="Herinnerd", state="p2_evaluation", letters=2))
    first, rows = as_another_test(lambda: remembered(("a dossier", "of this test"), make, at=INSTALLED_AT))
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    again, rows_again = as_another_test(lambda: remembered(("a dossier", "of this test"), make, at=INSTALLED_AT))
    assert make.times == 1
    assert rows_again == rows
    assert len(rows["applications_application"]) == 1
    assert len(rows["applications_letter"]) == 2
    assert all(store.path_of(sha256).exists() for sha256, *_ in rows["files_blob"])
    assert first.title == again.title == "Herinnerd"


def test_asked_for_twice_these_are_two():
    one, other = ApplicationFactory(state="p1_submitted"), ApplicationFactory(state="p1_submitted")
    assert one.pk != other.pk
    assert one.applicant_id != other.applicant_id
    assert Application.objects.count() == 2


def test_another_row_in_a_call_has_the_work_done_again():
    make = Once(OrganisationFactory)
    install_call("2025")
    as_another_test(lambda: remembered(("changed call",), make, at=INSTALLED_AT))

    def with_another_call():
        CallFactory()
        return remembered(("changed call",), make, at=INSTALLED_AT)

    as_another_test(with_another_call)
    assert make.times == 2


def test_what_alters_a_row_that_stood_already_is_made_each_time():
    OrganisationFactory(name="Stond er al")

    def alter():
        Organisation.objects.filter(name="Stond er al").update(municipality="Aalst")
        return OrganisationFactory()

    make = Once(alter)
    for _ in range(2):
        as_another_test(lambda: remembered(("alters",), make, at=INSTALLED_AT))
    assert make.times == 2


def test_what_leans_on_a_row_of_the_test_is_made_each_time():
    install_call("2025")
    applicant = OrganisationFactory(legal_form="vzw")
    make = Once(lambda: ApplicationFactory(applicant=applicant))
    for _ in range(2):
        as_another_test(lambda: remembered(("leans",), make, at=INSTALLED_AT))
    assert make.times == 2
